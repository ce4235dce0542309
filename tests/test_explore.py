"""The live panel: runs, cancels, diverges, leaves one worker. Its errors: test_panel_errors.py."""

import time

import pytest
from ipywidgets import IntSlider

from tests.support.dots import count, counting, has_buttons, make, running, until, workers


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
    running(panel)
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
    for value in (5, 6):
        panel.children[0].value = value
        assert until(lambda: panel.status.startswith("running"))
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


def test_buttons_are_offered_where_there_is_or_could_be_a_second_step():
    def diverging(value):
        yield value
        raise FloatingPointError("too large")

    assert has_buttons(counting())
    assert has_buttons(counting(still_steps=1))  # how it goes on, nobody knows
    assert has_buttons(make(diverging))
    assert not has_buttons(make())
    assert not has_buttons(make(still_steps=5))


def test_buttons_come_with_the_first_run_that_needs_them():
    panel = make(count, sliders={"last": IntSlider(value=0, min=0, max=1000)})
    assert not has_buttons(panel)
    panel.children[0].value = 2
    assert panel.wait()
    assert has_buttons(panel)


def test_a_still_that_diverges_before_its_first_step_is_a_panel_too():
    def diverging(value):
        if value < 5:
            raise FloatingPointError("too small")
        yield value

    panel = make(diverging)
    assert panel.status == "diverged after step 0: too small"
    assert panel.picture.startswith(b"\x89PNG")
    panel.children[0].value = 7
    assert panel.wait()
    assert panel.status == "ready"


def test_a_state_may_be_none():
    def experiment(value):
        yield None

    drawn = []
    make(experiment, lambda figure: lambda state: drawn.append(state) or [])
    assert drawn == [None]


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
