"""One plain form for all the forms in which an answer may come, and when two answers are the same.

A plain form is a bool, an int, a float, a complex number, a str in lower case, None, `...`, a tuple or a dict of
plain forms, or `Other`, which is the same as nothing. A tensor, an array, a list and a tuple of the same numbers
have one plain form. Answers are compared by it alone, in plain Python, so no method of theirs has a say.
"""

import ast
import cmath
import numbers
import re
import reprlib
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from helpers.language import spoken

LIMIT = 100_000  # more values than any answer has
NUMBERS = (int, float, complex)  # compared by type(), so that a bool is none


@dataclass(frozen=True, eq=False)
class Other:
    """Something that no exercise asks for."""

    what: str


class _TooMany(Exception):
    pass


def type_name(value):
    """Return the name of a value's type, whatever its class says of itself."""
    return type.__dict__["__name__"].__get__(type(value))


def drawn(value):
    """Return what an iterator yields as a list, and anything else as it is."""
    return list(islice(value, LIMIT + 1)) if hasattr(type(value), "__next__") else value


def plain(value):
    """Return the plain form of any value; raise whatever its own methods raise."""
    try:
        return _plain(value, iter(range(1, LIMIT + 1)))
    except _TooMany:
        return Other(f"more than {LIMIT:,} values")


def _plain(value, budget):
    if not next(budget, None):
        raise _TooMany
    kind = type(value)  # not isinstance: an object may lie about its class
    if value is None or value is ... or kind in (bool, Other):
        return value
    for number, nothing in ((int, 0), (float, 0.0), (complex, 0j)):
        if issubclass(kind, number):
            return number.__add__(value, nothing)
    if issubclass(kind, str):
        return " ".join(str.split(str.casefold(value)))
    if issubclass(kind, dict):
        return {_plain(key, budget): _plain(part, budget) for key, part in dict.items(value)}
    if issubclass(kind, (torch.Tensor, np.ndarray)) or hasattr(kind, "tolist"):
        return _plain(_listed(value), budget)
    if hasattr(kind, "__array__"):
        return _plain(np.asarray(value), budget)
    if issubclass(kind, numbers.Number):
        return float(value)
    if issubclass(kind, (bytes, set, frozenset)) or not (hasattr(kind, "__iter__") or hasattr(kind, "__next__")):
        return Other(f"a {type_name(value)}")
    return tuple(_plain(part, budget) for part in islice(value, LIMIT))


def _listed(array):
    """Return a tensor or array as nested lists, or as `Other` where that can't be."""
    if not issubclass(type(array), torch.Tensor):
        if issubclass(type(array), np.ndarray) and array.size > LIMIT:
            raise _TooMany
        return array.tolist()
    if array.numel() > LIMIT:
        raise _TooMany
    if array.is_meta:
        return Other("a tensor without data")
    if array.is_nested:
        return list(array.detach().unbind())
    array = array.dequantize() if array.is_quantized else array
    return (array if array.layout == torch.strided else array.to_dense()).detach().cpu().tolist()


def form(value):
    """Say which parts of a value are tensors, of which shape: text, or a tuple of forms, or another type's name."""
    if issubclass(type(value), torch.Tensor):
        return f"tensor {tuple(value.shape)}"
    if issubclass(type(value), (list, tuple)):
        return tuple(form(part) for part in islice(value, LIMIT))
    return type_name(value)


def leaves(value):
    """Yield the values in a plain form that are no tuples or dicts."""
    if type(value) in (tuple, dict):
        for part in value.values() if type(value) is dict else value:
            yield from leaves(part)
    else:
        yield value


def same(given, expected, tolerance=None):
    """Tell whether two plain forms are the same, numbers within the tolerance of `Exercise`.

    A tuple of one is as good as what is in it. Beside the tolerance there is room for the rounding of float32,
    which grows with the largest number of the answer, and for counts that were computed as floats.
    """
    sizes = [abs(leaf) for leaf in leaves(expected) if type(leaf) in NUMBERS and cmath.isfinite(leaf)]
    return _same(given, expected, tolerance, 1e-5 * max(sizes, default=0) + 1e-7)


def _same(given, expected, tolerance, rounding):
    kind = type(expected)
    if kind is not tuple:
        while type(given) is tuple and len(given) == 1:
            (given,) = given
    if kind in NUMBERS:
        return type(given) in NUMBERS and _near(given, expected, tolerance, rounding)
    if kind is not type(given) or kind is Other:
        return False
    if kind is dict:
        names = expected.keys()
        return given.keys() == names and all(_same(given[k], expected[k], tolerance, rounding) for k in names)
    if kind is tuple:
        pairs = zip(given, expected, strict=False)
        return len(given) == len(expected) and all(_same(a, b, tolerance, rounding) for a, b in pairs)
    return given == expected


def _near(given, expected, tolerance, rounding):
    if given == expected or (given != given and expected != expected):  # the same number, or both NaN
        return True
    try:
        if not (cmath.isfinite(given) and cmath.isfinite(expected)):
            return False
    except OverflowError:  # an int beyond all floats
        return False
    if tolerance is None and type(expected) is int:
        return abs(given - expected) < 1e-3
    return abs(given - expected) <= (tolerance or 1e-4) * abs(expected) + rounding


def unquoted(value):
    """Return a plain form in which texts that are values, such as "8", are these values."""
    if type(value) is tuple:
        return tuple(unquoted(part) for part in value)
    try:
        return plain(ast.literal_eval(value)) if type(value) is str and len(value) < 1000 else value
    except Exception:
        return value


def kind(value):
    """Say in a few words what a plain form is, with its shape."""
    if type(value) is Other:
        return value.what
    if type(value) is tuple:
        sides = shape(value)
        if len(sides) > 1:
            return spoken("values of shape {shape}").format(shape=sides)
        return spoken("1 value") if sides == (1,) else spoken("{n} values").format(n=sides[0])
    words = {bool: "True or False", str: spoken("text"), dict: spoken("a dict"), type(None): "None", type(...): "..."}
    return words.get(type(value)) or spoken("a number")


def shape(value):
    """Return the lengths of nested tuples, outermost first, as far as all branches agree."""
    if type(value) is not tuple:
        return ()
    inner = {shape(part) for part in value}
    return (len(value), *(inner.pop() if len(inner) == 1 else ()))


def brief(value):
    """Show any value in few characters, without its address in memory; raise whatever its own `__repr__` raises."""
    short = reprlib.Repr()
    short.maxother = short.maxstring = short.maxlong = 60
    text = " ".join(re.sub(r" at 0x\w+", "", short.repr(value)).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
