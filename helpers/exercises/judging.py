"""Call an answer so that it can change nothing, and say what it showed of itself."""

import random
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import torch

from helpers.exercises.plain import Other, brief, drawn, form, kind, leaves, plain, same, type_name, unquoted
from helpers.exercises.ways import WrongWay
from helpers.language import spoken


def _none():
    return spoken(
        "Your answer is None. That is what print(...) returns, and what works in place: give the value itself."
    )


@dataclass(frozen=True)
class Seen:
    """What an answer showed at one input.

    Attributes:
        call: "Called with (1, 2), it", or "" for a value.
        value: the plain form of the value, or of what the function returned.
        form: its form, if the exercise asks for tensors.
        text: the value as it looked.
        trouble: a sentence if there is no value, else "".
        wrong_way: what the exercise's way said, else "".
    """

    call: str = ""
    value: Any = Other("nothing")
    form: Any = None
    text: str = ""
    trouble: str = ""
    wrong_way: str = ""

    def is_blank(self):
        """Tell whether nothing but `...` is there."""
        found = list(leaves(self.value))
        return bool(found) and all(leaf is ... for leaf in found)


def observe(exercise, answer, learners=False):
    """Return what an answer shows as a list of `Seen`: of itself, or of what it returns for each input.

    Only a learner's own answer has to go the exercise's way, may do anything, and is told of.
    """
    if exercise.inputs is None:
        if callable(answer):
            return [Seen(trouble=spoken("This asks for a value, but you gave a function: did you forget to call it?"))]
        return [_look(exercise, lambda: answer, None, learners)]
    if not callable(answer):
        trouble = spoken("This asks for a function, but you gave {this}.").format(this=_safe(brief, answer))
        return [Seen(trouble=trouble)]
    # Fresh inputs for each call: an answer may work in place, and its inputs may share memory.
    return [_look(exercise, answer, i, learners) for i in range(len(_inputs(exercise)))]


@contextmanager
def _usual():
    """Work as in a fresh notebook, whatever default device or mode the learner has set, and leave it as it was."""
    dtype = torch.get_default_dtype()
    try:
        with torch.device("cpu"), torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


def _inputs(exercise):
    with _usual():
        return exercise.inputs()


def _look(exercise, function, i, learners):
    arguments = () if i is None else _inputs(exercise)[i]
    seen = Seen()
    if learners and exercise.inputs:
        shown = ", ".join(map(brief, arguments))
        seen = Seen(spoken("Called with ({arguments}), it").format(arguments=shown))
    returned = []
    with _untouched() if learners else nullcontext():
        try:
            try:
                with _usual(), (learners and exercise.way or nullcontext)():
                    returned.append(drawn(function(*arguments)))
            except WrongWay as error:
                seen = replace(seen, wrong_way=spoken(str(error)))
            for value in returned:  # unless the way ended the call
                text = _safe(brief, value) if learners else ""
                seen = replace(seen, value=_named(exercise, plain(value)), form=_form(exercise, value), text=text)
        except KeyboardInterrupt:  # most likely the learner's own
            raise
        except BaseException as error:  # whatever it is, SystemExit too, it is the answer's
            said = f"{type_name(error)}: {_safe(_cut, error)}".rstrip(": ")
            who = seen.call or spoken("When looked at, your answer")
            seen = replace(seen, trouble=spoken("{who} raised {error}.").format(who=who, error=said))
    return seen


def _form(exercise, value):
    return form(value) if exercise.tensors else None


def _cut(error):
    text = str(error)
    return text if len(text) <= 300 else f"{text[:297]}..."


def _safe(show, value):
    """Show a value or an error, even one that can't be shown."""
    try:
        return show(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return spoken("a {kind} that can't be shown").format(kind=type_name(value))


def _named(exercise, value):
    """Put the parts of a dict with the names of the answer's parts into their order."""
    names = [name.casefold() for name in exercise.names]
    if names and type(value) is dict and set(value) == set(names):
        return tuple(value[name] for name in names)
    return value


@contextmanager
def _untouched():
    """Undo what an answer changes outside itself: these modules and exercises, and the random numbers."""
    package = sys.modules[__package__]
    modules = [thing for thing in (package, *vars(package).values()) if isinstance(thing, ModuleType)]
    modules = [module for module in modules if module.__name__.startswith(__package__)]
    exercises = [exercise for module in modules for exercise in getattr(module, "EXERCISES", ())]
    kept = [(vars(thing), dict(vars(thing))) for thing in (*modules, *exercises)]
    states = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        for now, before in kept:
            for added in now.keys() - before.keys():
                del now[added]
            now.update(before)


def matches(exercise, given, expected):
    """Tell whether two lists of `Seen` show the same everywhere."""
    return len(given) == len(expected) and all(
        _agree(exercise, a, b) and a.form == b.form for a, b in zip(given, expected, strict=True)
    )


def _agree(exercise, a, b):
    return not a.trouble and same(a.value, b.value, exercise.tolerance)


def wrong_way(given):
    """Return what the exercise's way said first, or ""."""
    return next((seen.wrong_way for seen in given if seen.wrong_way), "")


def difference(exercise, given, expected):
    """Say what is known of a wrong answer without giving the right one away."""
    pairs = list(zip(given, expected, strict=False))
    a, b = next((pair for pair in pairs if not _agree(exercise, *pair)), pairs[0])
    if a.trouble:
        return a.trouble
    if a.value is None and b.value is not None:
        return spoken("{call} returned None: is a `return` missing?").format(call=a.call) if a.call else _none()
    if way := wrong_way(given):
        return way
    told = spoken("{call} returned {text}.").format(call=a.call, text=a.text) if a.call else ""
    if _agree(exercise, a, b):
        told += " " + spoken("The numbers are right, but they should be in tensors of the shapes asked for.")
    elif same(unquoted(a.value), b.value, exercise.tolerance):
        told += " " + spoken("That is text: leave out the quotes.")
    elif kind(a.value) != kind(b.value):
        asked = spoken("This asks for {this}, but you gave {that}.")
        told += " " + asked.format(this=kind(b.value), that=kind(a.value))
    return told.strip()
