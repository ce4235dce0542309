"""How a running `fit` shows itself: live curves in a notebook, a bar and plain lines in a terminal."""

import sys
import time

from IPython import get_ipython
from IPython.display import display
from ipywidgets import HTML, IntProgress, VBox
from tqdm import tqdm

from helpers import cells, plots

FRAME = 0.5  # seconds between drawn curves: a full drawing costs some 50 ms of training time


def start(total, epochs, done=0, shown=True):
    """Return the report that fits the place: a notebook's, a terminal's, or one that shows nothing.

    Args:
        total: steps of the whole run.
        epochs: passes of the whole run.
        done: steps that an earlier start of the run has done.
        shown: False for the processes that leave showing to another.
    """
    if not shown:
        return Silent()
    kernel = getattr(get_ipython(), "kernel", None)
    return Terminal(total, epochs, done) if kernel is None else Notebook(total, epochs, done)


class Silent:
    """Shows nothing."""

    def advance(self, images):
        pass

    def show(self, history):
        pass

    end_epoch = close = show


class Terminal:
    """A tqdm bar with images/s and remaining time, and one plain line per epoch."""

    def __init__(self, total, epochs, done=0):
        self._epochs = epochs
        # Where lines cannot be overwritten, such as a log file, one line every ten seconds is enough.
        pace = 0.2 if sys.stderr.isatty() else 10
        self._bar = tqdm(total=total, initial=done, unit="step", mininterval=pace, dynamic_ncols=True)
        self._images, self._begin = 0, time.perf_counter()

    def advance(self, images):
        self._images += images
        self._bar.update()

    def show(self, history):
        rate = self._images / (time.perf_counter() - self._begin)
        self._bar.set_postfix_str(f"{rate:,.0f} images/s, loss {history.curve[-1].loss:.3f}", refresh=False)

    def end_epoch(self, history):
        self._bar.write(describe(history.epochs[-1], self._epochs), file=sys.stdout)

    def close(self, history):
        self._bar.close()


class Notebook:
    """A bar, a line and curves as widgets whose picture is replaced in place, so nothing flickers.

    When it is done, the last picture and the line stay, for readers without a kernel, too.
    """

    def __init__(self, total, epochs, done=0):
        self._epochs, self._earlier, self._done, self._images = epochs, done, done, 0
        self._begin = self._drawn = time.perf_counter()
        self._bar, self._line = IntProgress(max=total), HTML("starting")
        self._image = plots.Picture("Loss and accuracy over the epochs of the training")
        self._view = VBox([self._line, self._bar, self._image])
        data = {**self._view._repr_mimebundle_(), "text/plain": self._line.value}
        self._handle = display(data, raw=True, display_id=True)

    def advance(self, images):
        self._done += 1
        self._images += images

    def show(self, history):
        now = time.perf_counter()
        if now - self._drawn < FRAME:
            return
        self._drawn, self._bar.value = now, self._done
        spent = now - self._begin
        left = tqdm.format_interval(spent / (self._done - self._earlier) * (self._bar.max - self._done))
        self._line.value = f"{self._images / spent:,.0f} images/s, {left} left, loss {history.curve[-1].loss:.3f}"
        self._draw(history)

    def end_epoch(self, history):
        self._draw(history)

    def close(self, history):
        self._bar.value = self._done
        if history.epochs:
            self._line.value = describe(history.epochs[-1], self._epochs)
        if history.interrupted:
            self._line.value = f"interrupted after {self._done} steps; the model is as trained so far"
        if history.curve:
            self._draw(history)
        self._show_still()

    def _draw(self, history):
        figure, axes = plots.subplots()
        plots.curves(axes, history)
        axes.set_xlim(0, self._epochs)
        self._image.value = plots.png(figure)

    def _show_still(self):
        """Put the last picture and line in the place of the widgets: nothing moves any more, so they are closed."""
        line, pixels = self._line.value, self._image.value
        data, metadata = plots.still(pixels, line) if pixels else ({"text/plain": line}, {})
        self._handle.update(data, metadata=metadata, raw=True)
        if pixels:
            print(line)  # pages show a picture without its text
        cells.close(self._view)


def describe(epoch, epochs):
    """Say in one line what an epoch gave."""
    test = "" if epoch.test_accuracy is None else f", test accuracy {epoch.test_accuracy:.4f}"
    return (
        f"epoch {epoch.epoch}/{epochs}: train loss {epoch.loss:.4f}, train accuracy {epoch.accuracy:.4f}{test}, "
        f"{epoch.images_per_second:,.0f} images/s"
    )
