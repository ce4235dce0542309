"""The learner's folder of lessons in another language: written once, brought up to date, never over their own work."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import course
from helpers import language, lessons, translation
from tests.support import ROOT

FIRST = "00_start_here"


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A course with one lesson, whose folder of Chinese lessons is empty."""
    for module in (language, lessons, translation):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "ENGLISH", tmp_path / "notebooks")
    (tmp_path / "notebooks").mkdir()
    for name in (f"{FIRST}.ipynb", "matplotlibrc"):
        shutil.copy(ROOT / "notebooks" / name, tmp_path / "notebooks")
    place = language.place(FIRST, "zh")
    place.parent.mkdir(parents=True)
    shutil.copy(ROOT / place.relative_to(tmp_path), place)
    language.translations.cache_clear()
    yield tmp_path / "notebooks_zh"
    language.translations.cache_clear()


def change_the_lesson(home):
    path = home.parent / "notebooks" / f"{FIRST}.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("70,000 grey images", "70,001 grey images"), "utf-8")


def test_lessons_are_written_in_chinese_with_what_their_figures_need(home):
    assert lessons.write("zh") == []
    assert {path.name for path in home.iterdir()} == {f"{FIRST}.ipynb", "matplotlibrc", lessons.RECORD}
    content = json.loads((home / f"{FIRST}.ipynb").read_text(encoding="utf-8"))
    assert content == translation.notebook(FIRST, "zh")
    assert "从这里开始" in content["cells"][0]["source"][0]


def test_what_has_not_changed_is_not_written_again(home, monkeypatch):
    lessons.write("zh")
    monkeypatch.setattr(translation, "notebook", lambda *arguments: pytest.fail("made again"))
    before = {path: path.stat().st_mtime_ns for path in home.iterdir()}
    assert lessons.write("zh") == []
    assert {path: path.stat().st_mtime_ns for path in home.iterdir()} == before


def test_what_figures_need_is_brought_up_to_date_even_where_no_lesson_has_changed(home):
    lessons.write("zh")
    (home.parent / "notebooks" / "matplotlibrc").write_text("figure.dpi: 96\n", encoding="utf-8")
    assert lessons.write("zh") == []
    assert (home / "matplotlibrc").read_text(encoding="utf-8") == "figure.dpi: 96\n"
    assert {path.name for path in home.iterdir()} == {f"{FIRST}.ipynb", "matplotlibrc", lessons.RECORD}


def test_a_lesson_that_nobody_touched_is_brought_up_to_date(home):
    lessons.write("zh")
    change_the_lesson(home)
    assert lessons.write("zh") == []
    assert "70,001 grey images" in (home / f"{FIRST}.ipynb").read_text(encoding="utf-8")  # not translated yet


def test_a_lesson_that_the_learner_changed_stays_and_the_new_one_is_put_beside_it_once(home):
    lessons.write("zh")
    own = home / f"{FIRST}.ipynb"
    mine = own.read_text(encoding="utf-8").replace("从这里开始", "我的笔记")
    own.write_text(mine, encoding="utf-8")
    assert lessons.write("zh") == []  # nothing new
    change_the_lesson(home)
    (said,) = lessons.write("zh")
    assert "the new one is 00_start_here.2.ipynb" in said
    assert own.read_text(encoding="utf-8") == mine
    assert "70,001 grey images" in (home / f"{FIRST}.2.ipynb").read_text(encoding="utf-8")
    assert lessons.write("zh") == []
    assert own.read_text(encoding="utf-8") == mine


def test_a_lesson_that_another_version_makes_the_same_is_not_put_beside_a_changed_one(home, monkeypatch):
    lessons.write("zh")
    (home / f"{FIRST}.ipynb").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(lessons, "_sources", lambda *arguments: [b"made in another way"])
    assert lessons.write("zh") == []
    assert (home / f"{FIRST}.ipynb").read_text(encoding="utf-8") == "mine"
    assert len(list(home.glob("*.ipynb"))) == 1


def test_the_lab_writes_the_lessons_and_opens_the_first_of_them(monkeypatch):
    commands = []
    monkeypatch.setenv("COURSE_LANGUAGE", "en")
    monkeypatch.setattr(course, "set_up", lambda *lists: None)
    monkeypatch.setattr(course, "run", lambda command, **options: commands.append(command) or 0)
    course.main(["lab", "--language", "zh"])
    write, lab = commands
    assert write == ["helpers.lessons", "zh"]
    assert lab[1] == "notebooks_zh/00_start_here.ipynb"
    assert course.environment()["COURSE_LANGUAGE"] == "zh"


@pytest.mark.parametrize(("language", "locale"), [("zh", "zh_CN"), ("en", "en")])
def test_the_lab_speaks_as_the_lessons_do_whatever_the_system_speaks(language, locale, monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", language)
    with course.own_settings() as variables:
        own, both = variables["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert both == str(ROOT / "jupyter")
    text = Path(own, "labconfig", "default_setting_overrides.json").read_text(encoding="utf-8")
    assert json.loads(text)["@jupyterlab/translation-extension:plugin"] == {"locale": locale}


@pytest.mark.parametrize("lesson", [FIRST, "04_autograd"])
def test_a_lesson_in_chinese_runs_and_gives_what_it_carries(lesson, tmp_path):
    path = tmp_path / f"{lesson}.ipynb"
    path.write_text(json.dumps(translation.notebook(lesson, "zh")), encoding="utf-8")
    shutil.copy(ROOT / "notebooks" / "matplotlibrc", tmp_path)
    strictly = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, f"--rootdir={tmp_path}", *strictly, str(path)]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | {"COURSE_LANGUAGE": "zh"}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
