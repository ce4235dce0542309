"""What a running fit shows: in a notebook one display, updated in place, with a picture at the end."""

import subprocess
import sys

import pytest

from helpers import live, progress
from helpers.history import Epoch, History, Point

LINE = "epoch 1/1: train loss 1.5000, train accuracy 0.4500, test accuracy 0.7000, 6,000 images/s"


def written():
    epochs = [Epoch(1, 1.5, 0.45, 0.9, 0.7, 10.0, 6000.0)]
    return History(curve=[Point(0.5, 2.0, 0.3), Point(1.0, 1.0, 0.6)], epochs=epochs)


class Handle:
    def __init__(self):
        self.updates = []

    def display(self, bundle, raw, display_id):
        assert "application/vnd.jupyter.widget-view+json" in bundle
        return self

    def update(self, bundle, metadata, raw):
        self.updates.append(bundle)


@pytest.fixture
def handle(monkeypatch):
    handle = Handle()
    monkeypatch.setattr(live, "display", handle.display)
    monkeypatch.setattr(live, "FRAME", 0)
    return handle


def test_a_notebook_sees_curves_in_the_same_display_and_at_the_end_a_still(handle, capsys):
    with live.Notebook(written(), 1, 2, 0) as report:
        line, bar, image = report.view.children
        report.advance(128)
        first = image.value
        assert "images/s" in line.value
        assert "left" in line.value
        assert (bar.value, bar.max) == (1, 2)
        report.advance(128)
        report.end_epoch()
    assert bytes(first).startswith(b"\x89PNG")
    assert bar.value == 2
    (bundle,) = handle.updates
    assert bundle["text/plain"] == LINE
    assert set(bundle) == {"image/png", "text/plain"}  # nothing moves any more
    assert capsys.readouterr().out == LINE + "\n"
    assert line.comm is None


def test_a_run_that_goes_on_counts_what_was_done(handle):
    with live.Notebook(written(), 4, 50, 1.5) as report:
        report.advance(128)
    _, bar, _ = report.view.children
    assert (bar.value, bar.max) == (76, 200)


def test_a_loader_without_a_length_shows_how_fast_it_is_but_no_remaining_time(handle):
    with live.Notebook(written(), 1, None, 0) as report:
        report.advance(128)
        line, bar, _ = report.view.children
        assert "images/s" in line.value
        assert "left" not in line.value
        assert bar.value == 0


def test_an_interrupted_run_says_so(handle):
    history = History()
    with live.Notebook(history, 1, 2, 0) as report:
        report.advance(128)
        history.interrupted = True
    assert handle.updates[0]["text/plain"] == "interrupted after 1 steps; the model is as trained so far"


def test_lines_say_what_an_epoch_gave():
    assert progress.describe(written().epochs[0], 1) == LINE
    untested = Epoch(2, 1.5, 0.45, None, None, 10.0, 6000.0)
    assert "test" not in progress.describe(untested, 2)
    regression = Epoch(2, 1.5, None, 1.25, None, 10.0, 6000.0)
    assert progress.describe(regression, 2) == "epoch 2/2: train loss 1.5000, test loss 1.2500, 6,000 images/s"


def test_only_the_first_process_shows_anything(monkeypatch, capsys):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with progress.start(written(), epochs=1, batches=2) as report:
        report.advance(128)
        report.end_epoch()
    assert capsys.readouterr() == ("", "")


def test_without_a_notebook_neither_widgets_nor_curves_are_imported():
    code = """
import sys, torch
from torch import nn
from helpers import training
model = nn.Linear(4, 2)
loader = [(torch.ones(3, 4), torch.zeros(3, dtype=torch.long))]
training.fit(model, loader, torch.optim.SGD(model.parameters(), lr=0.1))
print([name for name in ("IPython", "ipywidgets", "matplotlib", "torchvision") if name in sys.modules])"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert ended.stdout.splitlines()[-1] == "[]", ended.stderr
