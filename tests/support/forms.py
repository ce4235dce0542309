"""Right and wrong answers that need no author: forms of a solution, and what is made wrong from it."""

import functools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch

from helpers.exercises.plain import plain


def right_values(solution):
    """Yield forms of a value: of a number, of a word, or of a sequence of either."""
    yield solution
    value = plain(solution)
    if isinstance(value, str):
        yield from (value.upper(), f" {value} ", [solution], np.array([solution]), np.str_(solution))
    elif isinstance(value, tuple) and isinstance(value[0], str):
        yield from (list(value), np.array(value), [f"{word.upper()} " for word in value], iter(value), tuple(solution))
    elif isinstance(value, tuple):
        yield from (
            list(value),
            np.array(value),
            torch.tensor(value, dtype=torch.float64),
            iter(value),
            tuple(solution),
        )
        yield [torch.tensor(part, dtype=torch.float64) for part in value]
    else:
        exact = torch.tensor(value, dtype=torch.float64)
        yield from (float(value), np.float64(value), exact, exact[None], exact[None, None], [value], np.array([value]))
        if math.isfinite(value):
            yield from (Fraction(value), Decimal(value))


def wrong_values(solution):
    """Yield what can't be right, made from a value: of another kind, of another shape, or changed a little."""
    value = plain(solution)
    yield from (object(), "no idea", math.nan, [solution, solution], {"answer": solution}, True, print, [[], []], b"1")
    for change in CHANGES:
        if change(value) != value:
            yield change(value)


def right_functions(exercise):
    """Yield forms of a function: what it returns in other forms, and what it does in double precision."""
    solution = exercise.solution
    forms = [lambda y: y, functools.partial(_each, lambda t: t.double()), functools.partial(_each, lambda t: t.clone())]
    if not any(callable(argument) for inputs in exercise.inputs() for argument in inputs):
        yield lambda *inputs: solution(*_each(lambda t: t.double() if t.is_floating_point() else t, inputs))
    if not exercise.tensors:
        forms += [_rows(list), _rows(tuple), _rows(iter)]
    if not (exercise.tensors or exercise.way):
        forms += [functools.partial(_each, torch.Tensor.numpy), functools.partial(_each, torch.Tensor.tolist)]
    for form in forms:
        yield lambda *inputs, form=form: form(solution(*inputs))


def wrong_functions(exercise):
    """Yield what can't be right, made from a function: nothing, errors, other kinds, or changed results."""
    solution, first = exercise.solution, exercise.solution(*exercise.inputs()[0])
    yield from (lambda *inputs: None, lambda *inputs: math.nan, lambda *inputs: 1 / 0, lambda *inputs: "no idea")
    yield from (lambda *inputs: first, lambda *inputs: solution, lambda *inputs: inputs, lambda: None, 1)
    yield lambda *inputs: [solution(*inputs)] * 2
    expected = [plain(solution(*inputs)) for inputs in exercise.inputs()]
    for change in CHANGES:
        if [change(value) for value in expected] != expected:
            yield lambda *inputs, change=change: change(plain(solution(*inputs)))


def _each(change, value):
    """Change each tensor in nested tuples and lists; numbers count as tensors of no dimension."""
    if isinstance(value, (list, tuple)):
        return type(value)(_each(change, part) for part in value)
    return change(value) if isinstance(value, torch.Tensor) else value


def _rows(kind):
    return lambda value: kind(value) if getattr(value, "shape", None) or isinstance(value, (list, tuple)) else [value]


def _numbers(change):
    """Change each number of a plain form."""

    def changed(value):
        if isinstance(value, tuple):
            return tuple(changed(part) for part in value)
        return change(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    return changed


CHANGES = [
    _numbers(lambda x: -x),
    _numbers(lambda x: x + 1),
    _numbers(lambda x: x - 1),
    _numbers(lambda x: 2 * x),
    _numbers(lambda x: x / 2),
    _numbers(lambda x: x + 0.5),
    _numbers(lambda x: 100 * x),
    lambda y: y[::-1] if isinstance(y, tuple) else y,
    lambda y: y[1:] if isinstance(y, tuple) else y,
    lambda y: (*y, y[-1]) if isinstance(y, tuple) and y else (y, 0),
    lambda y: f"no {y}",
]
