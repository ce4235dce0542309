"""Which language is chosen, that catalogs are read as Babel reads them, and that nothing is said in English alone."""

import ast
import os
import subprocess
import sys

import pytest
from babel.messages.pofile import read_po

import course
from helpers import cli, data, language, models, training
from helpers.explore import explore
from tests.support import ROOT
from tools import catalogs

CATALOGS = sorted((ROOT / "locale").rglob("*.po"))
ENGLISH_ALONE = {  # what a learner's own call cannot raise, or what is no sentence
    "helpers/exercises/done.py": ["holds no list of names"],  # caught where it is raised
    "tools/website/check.py": ["ms from a move"],  # these are for who changes the site
    "tools/website/pages.py": ["outcomes, but names", "was recorded in cell"],
    "tools/website/places.py": ["can't be recorded"],
    "tools/website/sizes.py": ["MB of"],
}


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_a_catalog_is_read_as_babel_reads_it(path):
    with path.open("rb") as file:
        theirs = {message.id: message.string for message in read_po(file) if message.string and not message.fuzzy}
    theirs.pop("", None)  # the header
    assert language.read(path) == theirs


def test_what_is_fuzzy_missing_or_obsolete_is_not_read(tmp_path):
    entries = [
        'msgid ""\nmsgstr ""\n"Language: zh_CN\\n"',
        'msgid "one"\nmsgstr "一"',
        '#, fuzzy, python-format\nmsgid "two"\nmsgstr "二"',
        'msgid "three"\nmsgstr ""',
        'msgid ""\n"a \\"long\\"\\n"\n"text"\nmsgstr ""\n"长"\n"文\\\\"',
        '#~ msgid "four"\n#~ msgstr "四"',
    ]
    (tmp_path / "a.po").write_text("\n\n".join(entries) + "\n", encoding="utf-8")
    assert language.read(tmp_path / "a.po") == {"one": "一", 'a "long"\ntext': "长文\\"}


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        ({}, "en"),
        ({"LANG": ""}, "en"),
        *[({"LANG": locale}, "zh") for locale in ("zh", "zh_CN.UTF-8", "zh_Hans_CN", "zh-CN", "ZH_cn.GBK", "zh_TW")],
        *[({"LANG": locale}, "en") for locale in ("C", "POSIX", "C.UTF-8", "en_US.UTF-8", "de_DE@euro", "zha_CN")],
        ({"LC_ALL": "", "LC_MESSAGES": "zh_HK", "LANG": "en_GB"}, "zh"),
        ({"LC_ALL": "zh_CN", "LC_MESSAGES": "en_US"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN", "LANGUAGE": "zh"}, "en"),
        ({"LANG": "en_US", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN", "LANGUAGE": "fr:en"}, "en"),
        ({"LANG": "zh_CN", "LANGUAGE": "fr"}, "zh"),
        ({"COURSE_LANGUAGE": "zh", "LC_ALL": "C", "LANGUAGE": "en"}, "zh"),
        ({"COURSE_LANGUAGE": "en", "LC_ALL": "zh_CN", "LANGUAGE": "zh"}, "en"),
        ({"COURSE_LANGUAGE": "fr", "LANG": "zh_CN"}, "en"),
    ],
)
def test_the_language_is_that_of_the_users_settings(settings, chosen, monkeypatch):
    monkeypatch.setattr(language, "_of_system", lambda: "")
    assert language.of_user(settings) == chosen


def test_where_no_variable_tells_the_system_does(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "check_output", lambda command: b"zh-Hans_CN\n")
    assert language.of_user({}) == "zh"
    assert language.of_user({"LANG": "en_US.UTF-8"}) == "en"


@pytest.mark.parametrize(
    ("arguments", "locale", "said"),
    [
        (["lab", "--port", "70000"], "zh_CN", "端口 70000 不能用"),
        (["lab", "--port", "70000", "--language=zh"], "en_US", "端口 70000 不能用"),
        (["--language", "zh", "lab", "--port", "70000"], "C", "端口 70000 不能用"),
        (["lab", "--port", "70000", "--language", "en"], "zh_CN", "Port 70000 cannot be used"),
        (["lab", "--language", "fr"], "zh_CN", "usage: course.py [--language {en,zh}]\ncourse.py: error: "),
    ],
)
def test_course_py_speaks_the_language_that_was_chosen(arguments, locale, said):
    run = start(*arguments, LANG=locale)
    assert run.returncode != 0
    assert run.stderr.startswith(said)


def test_course_py_explains_itself_in_chinese_also_where_it_may_not_look_beside_itself():
    run = start(LANG="zh_CN.UTF-8", PYTHONSAFEPATH="1")
    assert run.returncode == 2
    assert run.stdout.startswith("安装并运行这门课。")


def test_a_terminal_without_chinese_signs_gets_question_marks():
    run = start(LANG="zh_CN.UTF-8", PYTHONIOENCODING="ascii")
    assert run.returncode == 2
    assert "python3 course.py lab" in run.stdout
    assert "?" in run.stdout


def start(*arguments, **variables):
    """Run course.py with no settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "LANG", "LC_"))}
    command = [sys.executable, str(ROOT / "course.py"), *arguments]
    return subprocess.run(command, env={**kept, "PYTHONUTF8": "1", **variables}, capture_output=True, encoding="utf-8")


def test_without_catalogs_it_speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    monkeypatch.setattr(language, "ROOT", tmp_path)
    language.translations.cache_clear()
    assert course.cause(["No space left"]).startswith("the disk is full")
    language.translations.cache_clear()


@pytest.mark.parametrize("path", catalogs.SPEAKING, ids=lambda path: path.stem)
def test_nothing_is_said_in_english_alone(path):
    name = path.relative_to(ROOT).as_posix()
    said = [text for text in bare(path) if not any(part in text for part in ENGLISH_ALONE.get(name, ()))]
    assert not said, f"{name}: put these into spoken(...): {said}"


def bare(path):
    """Yield what a file raises or prints that is a text with words, and not in a call of `spoken`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if ast.unparse(node.exc.func) == "WrongWay":  # which `check` gives to `spoken`
                continue
            texts = node.exc.args[:1]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.exit", "fail", "say"):
            texts = node.args[:1]
        else:
            continue
        for text in texts:
            parts = [text] if isinstance(text, ast.Constant) else getattr(text, "values", [])
            words = "".join(part.value for part in parts if isinstance(getattr(part, "value", None), str))
            if any(letter.isalpha() for letter in words):
                yield ast.unparse(text)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda: data.fashion_mnist(examples=0), "examples 必须在 1 和 60000 之间，你给的是 0"),
        (lambda: data.loader([], 0), "batch_size 至少是 1，你给的是 0"),
        (lambda: models.alexnet(size=28), "AlexNet 有三次汇聚，size 至少要 65，你给的是 28"),
        (lambda: training.fit(None, [], None), "加载器是空的：请让它至少有一个批量"),
        (lambda: explore(print, None, caption=""), "experiment 必须是生成器函数"),
    ],
)
def test_errors_that_a_learner_meets_are_chinese(mistake, said, monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    with pytest.raises((ValueError, TypeError), match=said):
        mistake()


def test_the_command_line_is_chinese(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    monkeypatch.setattr(cli, "PACKAGES", ("no-such-package",))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    for words in ("缺少：没有安装 no-such-package：请再运行一次", "内存  ", "数据          不完整", "无法读取（"):
        assert words in printed
    assert printed.endswith("还没有就绪\n")
    assert cli.main(["train"]) == 1
    assert capsys.readouterr().err.startswith("错误：")
