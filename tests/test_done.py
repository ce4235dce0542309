"""What is remembered of right answers, and the map of them."""

import json
import multiprocessing
import os
import re

import pytest

from helpers import cli, exercises
from helpers.exercises import check, done


@pytest.fixture
def file(monkeypatch, tmp_path):
    """Where right answers are remembered during a test."""
    path = tmp_path / "deep" / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


def test_tests_remember_nothing():
    assert done.place() is None
    assert check("sgd.steps", 469)
    assert done.right() == set()


def test_a_right_answer_is_remembered_for_good_and_others_are_not(file):
    check("sgd.limit", 2)
    check("sgd.steps", ...)
    assert not file.exists()
    check("sgd.steps", 469)
    check("start.guess", 4.605)
    check("sgd.steps", 468)
    assert json.loads(file.read_text()) == ["sgd.steps", "start.guess"]
    assert sorted(path.name for path in file.parent.iterdir() if path.suffix != ".lock") == ["progress.json"]


def remember_all(path, names):
    os.environ["COURSE_PROGRESS"] = str(path)
    done.PATIENCE = 30
    for name in names:
        done.remember(name)


def test_several_notebooks_at_once_lose_nothing(file):
    names = [f"{notebook}.{i}" for notebook in "abcd" for i in range(25)]
    spawn = multiprocessing.get_context("spawn")
    notebooks = [spawn.Process(target=remember_all, args=(file, names[i::4])) for i in range(4)]
    for notebook in notebooks:
        notebook.start()
    for notebook in notebooks:
        notebook.join()
    assert done.right() == set(names)


def test_a_write_that_fails_leaves_what_was_there(file, monkeypatch):
    check("sgd.steps", 469)

    def fail(*paths):
        raise OSError("disk full")

    monkeypatch.setattr(done.os, "replace", fail)
    assert check("start.guess", 4.605)
    assert done.right() == {"sgd.steps"}
    assert not list(file.parent.glob("*.part"))


@pytest.mark.parametrize("content", ["mine, no JSON", '{"a": 1}', "[1, 2]", "[" * 100_000, "\udcff"])
def test_a_file_of_something_else_stays_as_it_is(content, file):
    file.parent.mkdir()
    file.write_bytes(content.encode(errors="surrogateescape"))
    before = file.read_bytes()
    assert check("sgd.steps", 469)
    assert done.right() == set()
    assert file.read_bytes() == before


def test_an_empty_file_is_begun(file):
    file.parent.mkdir()
    file.touch()
    check("sgd.steps", 469)
    assert done.right() == {"sgd.steps"}


def test_where_nothing_can_be_written_the_verdict_stands(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    for impossible in (tmp_path, tmp_path / "file" / "progress.json"):
        monkeypatch.setenv("COURSE_PROGRESS", str(impossible))
        assert check("sgd.steps", 469)
        assert done.right() == set()


def test_nobody_waits_long_for_another_notebook(file, monkeypatch):
    monkeypatch.setattr(done, "PATIENCE", 0.05)
    file.parent.mkdir()
    with done.FileLock(f"{file}.lock"):
        assert check("sgd.steps", 469)
    assert done.right() == set()


def test_by_default_it_lies_with_the_data_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_PROGRESS")
    assert done.place().is_absolute()
    assert done.place().parts[-2:] == ("cnn-course", "progress.json")
    if os.name == "posix" and os.uname().sysname == "Linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert done.place() == tmp_path / "cnn-course" / "progress.json"


def test_the_map_shows_every_exercise_of_every_lesson(file, capsys):
    check("sgd.steps", 469)
    done.remember("of.another.version")
    count, *lessons = str(exercises.progress()).splitlines()
    names = [exercise.name for exercise in exercises.every()]
    assert count == f"1 of {len(names)} exercises are right so far"
    assert len(lessons) == 14
    assert re.fullmatch(r" +1 minibatch sgd +✓( ·)+", lessons[1])
    assert sum(line.count("·") for line in lessons) == len(names) - 1
    assert cli.main(["progress"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == [count, *lessons]
