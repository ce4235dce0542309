"""Homework: what learners get, and what a submission can do. The round trip through nbgrader is in test_grading.py."""

import json
import re

import nbformat
import pytest

from classroom import apart, assignments, wire
from helpers.exercises import Feedback, every, find, in_lesson
from helpers.exercises.judging import Seen, observe
from helpers.exercises.plain import Other, plain, same
from tests.support import LESSONS


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_each_exercise_becomes_a_task_an_answer_and_a_test(lesson):
    notebook = assignments.assignment(lesson)
    nbformat.validate(notebook)
    _, names, *cells = notebook.cells
    assert names.metadata.nbgrader.locked
    exercises = in_lesson(lesson.stem)
    for exercise, (task, answer, test) in zip(exercises, zip(*[iter(cells)] * 3, strict=True), strict=True):
        assert re.match(rf"\*\*\d\. .*\({exercise.difficulty}, {exercise.minutes} minutes?\)", task.source)
        assert answer.metadata.nbgrader.solution
        assert test.metadata.nbgrader.grade
        assert test.metadata.nbgrader.points == {"easy": 1, "medium": 2, "hard": 3}[exercise.difficulty]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_teachers_version_is_right_as_it_stands(lesson):
    names = {}
    for cell in assignments.assignment(lesson).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)


def test_a_lesson_is_named_or_numbered_and_others_are_told(capsys):
    for name in ("4", "04", "04_autograd"):
        assert assignments.find_lesson(name).stem == "04_autograd"
    with pytest.raises(SystemExit):
        assignments.main(["folder", "autograd"])
    assert "there is no lesson 'autograd': give a number from 0 to 13" in capsys.readouterr().err


def test_what_the_teacher_has_changed_stays(tmp_path, capsys):
    assert assignments.main([str(tmp_path), "1"]) == 0
    (config,) = tmp_path.glob("*.py")
    config.write_text("mine")
    assert assignments.main([str(tmp_path), "1"]) == 1
    assert "01_minibatch_sgd.ipynb cannot be written: File exists" in capsys.readouterr().err
    assert assignments.main([str(tmp_path), "2"]) == 0
    assert config.read_text() == "mine"
    assert "is yours and stays" in capsys.readouterr().out


@pytest.mark.parametrize("exercise", every(), ids=lambda exercise: exercise.name)
def test_what_an_answer_shows_comes_back_as_it_was(exercise):
    for seen in observe(exercise, exercise.solution):
        again = wire.from_json(json.loads(json.dumps(wire.to_json(seen))))
        assert same(again.value, seen.value)
        assert again.form == seen.form


def test_odd_values_come_back_and_nonsense_is_refused():
    odd = (1 + 2j, ..., None, {"a": (1.5, "x")}, float("inf"), True)
    assert wire.from_json(wire.to_json(Seen(value=plain(odd)))).value == plain(odd)
    assert type(wire.from_json(wire.to_json(Seen(value=Other("a set")))).value) is Other
    for nonsense in ({}, [], "x", {**wire.to_json(Seen()), "value": {"import": "os"}}, None):
        with pytest.raises(ValueError, match="no answer"):
            wire.from_json(nonsense)


SETUP = ["import os, sys, torch", "from helpers.exercises import check"]
RIGHT = "def answer(w, g, eta):\n    return w - eta * g.mean(0)"
REWRITTEN = """
import helpers.exercises as e
e.check = e.judge = e.judging.matches = lambda *a, **k: e.Feedback("right", "")
check = e.check
for module in list(sys.modules.values()):
    if hasattr(module, "Feedback"):
        module.Feedback.__bool__ = lambda self: True
answer = 5
"""
LOOP = "import time\nwhile True:\n    try:\n        while True: time.sleep(1)\n    except BaseException: pass"
FORGED = "for i in range(3, 20):\n    try: os.write(i, b'[true]\\n')\n    except OSError: pass\nos._exit(0)"
# What a submission may do in place of giving 1/3, and what is then said of it.
SLIPS = {
    "answer = 2": "That is enough for b",
    "exit()": "Not tried yet",
    "answer = float(open('data.txt').read())": "Not tried yet",
    "x = bytearray(10 ** 12)\nanswer = 1 / 3": "Not tried yet",
    "answer = = 1": "Not tried yet",
    "os.chdir('/')\nos.environ.clear()\nanswer = 'JUPYTERHUB_API_TOKEN'": "you gave text",
}
ENDS = {"os._exit(0)": "ended the program", LOOP: "more than 10 seconds"}
TRICKS = {REWRITTEN: "Not yet", FORGED: "nothing that can be judged"}


def verdicts(*codes, timeout=10):
    """Return the feedback on a submission: on something right, on each code, and on something right after it."""
    parts = [{"code": [RIGHT], "exercise": "sgd.step", "answer": "answer"}]
    for code in codes:
        parts += [{"code": ["del answer", code], "exercise": "sgd.limit", "answer": "answer"}, parts[0]]
    seen = apart.observed(SETUP, parts, timeout)
    return [apart.judge(part["exercise"], shown, timeout) for part, shown in zip(parts, seen, strict=True)]


@pytest.mark.parametrize("attacks", [SLIPS, ENDS], ids=["slips", "ends"])
def test_what_goes_wrong_in_one_answer_leaves_the_others(attacks):
    feedback = verdicts(*attacks)
    assert all(feedback[::2])
    for given, said in zip(feedback[1::2], attacks.values(), strict=True):
        assert said in repr(given)


@pytest.mark.parametrize("trick", TRICKS, ids=["rewrites check", "writes to all open files"])
def test_tricks_win_no_points(trick):
    before, given, _ = verdicts(trick)
    assert before
    assert TRICKS[trick] in repr(given)


@pytest.mark.skipif(not apart.bubblewrap_works(), reason="bubblewrap is not here")
def test_a_submission_sees_nothing_of_the_class_and_changes_nothing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # where nbgrader works
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    (tmp_path / "gradebook.db").write_text("others")
    target = apart.ROOT / "touched"
    unseen = f"not os.path.exists({str(tmp_path / 'gradebook.db')!r}) and 'JUPYTERHUB_API_TOKEN' not in os.environ"
    code = f"answer = 1 / 3 if {unseen} else 0\ntry: open({str(target)!r}, 'w')\nexcept OSError: pass\nelse: answer = 0"
    assert all(verdicts(code))
    assert not target.exists()


def test_the_feedback_on_a_submission_is_that_of_check():
    assert apart.judge("sgd.steps", [], 3) == Feedback("not tried", "Stuck? hint('sgd.steps')")
    exercise = find("sgd.steps")
    shown = [wire.to_json(seen) for seen in observe(exercise, 468, learners=True)]
    assert "468 full batches" in apart.judge("sgd.steps", shown, 3).text
    assert "nothing that can be judged" in apart.judge("sgd.steps", 5, 3).text
