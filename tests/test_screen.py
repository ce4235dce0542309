"""The canvas behind a panel: what it paints is what a full drawing gives."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.screen import Screen


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)), dtype=int)


def draw(figure):
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10), title="title")
    (line,) = axes.plot([], [], linewidth=3)
    (dot,) = axes.plot([], [], "o", markersize=20)

    def update(state):
        line.set_data([0, state], [0, 10])
        dot.set_data([state], [state])
        return line, dot

    return update


def test_repainting_what_changed_leaves_no_trace_of_the_state_before():
    used, fresh = Screen(draw, (3, 2)), Screen(draw, (3, 2))
    for state in (1, 9, 5):
        used.paint(state)
    assert np.array_equal(pixels(used.paint(3)), pixels(fresh.paint(3)))


def test_the_picture_has_the_size_that_was_asked_for():
    assert pixels(Screen(draw, (3, 2)).paint(1)).shape == (300, 450, 3)  # 150 pixels per inch


def test_the_set_of_changed_artists_may_change():
    def switching(figure):
        axes = figure.subplots()
        dots = [axes.plot([1], [1], "o", markersize=20)[0], axes.plot([2], [2], "o", markersize=20)[0]]

        def update(state):
            dots[state].set_data([state + 1], [1.5])
            return dots[state : state + 1]

        return update

    screen = Screen(switching, (3, 2))
    first, second = pixels(screen.paint(0)), pixels(screen.paint(1))
    assert not np.array_equal(first, second)


def test_draw_must_return_a_function():
    with pytest.raises(TypeError, match="must return a function"):
        Screen(lambda figure: figure.subplots(), (3, 2))


def test_what_lies_on_top_stays_on_top():
    """Moving artists are drawn by their z-order, not in the order in which `update` names them."""

    def overlapping(names):
        def draw(figure):
            axes = figure.subplots()
            axes.set(xlim=(-1, 1), ylim=(-1, 1))
            dots = {
                "below": axes.plot([0], [0], "o", color="red", markersize=40, zorder=3)[0],
                "above": axes.plot([0], [0], "o", color="blue", markersize=40, zorder=4)[0],
            }
            return lambda state: [dots[name] for name in names]

        return draw

    for names in (["above", "below"], ["below", "above"]):
        picture = pixels(Screen(overlapping(names), (3, 2)).paint(None))
        assert tuple(picture[picture.shape[0] // 2, picture.shape[1] // 2]) == (0, 0, 255)


def test_a_state_that_changes_nothing_is_a_picture_too():
    assert pixels(Screen(lambda figure: lambda state: [], (3, 2)).paint(None)).shape == (300, 450, 3)


def test_a_figure_without_a_state_is_what_draw_drew():
    def writing(figure):
        figure.text(0.5, 0.5, "a text")
        return lambda state: []

    assert np.array_equal(pixels(Screen(writing, (3, 2)).paint_nothing()), pixels(Screen(writing, (3, 2)).paint(None)))
