"""How a running `fit` shows itself in a notebook: a line, a bar and live curves."""

import time

from IPython.display import display
from ipywidgets import HTML, IntProgress, VBox
from tqdm import tqdm

from helpers import cells, plots
from helpers.language import spoken
from helpers.progress import Report, describe

FRAME = 0.5  # seconds between drawn curves: a full drawing costs some 50 ms of training time


class Notebook(Report):
    """Widgets whose picture is replaced in place, so nothing flickers.

    When it is done, the last picture and the line stay, for readers without a kernel, too.

    Attributes:
        view: the box with the line, the bar and the picture.
    """

    def __init__(self, *run):
        super().__init__(*run)
        self._drawn = self._begin
        self._bar, self._line = IntProgress(max=self.total or 1), HTML(spoken("starting"))
        self._image = plots.Picture(spoken("Loss and accuracy over the epochs of the training"))
        self.view = VBox([self._line, self._bar, self._image])
        data = {**self.view._repr_mimebundle_(), "text/plain": self._line.value}
        self._handle = display(data, raw=True, display_id=True)

    def advance(self, images):
        super().advance(images)
        now = time.perf_counter()
        if now - self._drawn < FRAME:
            return
        self._drawn, left = now, ""
        if self.total:
            self._bar.value = self.earlier + self.steps
            rest = (now - self._begin) / self.steps * (self.total - self._bar.value)
            left = ", " + spoken("{time} left").format(time=tqdm.format_interval(max(0, rest)))
        self._line.value = self.line() + left
        self._draw()

    def end_epoch(self):
        self._draw()

    def __exit__(self, *error):
        self._bar.value = self.earlier + self.steps if self.total else 1
        if self.history.epochs:
            self._line.value = describe(self.history.epochs[-1], self.epochs)
        if self.history.interrupted:
            done = self.earlier + self.steps
            self._line.value = spoken("interrupted after {n} steps; the model is as trained so far").format(n=done)
        self._draw()
        self._show_still()

    def _draw(self):
        if not self.history.curve:
            return
        figure, axes = plots.subplots()
        plots.curves(axes, self.history)
        axes.set_xlim(0, self.epochs)
        self._image.value = plots.png(figure)

    def _show_still(self):
        """Put the last picture and line in the place of the widgets: nothing moves any more, so they are closed."""
        line, pixels = self._line.value, self._image.value
        data, metadata = plots.still(pixels, line) if pixels else ({"text/plain": line}, {})
        self._handle.update(data, metadata=metadata, raw=True)
        if pixels:
            print(line)  # pages show a picture without its text
        cells.close(self.view)
