"""Plots draw on what they are given, know no pyplot, and change no global style."""

import matplotlib as mpl
import pytest
import torch

from helpers import plots
from helpers.history import Epoch, History, Point

HISTORY = History(
    curve=[Point(0.5, 2.0, 0.3), Point(1.0, 1.0, 0.6)], epochs=[Epoch(1, 1.5, 0.45, 0.9, 0.7, 10.0, 6000.0)]
)


def drawn():
    figure, axes = plots.subplots()
    return axes, plots.curves(axes, HISTORY)


def test_drawing_functions_return_their_axes():
    axes, returned = drawn()
    assert returned is axes
    _, axes = plots.subplots()
    assert plots.label(axes, "title", "x", "y") is axes
    assert plots.image(axes, torch.zeros(1, 28, 28)) is axes
    assert plots.confusion(axes, [[3, 1], [0, 4]], ["cat", "dog"]) is axes


def test_curves_show_the_history():
    axes, _ = drawn()
    loss, accuracy, tested = axes.lines
    assert list(loss.get_ydata()) == [2.0, 1.0]
    assert list(accuracy.get_ydata()) == [0.3, 0.6]
    assert (list(tested.get_xdata()), list(tested.get_ydata())) == ([1], [0.7])


def test_labels_bring_a_legend_only_where_there_are_any():
    _, axes = plots.subplots()
    axes.plot([1, 2])
    assert plots.label(axes, "t").get_legend() is None
    axes.plot([2, 1], label="second")
    assert plots.label(axes, "t").get_legend() is not None


def test_confusion_writes_the_counts():
    _, axes = plots.subplots()
    plots.confusion(axes, [[3, 1], [0, 4]], ["cat", "dog"])
    assert sorted(text.get_text() for text in axes.texts) == ["1", "3", "4"]


@pytest.mark.parametrize(("count", "rows"), [(8, 1), (9, 2)])
def test_images_fill_a_grid(count, rows):
    figure = plots.images(torch.zeros(count, 1, 5, 5), columns=8)
    assert len(figure.axes) == 8 * rows
    assert sum(axes.axison for axes in figure.axes) == count


def test_pyplot_and_the_global_style_stay_untouched():
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before
    assert plots.png(plots.subplots()[0]).startswith(b"\x89PNG")


def test_show_gives_a_picture_with_its_text_alternative(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda *objects, **options: shown.append((objects, options)))
    plots.show(plots.figure(4, 2), "An empty figure.")
    (bundle,), options = shown[0]
    assert bundle["text/plain"] == options["metadata"]["image/png"]["alt"] == "An empty figure."
    assert options["metadata"]["image/png"]["width"] == 400
    assert shown[1][0][0].data == "*An empty figure.*"


def test_a_picture_as_widget_has_its_text_alternative_and_width():
    picture = plots.Picture("A dot.", width=4)
    state = picture.get_state()
    assert (state["tooltip"], state["description"]) == ("A dot.", "")  # the front end needs both
    assert picture.layout.width == "400px"
