"""Sliders + a generator = a live panel with a still picture.

An experiment is a generator function: slider values in, one state out per step. A still plot yields
once; a training run yields after every step. A picture is a function that draws what never changes
onto a figure and returns `update(state)`, which changes the rest:

    def experiment(frequency):
        yield np.sin(frequency * x)

    def draw(figure):
        line, = figure.subplots().plot(x, x)
        def update(y):
            line.set_ydata(y)
            return [line]          # the artists that changed; None if anything else did (axis limits, say)
        return update

    explore(experiment, draw, frequency=FloatSlider(value=1, min=0, max=5))
"""

import html
import inspect
import itertools
import threading
import time
import traceback

from IPython import get_ipython
from ipywidgets import HTML, Button, HBox, VBox

from helpers import plots
from helpers.screen import Screen

FRAME = 1 / 20  # seconds between drawn frames, at least
_panels = {}  # cell id -> (execution count, panels): a cell that runs again replaces its panels


def explore(experiment, draw, *, caption, size=(7.0, 3.2), steps_per_second=None, still_steps=None, **sliders):
    """Show a live panel: moving a slider cancels the run and starts the next.

    Args:
        experiment: generator function that takes the slider values by name and yields one state per step.
            FloatingPointError raised in it ends the run as "diverged".
        draw: function of a matplotlib Figure that returns `update(state)`, see the module's docstring.
        caption: one sentence that says what the picture shows, for everyone and for screen readers.
        size: width and height of the picture in inches.
        steps_per_second: how fast a live run may step, None for as fast as it can.
        still_steps: how many steps the still picture shows at the default values, None for the whole run.
        sliders: ipywidgets controls, one per argument of the experiment.

    Returns:
        Panel: a widget whose display also carries a PNG, for readers without a kernel.
    """
    if not inspect.isgeneratorfunction(experiment):
        raise TypeError(f"experiment must be a generator function, one that yields states, got {experiment!r}")
    return Panel(experiment, draw, sliders, caption, size, steps_per_second, still_steps)


def panels():
    """List the panels that stand in the notebook now."""
    return [panel for _, group in _panels.values() for panel in group]


class Panel(VBox):
    """Sliders, Run and Stop buttons, a status line and a picture; made by `explore`."""

    def __init__(self, experiment, draw, sliders, caption, size, steps_per_second, still_steps):
        self._experiment, self._sliders, self._caption = experiment, sliders, caption
        self.pause = 1 / steps_per_second if steps_per_second else 0  # seconds of rest after each step
        self._screen = Screen(draw, size)
        self._lock, self._cancel = threading.Lock(), threading.Event()
        self._worker = self._job = None
        self._image, self._width = plots.Picture(caption, size[0]), size[0]
        self._status = HTML()
        run, stop = Button(description="Run", icon="play"), Button(description="Stop", icon="stop")
        run.on_click(lambda _: self.start())
        stop.on_click(lambda _: self.stop())
        self._show_still(still_steps)
        buttons = HBox([run, stop, self._status] if self._steps > 1 else [self._status])
        buttons.layout.flex_flow = "row wrap"
        for slider in sliders.values():
            slider.style.description_width = "150px"
            slider.layout.width, slider.layout.max_width = "500px", "98%"
            slider.observe(lambda _: self.start(), "value")
        text = HTML(f'<div style="line-height: 1.4"><i>{html.escape(caption)}</i></div>')
        super().__init__([*sliders.values(), buttons, self._image, text])
        _register(self)

    @property
    def values(self):
        """The slider values now, by name."""
        return {name: slider.value for name, slider in self._sliders.items()}

    @property
    def status(self):
        """What the status line says, as plain text."""
        return self._text

    @property
    def picture(self):
        """The picture that is shown, as PNG bytes."""
        return bytes(self._image.value)

    def start(self):
        """Cancel the run, if any, and start one at the slider values of now. Safe from any thread."""
        with self._lock:
            self._cancel.set()
            self._cancel = threading.Event()
            self._job = self._cancel, self.values
            if self._steps > 1:
                self._say("starting")  # a first step may take a while
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True, name="panel")
                self._worker.start()

    def stop(self):
        """Cancel the run; its last picture stays."""
        with self._lock:
            if self._worker is not None:
                self._cancel.set()
                self._say("stopped")

    def wait(self, timeout=60):
        """Wait until no run is left; tell whether that came true within `timeout` seconds."""
        worker = self._worker
        if worker is not None:
            worker.join(timeout)
        return self._worker is None

    def _work(self):
        """Play jobs, the newest only, until there are none: one worker thread however many moves."""
        while True:
            with self._lock:
                job, self._job = self._job, None
                if job is None:
                    self._worker = None
                    return
            self._play(*job)

    def _play(self, cancel, values):
        shown, painted, state, steps, run = 0.0, 0, None, 0, None
        try:
            run = self._experiment(**values)
            for steps, state in enumerate(run, 1):  # noqa: B007 (steps is used after the loop)
                if cancel.is_set():
                    return
                if time.monotonic() - shown >= FRAME:
                    self._publish(cancel, state, f"running, step {steps}")
                    shown, painted = time.monotonic(), steps
                if self.pause:
                    cancel.wait(self.pause)
            self._publish(cancel, None if painted == steps else state, _ended(steps))  # no picture twice
        except FloatingPointError as error:
            self._publish(cancel, state, f"diverged after step {steps}: {error}")
        except Exception as error:  # nobody reads a thread's stderr, so it is shown in the panel
            with self._lock:
                if not cancel.is_set():
                    self._say(f"error: {type(error).__name__}: {error}", traceback.format_exc())
        finally:
            if run is not None:
                run.close()

    def _publish(self, cancel, state, text):
        """Draw a state and show it, unless the run was cancelled meanwhile."""
        frame = None if state is None else self._screen.paint(state)
        with self._lock:
            if cancel.is_set():
                return
            if frame is not None:
                self._image.value = frame
            self._say(text)

    def _show_still(self, still_steps):
        """Run in the foreground at the default values, so that the first look is the same everywhere."""
        state, self._steps, text = None, 0, None
        run = self._experiment(**self.values)
        try:
            for state in itertools.islice(run, still_steps):  # noqa: B007 (state is used after the loop)
                self._steps += 1
            text = _ended(self._steps) if still_steps is None else f"shown at step {self._steps}"
        except FloatingPointError as error:
            text = f"diverged after step {self._steps}: {error}"
        finally:
            run.close()
        if state is None:
            raise ValueError(f"experiment {self._experiment.__name__} yielded nothing at {self.values}")
        self._image.value = self._screen.paint(state)
        self._say(text)

    def _say(self, text, details=""):
        self._text = text
        more = f"<details><summary>where</summary><pre>{html.escape(details)}</pre></details>" if details else ""
        self._status.value = f'<span role="status">{html.escape(text)}</span>{more}'

    def __repr__(self):
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"Panel({values}): {self._caption}"

    def _repr_mimebundle_(self, **options):
        data, metadata = plots.still(self.picture, repr(self), self._width)
        return {**super()._repr_mimebundle_(**options), **data}, metadata


def _ended(steps):
    return "ready" if steps == 1 else f"finished after {steps} steps"


def _register(panel):
    """Remember the panel under the cell that made it and stop those of the cell's former run."""
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId") or parent.get("header", {}).get("msg_id")
    count = getattr(shell, "execution_count", None)
    former, group = _panels.get(cell, (count, []))
    if former != count:
        for old in group:
            old.stop()
        group = []
    _panels[cell] = count, [*group, panel]
