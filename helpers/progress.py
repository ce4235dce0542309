"""How a running `fit` shows itself in a terminal; in a notebook, see live.py."""

import sys
import time

from tqdm import tqdm

from helpers import distributed
from helpers.language import spoken


def start(history, epochs, batches=None, done=0.0):
    """Return the report that fits the place: a notebook's, a terminal's, or one that shows nothing.

    Args:
        history: the History that is being written.
        epochs: of the whole run.
        batches: in an epoch, None if nobody knows.
        done: epochs that an earlier start of the run has done.
    """
    if distributed.rank() > 0:
        return Report(history, epochs, batches, done)
    if _in_notebook():
        from helpers.live import Notebook  # widgets and curves take a second to import

        return Notebook(history, epochs, batches, done)
    return Terminal(history, epochs, batches, done)


def _in_notebook():
    ipython = sys.modules.get("IPython")
    return getattr(ipython and ipython.get_ipython(), "kernel", None) is not None


class Report:
    """Counts, and shows nothing. Use it in a `with` statement around the run.

    Attributes:
        steps: done since this start.
        total: steps of the whole run, None if nobody knows.
    """

    def __init__(self, history, epochs, batches, done):
        self.history, self.epochs = history, epochs
        self.total = None if batches is None else epochs * batches
        self.earlier = 0 if batches is None else round(done * batches)
        self.steps, self._images, self._begin = 0, 0, time.perf_counter()

    def __enter__(self):
        return self

    def advance(self, images):
        """Count a step with so many images."""
        self.steps += 1
        self._images += images

    def end_epoch(self):
        """Show the entry of an epoch."""

    def __exit__(self, *error):
        pass

    def line(self):
        """Say how fast the run is and what its loss is."""
        speed = self._images / (time.perf_counter() - self._begin)
        said = [spoken("{speed:,.0f} images/s").format(speed=speed)]
        said += [spoken("loss {loss:.3f}").format(loss=point.loss) for point in self.history.curve[-1:]]
        return ", ".join(said)


class Terminal(Report):
    """A tqdm bar with images/s and remaining time, and one plain line per epoch."""

    def __init__(self, *run):
        super().__init__(*run)
        # Where lines cannot be overwritten, such as a log file, one line every ten seconds is enough.
        pace = 0.2 if sys.stderr.isatty() else 10
        self._bar = tqdm(total=self.total, initial=self.earlier, unit="step", mininterval=pace, dynamic_ncols=True)

    def advance(self, images):
        super().advance(images)
        self._bar.set_postfix_str(self.line(), refresh=False)
        self._bar.update()

    def end_epoch(self):
        self._bar.write(describe(self.history.epochs[-1], self.epochs), file=sys.stdout)

    def __exit__(self, *error):
        self._bar.close()


def describe(epoch, epochs):
    """Say in one line what an epoch gave."""
    numbers = {
        spoken("train loss"): epoch.loss,
        spoken("train accuracy"): epoch.accuracy,
        spoken("test loss"): epoch.test_loss if epoch.test_accuracy is None else None,
        spoken("test accuracy"): epoch.test_accuracy,
    }
    said = ", ".join(f"{name} {number:.4f}" for name, number in numbers.items() if number is not None)
    told = spoken("epoch {i}/{n}: {numbers}, {speed} images/s")
    return told.format(i=epoch.epoch, n=epochs, numbers=said, speed=f"{epoch.images_per_second:,.0f}")
