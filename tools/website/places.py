"""Where the controls of a panel can stand, and at which combinations of places a panel is recorded."""

import itertools
import math
from dataclasses import dataclass

from ipywidgets import Checkbox, Dropdown, FloatLogSlider, FloatSlider, IntSlider, SelectionSlider

FINE, FEW = 64, 11  # places that a slider has at most, and where runs are dear
ENDS = 3  # in a preview: its ends and its start
COARSE = (7, FEW, 21, FINE)  # or has where all controls move, at each level
STRIDES = (1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True)
class Control:
    """A control with the places that it can take.

    Attributes:
        kind: "range", "select" or "checkbox".
        label: its description.
        values: what the experiment gets, for each place.
        labels: what people read, for each place.
        start: the place at which the panel opens.
        ticks: the values counted in steps from zero, None if they are no steps.
    """

    kind: str
    label: str
    values: list
    labels: list
    start: int
    ticks: list | None = None

    def thinned(self, most):
        """List at most so many places, at round values, with both ends and the start; all where they are no steps."""
        here = range(len(self.values))
        if self.ticks is None:
            return list(here)
        always = {0, here[-1], self.start}
        for stride in STRIDES:
            kept = [place for place in here if place in always or self.ticks[place] % stride == 0]
            if len(kept) <= most:
                return kept
        return sorted(always)

    def only(self, kept):
        """Return the same control with these places alone."""
        values, labels = ([some[place] for place in kept] for some in (self.values, self.labels))
        ticks = self.ticks and [self.ticks[place] for place in kept]
        return Control(self.kind, self.label, values, labels, kept.index(self.start), ticks)


def control(widget, most=FINE):
    """Describe a widget of ipywidgets with at most so many places; raise TypeError if a page can't have its like."""
    ticks = None
    if isinstance(widget, Checkbox):
        kind, pairs = "checkbox", [("no", False), ("yes", True)]
    elif isinstance(widget, (Dropdown, SelectionSlider)):
        kind = "select" if isinstance(widget, Dropdown) else "range"
        pairs = [option if isinstance(option, tuple) else (str(option), option) for option in widget.options]
    elif isinstance(widget, (IntSlider, FloatSlider, FloatLogSlider)):
        count = math.floor((widget.max - widget.min) / widget.step + 1e-6) + 1
        steps = [round(widget.min + i * widget.step, 10) for i in range(count)]
        kind, ticks = "range", [round(step / widget.step, 6) for step in steps]
        values = [widget.base**step for step in steps] if isinstance(widget, FloatLogSlider) else steps
        pairs = [(format(value, widget.readout_format), value) for value in values]
    else:
        raise TypeError(
            f"a panel with a {type(widget).__name__} can't be recorded: teach it to tools/website/places.py"
        )
    labels, values = map(list, zip(*pairs, strict=True))
    start = values.index(widget.value) if ticks is None else _nearest(values, widget.value)
    whole = Control(kind, widget.description, values, labels, start, ticks)
    return whole.only(whole.thinned(most))


def levels(controls):
    """Yield lists of positions (tuples of places) to record: first each control alone, the others at their start.

    Then all pairs of controls at few places, and all combinations of few places, of more, and of all.
    """
    start = tuple(one.start for one in controls)

    def moved(places):
        return tuple(places.get(i, place) for i, place in enumerate(start))

    yield [moved({i: place}) for i, one in enumerate(controls) for place in range(len(one.values))]
    few = [one.thinned(COARSE[0]) for one in controls]
    pairs = itertools.combinations(range(len(controls)), 2)
    yield [moved({i: place, j: other}) for i, j in pairs for place in few[i] for other in few[j]]
    for most in COARSE:
        yield list(itertools.product(*(one.thinned(most) for one in controls)))


def _nearest(values, value):
    return min(range(len(values)), key=lambda place: abs(values[place] - value))
