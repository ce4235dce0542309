"""The live panel: runs, cancels, diverges, shows errors, leaves one worker."""

import threading
import time

import pytest
from ipywidgets import FloatSlider, IntSlider

from helpers import explore as module
from helpers.explore import explore


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
    sliders = options.pop("sliders", {"value": FloatSlider(value=2, min=0, max=10)})
    return explore(experiment, drawing, caption="A dot.", size=(2, 2), **options, **sliders)


def counting(**options):
    return make(count, sliders={"last": IntSlider(value=3, min=0, max=1000)}, **options)


def workers():
    return [thread for thread in threading.enumerate() if thread.name == "panel"]


def test_a_still_panel_answers_a_move():
    panel = make()
    first = panel.picture
    assert panel.status == "ready"
    assert first.startswith(b"\x89PNG")
    panel.children[0].value = 7
    assert panel.wait()
    assert panel.picture != first
    panel.children[0].value = 2
    assert panel.wait()
    assert panel.picture == first  # the same picture, whatever was drawn in between


def test_the_display_carries_widget_still_and_text():
    bundle, metadata = make()._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} <= set(bundle)
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == "Panel(value=2.0): A dot."


def test_the_still_stops_at_its_step():
    panel = counting(still_steps=2)
    assert panel.status == "shown at step 2"
    panel.start()
    assert panel.wait()
    assert panel.status == "finished after 4 steps"


def test_quick_moves_leave_one_worker_and_the_last_value():
    panel = counting()
    for value in range(20, 0, -1):
        panel.children[0].value = value
        assert len(workers()) <= 1
    assert panel.wait()
    assert panel.status == "finished after 2 steps"
    reference = counting()
    reference.children[0].value = 1
    assert reference.wait()
    assert panel.picture == reference.picture


def test_stop_ends_a_run_at_once():
    panel = counting()
    panel.children[0].value = 1000
    time.sleep(0.1)
    assert panel.status.startswith("running, step")
    begin = time.monotonic()
    panel.stop()
    assert panel.wait(1)
    assert time.monotonic() - begin < 0.5
    assert panel.status == "stopped"
    picture = panel.picture
    time.sleep(0.1)
    assert panel.picture == picture


def test_the_generator_of_a_cancelled_run_is_closed():
    closed = []

    def experiment(value):
        try:
            while True:
                yield value
                time.sleep(0.005)
        finally:
            closed.append(value)

    panel = make(experiment, still_steps=1)
    panel.children[0].value = 5
    time.sleep(0.05)
    panel.children[0].value = 6
    time.sleep(0.05)
    panel.stop()
    assert panel.wait(2)
    assert closed == [2, 5, 6]


def test_divergence_is_a_status_with_the_last_picture():
    def experiment(value):
        yield value
        if value > 5:
            raise FloatingPointError("too large")

    panel = make(experiment)
    panel.children[0].value = 6
    assert panel.wait()
    assert panel.status == "diverged after step 1: too large"
    panel.children[0].value = 3
    assert panel.wait()
    assert panel.status == "ready"


def test_an_error_is_shown_in_the_panel_and_the_next_move_works():
    def experiment(value):
        if value == 6:
            raise KeyError("<b>where</b>")
        yield value

    panel = make(experiment)
    panel.children[0].value = 6
    assert panel.wait()
    assert panel.status == "error: KeyError: '<b>where</b>'"
    assert "Traceback" in panel._status.value
    assert "<b>" not in panel._status.value
    panel.children[0].value = 3
    assert panel.wait()
    assert panel.status == "ready"


def test_an_error_in_the_drawing_is_shown_too():
    def brittle(figure):
        update = draw(figure)
        return lambda state: 1 / 0 if state == 6 else update(state)

    panel = make(drawing=brittle)
    panel.children[0].value = 6
    assert panel.wait()
    assert panel.status == "error: ZeroDivisionError: division by zero"


def test_axes_may_change_when_update_returns_none():
    def rescaling(figure):
        axes = figure.subplots()

        def update(state):
            axes.set_xlim(0, state)

        return update

    panel = make(drawing=rescaling)
    first = panel.picture
    panel.children[0].value = 9
    assert panel.wait()
    assert panel.picture != first


def test_a_cell_that_runs_again_stops_its_former_panel(monkeypatch):
    class Shell:
        execution_count = 1

        def get_parent(self):
            return {"metadata": {"cellId": "cell"}}

    shell = Shell()
    monkeypatch.setattr(module, "_panels", {})
    monkeypatch.setattr(module, "get_ipython", lambda: shell)
    first, second = counting(), counting()
    assert module.panels() == [first, second]
    first.children[0].value = 1000
    time.sleep(0.05)
    shell.execution_count = 2
    third = counting()
    assert first.wait(1)
    assert first.status == "stopped"
    assert module.panels() == [third]


def test_wrong_arguments_are_told():
    with pytest.raises(TypeError, match="must be a generator function"):
        make(lambda value: value)
    with pytest.raises(TypeError, match=r"must return a function update\(state\), got None"):
        make(drawing=lambda figure: None)

    def nothing(value):
        return
        yield

    with pytest.raises(ValueError, match=r"experiment nothing yielded nothing at \{'value': 2.0\}"):
        make(nothing)
