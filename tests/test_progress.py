"""What a running fit shows in a notebook: one display, updated in place, with a picture at the end."""

import pytest
from ipywidgets.widgets.widget import _instances as widgets

from helpers import progress
from helpers.history import Epoch, History, Point

HISTORY = History(
    curve=[Point(0.5, 2.0, 0.3), Point(1.0, 1.0, 0.6)], epochs=[Epoch(1, 1.5, 0.45, 0.9, 0.7, 10.0, 6000.0)]
)
LINE = "epoch 1/1: train loss 1.5000, train accuracy 0.4500, test accuracy 0.7000, 6,000 images/s"


class Handle:
    def __init__(self):
        self.updates = []

    def update(self, bundle, metadata, raw):
        self.updates.append(bundle)


@pytest.fixture
def handle(monkeypatch):
    handle = Handle()
    monkeypatch.setattr(progress, "display", lambda *objects, **options: handle)
    monkeypatch.setattr(progress, "FRAME", 0)
    return handle


def test_a_notebook_sees_curves_in_the_same_image_and_at_the_end_a_still(handle, capsys):
    before = set(widgets)
    report = progress.Notebook(total=2, epochs=1)
    image = report._image
    report.advance(128)
    report.show(HISTORY)
    first = image.value
    assert "images/s" in report._line.value
    assert "left" in report._line.value
    report.advance(128)
    report.end_epoch(HISTORY)
    report.close(HISTORY)
    assert report._image is image
    assert bytes(first).startswith(b"\x89PNG")
    assert report._bar.value == 2
    (bundle,) = handle.updates
    assert bundle["text/plain"] == LINE
    assert set(bundle) == {"image/png", "text/plain"}  # nothing moves any more
    assert capsys.readouterr().out == LINE + "\n"
    assert set(widgets) == before


def test_an_interrupted_run_says_so(handle):
    report = progress.Notebook(total=2, epochs=1)
    report.advance(128)
    report.close(History(interrupted=True))
    assert handle.updates[0]["text/plain"] == "interrupted after 1 steps; the model is as trained so far"


def test_lines_say_what_an_epoch_gave():
    assert progress.describe(HISTORY.epochs[0], 1) == LINE
    untested = Epoch(2, 1.5, 0.45, None, None, 10.0, 6000.0)
    assert "test" not in progress.describe(untested, 2)
