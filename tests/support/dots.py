"""Panels that draw one dot: the least that can run, stop and fail."""

import threading
import time

from ipywidgets import Button, FloatSlider, IntSlider

from helpers.explore import explore
from tests.support import until


def draw(figure):
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10))
    (dot,) = axes.plot([], [], "o", markersize=20)

    def update(state):
        dot.set_data([state], [state])
        return (dot,)

    return update


def still(value):
    yield value


def count(last):
    for number in range(last + 1):
        yield number
        time.sleep(0.01)


def make(experiment=still, drawing=draw, **options):
    sliders = options.pop("sliders", None) or {"value": FloatSlider(value=2, min=0, max=10)}
    return explore(experiment, drawing, caption="A dot.", size=(2, 2), **options, **sliders)


def counting(**options):
    return make(count, sliders={"last": IntSlider(value=3, min=0, max=1000)}, **options)


def has_buttons(panel):
    def inside(widget):
        return [widget, *(child for part in getattr(widget, "children", ()) for child in inside(part))]

    shown = [part for part in inside(panel) if isinstance(part, Button) and part.layout.display != "none"]
    return [button.description for button in shown] == ["Run", "Stop"]


def workers():
    return [thread for thread in threading.enumerate() if thread.name == "panel"]


def running(panel):
    """Start a run of some seconds of a counting panel, and return the panel."""
    panel.children[0].value = 1000
    panel.start()
    assert until(lambda: panel.status.startswith("running"))
    return panel
