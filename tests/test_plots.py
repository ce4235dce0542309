"""Plots draw on what they are given, know no pyplot, and change no global style."""

import os
import subprocess
import sys
import threading

import matplotlib as mpl
import pytest
import torch

from helpers import plots
from helpers.history import Epoch, History, Point
from helpers.screen import Screen
from tests.support import LESSONS

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


def test_shares_stand_over_their_eigenvalues_and_move():
    _, axes = plots.subplots()
    update = plots.shares(axes, 1e-3, 1e3)
    line, dots = update(torch.tensor([0.1, 10.0]), torch.tensor([0.4, 0.9]), lambda s: s / (s + 1))
    assert list(dots.get_xdata()) == pytest.approx([0.1, 10.0])
    assert list(dots.get_ydata()) == pytest.approx([0.4, 0.9])
    assert line.get_ydata()[abs(line.get_xdata() - 1).argmin()] == pytest.approx(0.5, abs=0.02)
    assert axes.get_xlim() == (1e-3, 1e3)
    update(torch.tensor([0.1]), torch.tensor([0.3]))
    assert list(dots.get_ydata()) == pytest.approx([0.3])
    assert len(line.get_xdata()) == 0


def test_two_sets_of_shares_have_a_name_each():
    _, axes = plots.subplots()
    plots.shares(axes, 1, 10, "λ = 1")
    plots.shares(axes, 1, 10, "λ = 2", "orange")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["λ = 1", "λ = 2"]


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
    assert dict(mpl.rcParams) == before
    with pytest.raises(ValueError, match="positive"):
        plots.subplots(0, 1)
    assert dict(mpl.rcParams) == before


def test_threads_that_draw_beside_each_other_share_the_style_and_leave_none_behind():
    before, looks, start = dict(mpl.rcParams), [], threading.Barrier(4)

    def work():
        start.wait()
        for _ in range(20):
            axes, _ = drawn()
            looks.append((axes.spines["top"].get_visible(), axes.lines[0].get_linewidth()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(looks) == {(False, 1.8)}
    assert len(looks) == 80
    assert dict(mpl.rcParams) == before


def test_one_who_never_leaves_the_style_stops_nobody():
    stay, inside = threading.Event(), threading.Event()

    @plots.style()
    def stuck():
        inside.set()
        stay.wait(10)

    before, thread = dict(mpl.rcParams), threading.Thread(target=stuck)
    thread.start()
    assert inside.wait(5)
    drawn()
    stay.set()
    thread.join()
    assert dict(mpl.rcParams) == before


ODD = {  # what a user's matplotlibrc may say
    "text.usetex": True,
    "figure.figsize": (2, 2),
    "figure.dpi": 50,
    "savefig.dpi": 30,
    "savefig.bbox": "tight",
    "savefig.transparent": True,
    "font.family": "cursive",
    "font.size": 20,
    "axes.facecolor": "black",
    "axes.grid": True,
    "lines.linewidth": 9,
    "lines.marker": "x",
    "axes.prop_cycle": mpl.cycler(color="k"),
    "xtick.labelsize": 30,
    "figure.constrained_layout.use": False,
    "image.interpolation": "bicubic",
    "path.sketch": (5, 100, 2),
    "axes.unicode_minus": False,
}


def dot(figure):
    (line,) = figure.subplots().plot([0, 1], [0, 1])

    def update(state):
        line.set_data([0, 1], [0, state])
        return [line, figure.axes[0].text(0.5, 0.5, "$x^2$ & -1")]

    return update


PICTURES = {
    "curves": lambda: plots.png(drawn()[0].figure),
    "images": lambda: plots.png(plots.images(torch.rand(2, 4, 4, generator=torch.Generator().manual_seed(0)), ["a"])),
    "confusion": lambda: plots.png(plots.confusion(plots.subplots()[1], [[3, 1], [0, 4]], ["cat", "dog"]).figure),
    "screen": lambda: Screen(dot, (3, 2)).paint(1),
    "screen without a state": lambda: Screen(dot, (3, 2)).paint_nothing(),
}


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_pictures_do_not_depend_on_the_settings_of_the_user(draw):
    expected = draw()
    with mpl.rc_context(ODD):
        assert draw() == expected


def test_lessons_do_not_depend_on_the_settings_of_the_user(tmp_path):
    """What a cell draws by itself, too: a kernel starts in the folder of the notebooks."""
    settings = tmp_path / "settings"
    settings.write_text("text.usetex: True\nlines.linewidth: 9\n")
    code = "from matplotlib import rcParams as rc; print(rc['text.usetex'], rc['lines.linewidth'])"
    said = {}
    for folder in (tmp_path, LESSONS[0].parent):
        command = [sys.executable, "-c", code]
        environment = os.environ | {"MATPLOTLIBRC": str(settings)}
        said[folder] = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True).stdout
    assert list(said.values()) == ["True 9.0\n", "False 1.5\n"]


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


def test_curves_name_only_what_there_is():
    _, axes = plots.subplots()
    plots.curves(axes, History(curve=[Point(0.5, 2.0, None)], epochs=[Epoch(1, 1.5, None, 1.2, None, 1.0, 9.0)]))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train loss"]
