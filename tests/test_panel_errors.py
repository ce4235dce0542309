"""Whatever is raised, wherever: the panel shows it, and the next move works."""

import asyncio
import threading
import time

import pytest

from helpers import worker
from tests.support.dots import draw, make, still, until, workers

pytestmark = pytest.mark.filterwarnings("error")  # also what a thread leaves unhandled
BAD = 6  # the value that goes wrong


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text")


class Leaving(Exception):
    def __str__(self):
        raise SystemExit


class Numeric(Exception):
    def __str__(self):
        return 7


class Nameless(type):
    @property
    def __name__(cls):
        raise KeyboardInterrupt


class Anonymous(Exception, metaclass=Nameless):
    pass


def circular():
    error = ValueError("circular")
    error.__cause__ = error
    return error


ERRORS = [
    ValueError("wrong"),
    KeyError("<b>where</b>"),
    AssertionError(),
    OSError(28, "No space left on device"),
    MemoryError(),
    RecursionError("too deep"),
    SyntaxError("odd", ("file", 1, 1, "text", 1, 2)),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"),
    UserWarning("a warning"),
    StopIteration(1),
    StopAsyncIteration(),
    ZeroDivisionError("lone surrogate \ud800"),
    ExceptionGroup("several", [ValueError("one"), Unprintable()]),
    circular(),
    Unprintable(),
    Leaving(),
    Numeric(),
    Anonymous(),
    SystemExit(),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    BaseExceptionGroup("several", [KeyboardInterrupt()]),
]


class Fault:
    """Raises the error that it holds, if any, where the value BAD is met."""

    error = None

    def __call__(self, value):
        if value == BAD and self.error is not None:
            raise self.error

    def first_step(self):
        def experiment(value):
            self(value)
            yield value

        return experiment, draw

    def later_step(self):
        def experiment(value):
            yield value
            self(value)

        return experiment, draw

    def cleaning_up(self):
        def experiment(value):
            try:
                yield value
            finally:
                self(value)

        return experiment, draw

    def update(self):
        def brittle(figure):
            update = draw(figure)
            return lambda state: self(state) or update(state)

        return still, brittle

    def artist(self):
        def brittle(figure):
            update, (dot,) = draw(figure), figure.axes[0].lines
            drawing = dot.draw
            dot.draw = lambda renderer: self(dot.get_xdata()[0]) or drawing(renderer)
            return update

        return still, brittle


@pytest.mark.parametrize("place", ["first_step", "later_step", "cleaning_up", "update", "artist"])
def test_an_error_is_shown_and_the_next_move_works(place):
    fault = Fault()
    panel = make(*getattr(fault, place)())
    before = panel.picture
    for fault.error in ERRORS:
        panel.children[0].value = BAD
        assert panel.wait(10)
        assert panel.status.startswith("error: "), repr(type(fault.error))
        panel.children[0].value = 2
        assert panel.wait(10)
        assert (panel.status, panel.picture) == ("ready", before)
    assert workers() == []


def test_an_error_is_told_with_its_traceback_as_plain_text():
    fault = Fault()
    panel = make(*fault.first_step())
    fault.error = KeyError("<b>where</b>")
    panel.children[0].value = BAD
    assert panel.wait()
    assert panel.status == "error: KeyError: '<b>where</b>'"
    shown = next(part.value for part in panel.children[1].children if "role=" in getattr(part, "value", ""))
    assert "Traceback" in shown
    assert "<b>" not in shown


def test_an_experiment_that_cleans_up_badly_when_it_is_stopped():
    def experiment(value):
        try:
            while True:
                yield value
                time.sleep(0.005)
        finally:
            if value == BAD:
                raise SystemExit

    panel = make(experiment, still_steps=1)
    panel.children[0].value = BAD
    assert until(lambda: panel.status.startswith("running"))
    panel.stop()
    assert panel.wait(2)
    assert panel.status == "error: SystemExit"
    panel.start()
    assert until(lambda: panel.status.startswith("running"))
    panel.children[0].value = 3  # how a run ended that gave way to the next one is of no interest
    assert until(lambda: panel.status.startswith("running"))
    panel.stop()
    assert panel.wait(2)
    assert panel.status == "stopped"


def test_an_experiment_that_will_not_be_closed():
    refused = []

    def experiment(value):
        while True:
            try:
                yield value
            except GeneratorExit:
                if value != BAD or refused:
                    raise
                refused.append(value)
            time.sleep(0.005)

    panel = make(experiment, still_steps=1)
    panel.children[0].value = BAD
    assert until(lambda: panel.status.startswith("running"))
    panel.stop()
    assert panel.wait(2)
    assert panel.status.startswith("error: RuntimeError: generator ignored GeneratorExit")


def test_divergence_after_a_state_that_cannot_be_drawn():
    def experiment(value):
        yield value
        yield value if value != BAD else "no number"
        if value == BAD:
            raise FloatingPointError("too large")

    panel = make(experiment)
    panel.children[0].value = BAD
    assert panel.wait()
    assert panel.status.startswith("error: ")
    panel.children[0].value = 3
    assert panel.wait()
    assert panel.status == "finished after 2 steps"


class Gate:
    """An experiment that stays in its step at the value BAD until it is released."""

    def __init__(self):
        self.reached, self.released = threading.Event(), threading.Event()

    def experiment(self):
        def experiment(value):
            yield from self.wait(value)
            yield value

        return experiment

    def wait(self, value):
        if value == BAD:
            self.reached.set()
            self.released.wait(30)
        return ()


def test_a_step_that_does_not_end_is_not_called_stopped():
    gate = Gate()
    panel = make(gate.experiment())
    panel.children[0].value = BAD
    assert gate.reached.wait(5)
    assert until(lambda: panel.status == "waiting for a step to end")
    panel.stop()
    assert panel.status == "stopping when its step has ended"
    panel.children[0].value = 3
    assert until(lambda: panel.status == "waiting for a step to end")
    panel.stop()
    assert not panel.wait(0.1)
    assert panel.status == "stopping when its step has ended"
    gate.released.set()
    assert panel.wait(5)
    assert panel.status == "stopped"


@pytest.mark.parametrize("where", ["experiment", "update"])
def test_a_step_that_never_ends_is_left_behind(where, monkeypatch):
    monkeypatch.setattr(worker, "PATIENCE", 0.1)
    gate = Gate()

    def stuck_drawing(figure):
        update = draw(figure)
        return lambda state: gate.wait(state) or update(state)

    panel = make(gate.experiment()) if where == "experiment" else make(still, stuck_drawing)
    reference, before = make(), panel.picture
    panel.children[0].value = BAD
    assert gate.reached.wait(5)
    panel.children[0].value = 3
    assert until(lambda: panel.status == "waiting for a step to end")
    time.sleep(0.15)
    for value in (9, 2):
        panel.children[0].value = value
        reference.children[0].value = value
        assert panel.wait(5)
        assert reference.wait(5)
        assert panel.status == "ready"
        assert panel.picture == reference.picture
    gate.released.set()
    for thread in workers():
        thread.join(5)
    assert (panel.status, panel.picture) == ("ready", before)  # what comes late is not shown
    assert workers() == []
