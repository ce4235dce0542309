"""Exercises with feedback that names the misconception.

In a lesson: `check("sgd.steps", answer)`, `hint("sgd.steps")`, `solution("sgd.steps")`, and `progress()` at its end.
The exercises themselves are data: one file per lesson beside this one, each with a list `EXERCISES`.
"""

import importlib
import inspect
import pkgutil
import textwrap

from helpers import translation
from helpers.exercises import done
from helpers.exercises.judging import difference, matches, observe, wrong_way
from helpers.exercises.task import Exercise, Feedback, Text, Wrong
from helpers.exercises.ways import AFFINE, WrongWay, by_relus, calls, operations
from helpers.language import language, spoken

__all__ = [
    "AFFINE",
    "Exercise",
    "Feedback",
    "Wrong",
    "WrongWay",
    "by_relus",
    "calls",
    "check",
    "every",
    "find",
    "hint",
    "in_lesson",
    "judge",
    "operations",
    "progress",
    "solution",
]

_hints_given: dict[str, int] = {}


def check(name, answer):
    """Judge an answer: not tried, right, or not yet, with the misconception where it is known.

    Args:
        name: the exercise, such as "sgd.steps".
        answer: the learner's value or function; `...` stands for not tried.

    Returns:
        Feedback, whatever the answer is and does; only Ctrl+C, or an answer that raises the same, gets through.
        An answer that is right is remembered on this machine, see `progress`.
    """
    exercise = find(name)
    if answer is ...:
        return Feedback("not tried", _stuck(exercise))
    expected = observe(exercise, exercise.solution)  # first: what an answer does can't change it any more
    feedback = judge(exercise, observe(exercise, answer, learners=True), expected)
    if feedback:
        done.remember(name)
    return feedback


def judge(exercise, given, expected):
    """Give feedback on what an answer showed, beside what the solution shows: two lists from `observe`."""
    if all(seen.is_blank() for seen in given):
        return Feedback("not tried", _stuck(exercise))
    if matches(exercise, given, expected):
        way = wrong_way(given)
        return Feedback("not yet", way) if way else Feedback("right", exercise.why)
    for wrong in exercise.wrongs:
        if matches(exercise, given, observe(exercise, wrong.answer)):
            return Feedback("not yet", wrong.feedback)
    return Feedback("not yet", f"{difference(exercise, given, expected)} {_stuck(exercise)}".strip())


def hint(name):
    """Show the hints of an exercise so far, one more at each call."""
    exercise = find(name)
    _hints_given[name] = min(_hints_given.get(name, 0) + 1, len(exercise.hints))
    shown = exercise.hints[: _hints_given[name]]
    line = spoken("Hint {i} of {n}: {text}")
    lines = [line.format(i=i, n=len(exercise.hints), text=text) for i, text in enumerate(shown, 1)]
    return Text("\n".join(lines))


def solution(name):
    """Show the task, one solution and why it is right."""
    exercise = find(name)
    if callable(exercise.solution):
        shown = textwrap.dedent(inspect.getsource(exercise.solution))
    else:
        shown = f"{exercise.solution}\n"
    levels = {
        "easy": spoken("easy"),
        "medium": spoken("medium"),
        "hard": spoken("hard"),
    }
    about = spoken("({level}, {n} min)").format(level=levels[exercise.difficulty], n=exercise.minutes)
    return Text(f"{exercise.task} {about}\n\n{shown}\n{exercise.why}")


def progress():
    """Show all lessons with their exercises, and which of them were right on this machine once."""
    right = done.right()
    lines = []
    for lesson in _lessons():
        marks = " ".join("✓" if exercise.name in right else "·" for exercise in in_lesson(lesson))
        lines.append(translation.row(lesson, language()) + marks)
    names = [exercise.name for exercise in every()]
    summary = spoken("{right} of {all} exercises are right so far").format(
        right=len(right.intersection(names)), all=len(names)
    )
    return Text("\n".join([summary, *lines]))


def every():
    """List all exercises of all lessons."""
    return [exercise for lesson in _lessons() for exercise in in_lesson(lesson)]


def in_lesson(lesson):
    """List the exercises of one lesson, such as "01_minibatch_sgd", in its order."""
    return translation.exercises(importlib.import_module(f"{__name__}.lesson_{lesson}").EXERCISES, lesson)


def _lessons():
    names = [info.name for info in pkgutil.iter_modules(__path__)]
    return sorted(name.removeprefix("lesson_") for name in names if name.startswith("lesson_"))


def find(name):
    """Return the exercise of that name; raise ValueError if there is none."""
    names = {exercise.name: exercise for exercise in every()}
    if not isinstance(name, str) or name not in names:
        told = spoken("there is no exercise {name}; the exercises are {names}")
        raise ValueError(told.format(name=repr(name), names=", ".join(sorted(names))))
    return names[name]


def _stuck(exercise):
    return spoken("Stuck? {hint}").format(hint=f"hint({exercise.name!r})")
