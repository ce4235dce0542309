"""Teaching notes: what a note names is in its lesson, and its minutes add up."""

import re

import nbformat
import pytest

from helpers.exercises import every, in_lesson
from tests.support import LESSONS, ROOT

NOTES = ROOT / "classroom" / "notes"
PARTS = ("## 45 minutes", "## 90 minutes", "## Homework", "## When time is short")
lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def note(path):
    return (NOTES / f"{path.stem}.md").read_text(encoding="utf-8")


def part(text, heading):
    """Return the lines of a note under a heading."""
    return text.partition(f"{heading}\n")[2].partition("\n## ")[0]


def test_every_lesson_has_one_note():
    assert sorted(file.stem for file in NOTES.glob("*.md")) == [path.stem for path in LESSONS]


@lesson
def test_a_note_is_a_page_with_all_its_parts(path):
    text = note(path)
    number = int(path.stem[:2])
    assert text.startswith(f"# Lesson {number} · ")
    assert [line for line in text.splitlines() if line in PARTS] == list(PARTS)
    assert "misconceptions" in text
    assert "ask" in text
    assert 400 < len(text.split()) < 850


@lesson
def test_what_a_note_names_is_in_the_lesson(path):
    """«…» names a heading, and code names an exercise, a slider or what stands in a cell."""
    cells = nbformat.read(path, as_version=4).cells
    sources = "\n".join(cell.source for cell in cells)
    headings = re.findall(r"^#+ (.+)$", sources, re.MULTILINE)
    exercises = {exercise.name for exercise in in_lesson(path.stem)}
    others = {exercise.name for exercise in every()} - exercises
    text = " ".join(note(path).split())  # a name may run on in the next line
    named = re.findall("«([^»]+)»", text)
    assert [name for name in named if name not in headings] == []
    code = set(re.findall(r"`([^`]+)`", text)) - {"course.py lab"}
    assert code & exercises
    assert code & others == set()
    assert sorted(word for word in code - exercises if word not in sources) == []


@lesson
def test_the_minutes_of_a_plan_add_up(path):
    for minutes in (45, 90):
        plan = re.findall(r"^- (.+)", part(note(path), f"## {minutes} minutes"), re.MULTILINE)
        assert sum(int(re.match(r"(\d+): \S", line)[1]) for line in plan) == minutes


@lesson
def test_homework_tells_the_minutes_of_the_exercises(path):
    own = {exercise.name: exercise.minutes for exercise in in_lesson(path.stem)}
    told = re.findall(r"^- `([\w.]+)`, (\d+) min", part(note(path), "## Homework"), re.MULTILINE)
    assert len(told) >= 2
    assert {name: int(minutes) for name, minutes in told}.items() <= own.items()
