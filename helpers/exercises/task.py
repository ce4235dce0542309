"""What an exercise is, and what the learner gets to read."""

import html
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from helpers.language import spoken


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that learners give, and the sentence that helps who gave it."""

    answer: Any
    feedback: str


@dataclass(frozen=True)
class Exercise:
    """One task and how to judge it.

    Attributes:
        name: "lesson.task", as the learner writes it.
        difficulty: "easy", "medium" or "hard".
        minutes: how long it takes.
        task: what is asked, one sentence.
        solution: the right answer: a value, or a function if the learner writes a function.
        why: why it is right, shown with the praise and with the solution.
        hints: from a nudge to nearly the answer.
        wrongs: answers with a known misconception, values or functions like the solution.
        inputs: for a function, makes a fresh list of argument tuples that it is called with; answers are
            told apart by what they return, so each mistake must return something of its own.
        tolerance: largest accepted relative difference; by default 1e-4 where the solution is a float, and
            none where it is an int: whoever counts is right or not.
        way: where the way is the task, makes a context manager for each call of a learner's function, which
            raises `WrongWay` if the way was another one; see `helpers.exercises.ways`.
        tensors: True if what a function returns must be tensors, because that is the task; otherwise lists, tuples and
            arrays of the same numbers are as good.
        names: names of the parts of the answer, if a dict with them is as good as a tuple in this order.
        rights: more right answers, other forms or other implementations, that tests hold to pass.
        refused: more wrong answers, without a sentence of their own, that tests hold not to pass.
    """

    name: str
    difficulty: str
    minutes: int
    task: str
    solution: Any
    why: str
    hints: tuple[str, ...]
    wrongs: tuple[Wrong, ...] = ()
    inputs: Callable[[], list[tuple]] | None = None
    tolerance: float | None = None
    way: Callable[[], AbstractContextManager] | None = None
    tensors: bool = False
    names: tuple[str, ...] = ()
    rights: tuple = ()
    refused: tuple = ()


@dataclass(frozen=True)
class Feedback:
    """What `check` says; `verdict` is "right", "not yet" or "not tried". It is true if the answer is right."""

    verdict: str
    text: str

    def __bool__(self):
        return self.verdict == "right"

    def __repr__(self):
        signs = {
            "right": spoken("✓ Right."),
            "not yet": spoken("✗ Not yet."),
            "not tried": spoken("○ Not tried yet."),
        }
        return f"{signs[self.verdict]} {self.text}"

    def _repr_html_(self):
        color = {"right": "#009E73", "not yet": "#D55E00", "not tried": "#777777"}[self.verdict]
        text = html.escape(repr(self))
        return f'<div style="border-left: 4px solid {color}; padding-left: 8px">{text}</div>'


@dataclass(frozen=True)
class Text:
    """Plain text as the result of a cell."""

    text: str

    def __repr__(self):
        return self.text
