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

import contextlib
import inspect
import itertools
import time

from ipywidgets import Button, VBox

from helpers import cells, plots
from helpers.language import spoken
from helpers.screen import Screen
from helpers.status import Status
from helpers.worker import Worker

FRAME = 1 / 20  # seconds between drawn frames, at least
listeners = []  # functions that get each new panel; who records a lesson adds one


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
        Panel: a widget whose display also carries a PNG, for readers without a kernel, and the caption under it.

    Raises:
        TypeError: the experiment is no generator function, or draw returns no function.
        ValueError: the experiment yields nothing at the default values.
        Exception: whatever the experiment or the drawing raises at the default values.
    """
    if not inspect.isgeneratorfunction(experiment):
        told = spoken("experiment must be a generator function, one that yields states, got {this}")
        raise TypeError(told.format(this=repr(experiment)))
    made = cells.replace(keep=sliders.values())
    panel = Panel(experiment, draw, sliders, caption, size, steps_per_second)
    try:
        panel.show_still(still_steps)
    except BaseException:
        panel.close()
        raise
    made.append(panel)
    for listen in listeners:
        listen(panel)
    return panel


def panels():
    """List the panels that stand in the notebook now."""
    return [thing for thing in cells.made() if isinstance(thing, Panel) and not thing._closed]


class Panel(VBox):
    """Sliders, Run and Stop buttons, a status line and a picture; made by `explore`, whose arguments it keeps."""

    _closed = True  # until it is made

    def __init__(self, experiment, draw, sliders, caption, size, steps_per_second):
        self.experiment, self.draw, self.size = experiment, draw, size
        self.sliders, self.caption = sliders, caption
        self.pause = 1 / steps_per_second if steps_per_second else 0  # seconds of rest after each step
        self._buttons = (
            Button(description=spoken("Run"), icon="play"),
            Button(description=spoken("Stop"), icon="stop"),
        )
        self._worker = Worker(self._play, lambda *end: self._status.say(*end))
        self._status = Status(self._buttons, self._worker.lock)
        self._screen, self._image = None, plots.Picture(caption, size[0])
        for button, answer in zip(self._buttons, (self.start, self.stop), strict=True):
            button.on_click(lambda _, answer=answer: answer())
            button.layout.display = "none"  # until there is something to stop
        for slider in sliders.values():
            slider.style.description_width = "150px"
            slider.layout.width, slider.layout.max_width = "500px", "98%"
            slider.observe(self._moved, "value")
        super().__init__([*sliders.values(), self._status, self._image])
        self.add_class("course-panel")
        self._closed = False

    @property
    def values(self):
        """The slider values now, by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    @property
    def status(self):
        """What the status line says, as plain text."""
        return self._status.text

    @property
    def picture(self):
        """The picture that is shown, as PNG bytes."""
        return bytes(self._image.value)

    def start(self):
        """Cancel the run, if any, and start one at the slider values of now. Safe from any thread."""
        with self._worker.lock:
            self._worker.start(self.values)
            self._status.say_if_late(spoken("waiting for a step to end"))

    def stop(self):
        """Cancel the run; its last picture stays."""
        with self._worker.lock:
            if self._worker.cancel():
                self._status.say(spoken("stopping when its step has ended"))

    def wait(self, timeout=60):
        """Wait until no run is left; tell whether that came true within `timeout` seconds."""
        return self._worker.wait(timeout)

    def close(self, keep=()):
        """Stop for good and free what the panel holds, its sliders too unless `keep` or anything else holds them."""
        if self._closed:
            return
        self._closed = True
        self._worker.cancel(silently=True)
        for slider in self.sliders.values():
            slider.unobserve(self._moved, "value")
        parts, self.children = (*self.children, self.layout), ()
        for part in parts:
            if not cells.is_used(part, keep):
                cells.close(part)
        super().close()
        self._image.value, self.experiment, self.draw, self._screen = b"", None, None, None

    def __del__(self):
        """Close nothing: ipywidgets holds a panel until it is closed, or until Python ends."""

    def show_still(self, steps_at_most=None):
        """Run in the foreground at the values of now, so that the first look is the same everywhere."""
        screen = self._screen = Screen(self.draw, self.size)
        steps, end = 0, None
        with contextlib.closing(self.experiment(**self.values)) as run:
            try:
                for steps, state in enumerate(itertools.islice(run, steps_at_most), 1):  # noqa: B007 (used below)
                    pass
                if steps != steps_at_most:
                    end = ended(steps)
            except FloatingPointError as error:
                end = diverged(steps, error)
        if end == ended(0):
            told = spoken("experiment {name} yielded nothing at {values}")
            raise ValueError(told.format(name=self.experiment.__name__, values=self.values))
        if end != ended(1):  # there is, or could be, a second step
            self._offer_buttons()
        self._image.value = screen.paint(state) if steps else screen.paint_nothing()
        self._status.say(end or spoken("shown at step {n}").format(n=steps))

    def _moved(self, _):
        self.start()

    def _offer_buttons(self):
        for button in self._buttons:
            button.layout.display = None

    def _play(self, cancel, values):
        """Run the experiment and show its states; return how it ended."""
        screen, self._screen = self._screen or Screen(self.draw, self.size), None  # nobody else draws on it
        steps, drawn, shown = 0, 0, 0.0
        with contextlib.closing(self.experiment(**values)) as run:
            try:
                for steps, state in enumerate(run, 1):
                    if cancel.is_set():
                        break
                    if steps == 2:
                        self._offer_buttons()
                    if time.monotonic() - shown >= FRAME:
                        self._show(cancel, spoken("running, step {n}").format(n=steps), screen.paint(state))
                        drawn, shown = steps, time.monotonic()
                    if cancel.wait(self.pause):
                        break
                end = ended(steps)
            except FloatingPointError as error:
                end = diverged(steps, error)
        if drawn < steps and not cancel.is_set():  # no picture twice, and none that nobody wants
            self._show(cancel, end, screen.paint(state))
        if not self._closed:
            self._screen = screen  # but after an error nobody knows what is left of the figure: then a new one is made
        return spoken("stopped") if cancel.is_set() else end

    def _show(self, cancel, text, frame):
        """Show a status and a picture, unless the run was cancelled meanwhile."""
        with self._worker.lock:
            if not cancel.is_set():
                self._image.value = frame
                self._status.say(text)

    def __repr__(self):
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"Panel({values}): {self.caption}"

    def _repr_mimebundle_(self, **options):
        data, metadata = plots.still(self.picture, repr(self), self.size[0])
        return {**super()._repr_mimebundle_(**options), **data}, metadata

    def _ipython_display_(self):
        plots.present(*self._repr_mimebundle_(), self.caption)


def ended(steps):
    """Say how a run ended by itself."""
    return spoken("ready") if steps == 1 else spoken("finished after {n} steps").format(n=steps)


def diverged(steps, error):
    """Say how a run ended by a FloatingPointError."""
    return spoken("diverged after step {n}: {error}").format(n=steps, error=error)
