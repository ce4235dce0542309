"""The round trip through the real nbgrader: released, handed in, autograded, with feedback."""

import os
import sys
from pathlib import Path

import nbformat
import pytest

from classroom import assignments
from helpers.exercises import in_lesson

pytest.importorskip("nbgrader", reason="nbgrader is not here: `.venv/bin/pip install -r requirements-class.txt`")

from nbgrader.apps import NbGraderAPI  # noqa: E402 (after the line above)
from nbgrader.coursedir import CourseDirectory  # noqa: E402
from traitlets.config import PyFileConfigLoader  # noqa: E402

LESSONS = ("01_minibatch_sgd", "04_autograd")
MISTAKES = {name: [exercise.wrongs[0] for exercise in in_lesson(name)] for name in LESSONS}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """A course of two assignments in nbgrader's hands, released."""
    folder = tmp_path_factory.mktemp("class")
    assert assignments.main([str(folder), *LESSONS]) == 0
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")  # it starts `alembic`
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        for lesson in LESSONS:
            done(api.generate_assignment(lesson))
        yield api


def done(result):
    assert result["success"], result.get("log") or result.get("error")


def release(api, lesson):
    return Path(api.coursedir.root, "release", lesson, f"{lesson}.ipynb")


def hand_in(api, student, lesson, answers):
    """Submit a released notebook with code in its answer cells, and return the scores and the feedback page."""
    notebook = nbformat.read(release(api, lesson), as_version=4)
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    for cell, code in zip(cells, answers, strict=bool(answers)):
        cell.source += f"\n{code(cell.source)}"
    path = Path(api.coursedir.root, "submitted", student, lesson, f"{lesson}.ipynb")
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    done(api.autograde(lesson, student))
    done(api.generate_feedback(lesson, student))
    with api.gradebook as gradebook:
        scores = [grade.auto_score for grade in gradebook.find_submission_notebook(lesson, lesson, student).grades]
    page = Path(api.coursedir.root, "feedback", student, lesson, f"{lesson}.html").read_text(encoding="utf-8")
    return scores, page


def answer(name, which):
    """Return code that answers an exercise by a solution or a known mistake: who hands it in has looked it up."""
    return lambda cell: f"import helpers.exercises as e\n{names(cell)} = e.find({name!r}).{which}"


def names(cell):
    return assignments.ASKED.search(cell)["answer"]


def test_what_learners_get_holds_no_answer(api):
    for lesson in LESSONS:
        text = release(api, lesson).read_text(encoding="utf-8")
        assert "check(" in text
        assert not any(word in text for word in ("SOLUTION", 'solution\\"', "HIDDEN", "assert", "find("))


@pytest.mark.parametrize("lesson", LESSONS)
def test_right_answers_get_all_points(api, lesson):
    scores, _ = hand_in(api, "right", lesson, [answer(e.name, "solution") for e in in_lesson(lesson)])
    assert sorted(scores) == sorted(map(assignments.points, in_lesson(lesson)))


@pytest.mark.parametrize("lesson", LESSONS)
def test_known_mistakes_get_none_and_their_own_sentence(api, lesson):
    scores, page = hand_in(api, "wrong", lesson, [answer(e.name, "wrongs[0].answer") for e in in_lesson(lesson)])
    assert set(scores) == {0}
    for mistake in MISTAKES[lesson]:
        assert "".join(mistake.feedback.split()[:4]) in "".join(page.split())


def test_nothing_gets_nothing(api):
    scores, page = hand_in(api, "empty", LESSONS[0], [])
    assert set(scores) == {0}
    assert page.count("Not tried yet") == len(scores)
