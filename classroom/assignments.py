"""Make nbgrader assignments of the exercises of lessons: `python -m classroom.assignments FOLDER LESSON ...`

Each lesson, such as 01_minibatch_sgd or just 1, becomes an assignment of its own in the folder, which is laid out as
nbgrader's courses are. Then, in that folder: `nbgrader generate_assignment 01_minibatch_sgd`, and so on.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.exercises import in_lesson

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
POINTS = {"easy": 1, "medium": 2, "hard": 3}
ASKED = re.compile(r'^check\("(?P<exercise>[\w.]+)", (?P<answer>\w+)\)$', re.MULTILINE)

INTRODUCTION = """\
# {title}: exercises

Put your answers in place of the dots, and run the cells. What a text calls *above* stands in the lesson. `check` says
how an answer stands, and `hint({first!r})`, with an exercise's own name, helps. For the points your answers are checked
once more, after you have handed them in.

Keep the names of the answers. They may use all that the next cell imports, and what you define yourself."""

PREAMBLE = """\
import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.exercises import check, hint"""

CONFIG = """\
# nbgrader's settings for the assignments that classroom.assignments made. Yours may follow.
import sys

sys.path.insert(0, {root!r})  # the teacher's own copy of the course: answers are judged by it

from classroom.grading import judged

c = get_config()
c.CourseDirectory.course_id = "cnn_course"
c.ClearSolutions.code_stub = {{"python": ""}}  # the dots are there already
c.Autograde.autograde_preprocessors = judged()
"""


def main(arguments=None):
    """Write the assignments that the arguments name; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m classroom.assignments", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the nbgrader course; it need not exist")
    parser.add_argument("lessons", nargs="+", type=find_lesson, help="such as 01_minibatch_sgd, or just 1")
    options = parser.parse_args(arguments)
    try:
        for path in options.lessons:
            print(f"{write(path, options.folder)}: {sum(map(points, in_lesson(path.stem)))} points")
        configure(options.folder)
    except OSError as error:
        print(f"error: {error.filename} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def find_lesson(name):
    """Return the notebook of a lesson, from its name or number."""
    found = [path for path in LESSONS if name in (path.stem, path.stem[:2], path.stem[:2].lstrip("0") or "0")]
    if not found:
        raise argparse.ArgumentTypeError(f"there is no lesson {name!r}: give a number from 0 to {len(LESSONS) - 1}")
    return found[0]


def points(exercise):
    """Return what an exercise is worth."""
    return POINTS[exercise.difficulty]


def write(lesson, folder):
    """Write the assignment of a lesson and return its path; raise FileExistsError rather than overwrite a teacher's."""
    path = folder / "source" / lesson.stem / lesson.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "x", encoding="utf-8") as file:
        nbformat.write(assignment(lesson), file)
    return path


def configure(folder):
    """Write nbgrader's settings into the folder unless there are some."""
    path = folder / "nbgrader_config.py"
    text = CONFIG.format(root=str(ROOT))
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    elif "classroom.grading" not in path.read_text(encoding="utf-8"):
        print(f"{path} is yours and stays; please put these lines into it:\n\n{text}")


def assignment(lesson):
    """Return the teacher's notebook of an assignment, with solutions and tests between nbgrader's marks."""
    source = nbformat.read(lesson, as_version=4)
    title = source.cells[0].source.splitlines()[0].lstrip("# ")
    cells = [
        new_markdown_cell(INTRODUCTION.format(title=title, first=in_lesson(lesson.stem)[0].name), id="introduction")
    ]
    cells.append(new_code_cell(PREAMBLE, id="names", metadata=metadata("names", locked=True)))
    exercises = {exercise.name: exercise for exercise in in_lesson(lesson.stem)}
    for task, cell in zip(source.cells, source.cells[1:], strict=False):
        if asked := ASKED.search(cell.source):
            cells += exercise_cells(task.source, cell.source, asked, exercises[asked["exercise"]])
    return new_notebook(cells=cells, metadata={"kernelspec": source.metadata.kernelspec})


def exercise_cells(task, cell, asked, exercise):
    """Return the cells of one exercise: the task, the learner's answer and the test."""
    name, grade_id = exercise.name, exercise.name.replace(".", "_")
    task = task[task.rindex("\n\n**") + 2 :] if "\n\n**" in task else task  # without the lesson's own introduction
    answer = cell[: asked.start()].replace("from helpers.exercises import check, hint, solution", "").strip()
    solution = f"from helpers.exercises import find\n\n{asked['answer']} = find({name!r}).solution"
    answer = f"{answer}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION\n{asked[0]}"
    worth = f"{points(exercise)} point{'s' * (points(exercise) > 1)}"
    test = f"from helpers.exercises import check\n\nfeedback = {asked[0]}\nassert feedback, feedback"
    test = f"# {worth}, counted after you have handed it in\n### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
    given, graded = metadata(f"{grade_id}_answer", solution=True), metadata(grade_id, True, points=points(exercise))
    return [
        new_markdown_cell(task, id=f"{grade_id}_task"),
        new_code_cell(answer, id=f"{grade_id}_answer", metadata=given),
        new_code_cell(test, id=grade_id, metadata=graded),
    ]


def metadata(grade_id, grade=False, solution=False, locked=None, **points):
    """Return nbgrader's metadata of a code cell; what is graded is locked."""
    locked = grade if locked is None else locked
    marks = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution, "locked": locked}
    return {"nbgrader": {**marks, "task": False, "cell_type": "code", **points}}


if __name__ == "__main__":
    sys.exit(main())
