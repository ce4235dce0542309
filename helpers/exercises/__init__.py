"""Exercises with feedback that names the misconception.

In a lesson: `check("sgd.steps", answer)`, `hint("sgd.steps")`, `solution("sgd.steps")`.
The exercises themselves are data: one file per lesson beside this one, each with a list `EXERCISES`.
"""

import html
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import torch


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
            told apart by what they return.
        tolerance: largest accepted difference, relative to the solution and absolute for those below 1.
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
    tolerance: float = 1e-4


@dataclass(frozen=True)
class Feedback:
    """What `check` says; `verdict` is "right", "not yet" or "not tried"."""

    verdict: str
    text: str

    def __repr__(self):
        sign = {"right": "✓ Right.", "not yet": "✗ Not yet.", "not tried": "○ Not tried yet."}[self.verdict]
        return f"{sign} {self.text}"

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


_hints_given: dict[str, int] = {}


def check(name, answer):
    """Judge an answer: not tried, right, or not yet, with the misconception where it is known.

    Args:
        name: the exercise, such as "sgd.steps".
        answer: the learner's value or function; `...` stands for not tried.

    Returns:
        Feedback, whatever the answer is and does.
    """
    exercise = find(name)
    if answer is ... or answer is None:
        return Feedback("not tried", _stuck(exercise))
    given = _observe(exercise, answer)
    if isinstance(given, Feedback):
        return given
    if given and all(value is None or value is ... for value in given):
        return Feedback("not tried", _stuck(exercise))
    expected = _observe(exercise, exercise.solution)
    if _same(given, expected, exercise.tolerance):
        return Feedback("right", exercise.why)
    for wrong in exercise.wrongs:
        if _same(given, _observe(exercise, wrong.answer), exercise.tolerance):
            return Feedback("not yet", wrong.feedback)
    return Feedback("not yet", _difference(exercise, given, expected))


def hint(name):
    """Show the hints of an exercise so far, one more at each call."""
    exercise = find(name)
    _hints_given[name] = min(_hints_given.get(name, 0) + 1, len(exercise.hints))
    shown = exercise.hints[: _hints_given[name]]
    lines = [f"Hint {i} of {len(exercise.hints)}: {text}" for i, text in enumerate(shown, 1)]
    return Text("\n".join(lines))


def solution(name):
    """Show the task, one solution and why it is right."""
    exercise = find(name)
    if callable(exercise.solution):
        shown = textwrap.dedent(inspect.getsource(exercise.solution))
    else:
        shown = f"{exercise.solution}\n"
    return Text(f"{exercise.task} ({exercise.difficulty}, {exercise.minutes} min)\n\n{shown}\n{exercise.why}")


def every():
    """List all exercises of all lessons."""
    return [exercise for lesson in _lessons() for exercise in in_lesson(lesson)]


def in_lesson(lesson):
    """List the exercises of one lesson, such as "01_minibatch_sgd", in its order."""
    return importlib.import_module(f"{__name__}.lesson_{lesson}").EXERCISES


def _lessons():
    return sorted(info.name.removeprefix("lesson_") for info in pkgutil.iter_modules(__path__))


def find(name):
    """Return the exercise of that name; raise ValueError if there is none."""
    names = {exercise.name: exercise for exercise in every()}
    if name not in names:
        raise ValueError(f"there is no exercise {name!r}; the exercises are {', '.join(sorted(names))}")
    return names[name]


def _stuck(exercise):
    return f"Stuck? hint({exercise.name!r})"


def _observe(exercise, answer):
    """Return what an answer shows of itself as a list: itself, or what it returns for each input."""
    if exercise.inputs is None:
        if callable(answer):
            return Feedback("not yet", "This asks for a value, but you gave a function: did you forget to call it?")
        return [answer]
    if not callable(answer):
        return Feedback("not yet", f"This asks for a function, but you gave {_brief(answer)}.")
    returned = []
    for arguments in exercise.inputs():
        try:
            returned.append(answer(*arguments))
        except Exception as error:
            call = ", ".join(_brief(argument) for argument in arguments)
            return Feedback("not yet", f"Called with ({call}), it raised {type(error).__name__}: {error}")
    return returned


def _same(given, expected, tolerance):
    """Compare two values of any kind: numbers and tensors by tolerance, the rest by equality."""
    try:
        if isinstance(given, (Fraction, Decimal)):
            given = float(given)
        if isinstance(expected, (str, bool, dict, set)) or expected is None:
            return type(given) is type(expected) and bool(given == expected)
        if isinstance(expected, (list, tuple)):
            return len(given) == len(expected) and all(
                _same(a, b, tolerance) for a, b in zip(given, expected, strict=True)
            )
        a, b = (torch.as_tensor(value).detach().double().cpu() for value in (given, expected))
        if isinstance(given, (str, bool)) or a.shape != b.shape:
            return False
        return bool(torch.isclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True).all())
    except Exception:  # an answer of a type that cannot be compared is not the same
        return False


def _difference(exercise, given, expected):
    """Say what is known of a wrong answer without giving the right one away."""
    where = ""
    for i, (value, right) in enumerate(zip(given, expected, strict=True)):
        if not _same(value, right, exercise.tolerance):
            if isinstance(value, str) and not isinstance(right, (str, list, tuple)):
                where = "You gave text: leave out the quotes. "
            if exercise.inputs is not None:
                arguments = ", ".join(_brief(argument) for argument in exercise.inputs()[i])
                where = f"Called with ({arguments}), it returned {_brief(value)}. "
            shape, needed = getattr(value, "shape", ()), getattr(right, "shape", ())
            if tuple(shape) != tuple(needed) and not isinstance(right, (list, tuple)):
                where += f"Its shape is {tuple(shape)}, expected {tuple(needed)}. "
            break
    return where + _stuck(exercise)


def _brief(value):
    """Show a value in few characters."""
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
