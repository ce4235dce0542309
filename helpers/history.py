"""The record of a training run: a fine curve, one entry per epoch, and the sums that they are made of."""

import time
from dataclasses import astuple, dataclass, field

from helpers.language import spoken
from helpers.metrics import Metrics

POINTS = 50  # of the curve, in each epoch


@dataclass(frozen=True)
class Point:
    """Means since the point before; `epoch` is a fraction of epochs done, accuracy None without class labels."""

    epoch: float
    loss: float
    accuracy: float | None


@dataclass(frozen=True)
class Epoch:
    """One epoch: training means taken while the weights moved, test results after it, seconds of training."""

    epoch: int
    loss: float
    accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    seconds: float
    images_per_second: float


@dataclass
class History:
    """The record of a run: a fine `curve`, one entry per epoch, and whether it was interrupted."""

    curve: list[Point] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False

    @property
    def test_accuracy(self):
        """The test accuracy after the last whole epoch, None if there is none."""
        return self.epochs[-1].test_accuracy if self.epochs else None


class Recorder:
    """Writes a History step by step, and can be saved and taken up in the middle of an epoch.

    On several processes an epoch's entry is of all of them, the curve of this one's part of the batches.

    Args:
        batches: how many the loader says that it has, or None; after an epoch they are known.
    """

    def __init__(self, batches=None):
        self.history, self._batches = History(), batches
        self._since_point, self._since_epoch, self._seconds = Metrics(), Metrics(), 0.0

    def start_epoch(self):
        """Let the clock run on; what happens between epochs, such as testing, is no training time."""
        self._begin = time.perf_counter() - self._seconds

    def add(self, step):
        """Count a step in."""
        self._since_point.add(step)
        self._since_epoch.add(step)
        self._seconds = time.perf_counter() - self._begin
        steps, batches = self._since_epoch.steps, self._batches or 0
        if steps < batches and steps % max(1, batches // POINTS) == 0:
            self._add_point(steps / batches)

    def end_epoch(self, test_loss=None, test_accuracy=None):
        """Write the entry of an epoch, with the results of its test."""
        if self._since_epoch.steps == 0:
            told = spoken("the loader gave no batch: it must give some in every epoch, so an iterator won't do")
            raise ValueError(told)
        if self._since_point.steps:
            self._add_point(1)
        total, number = self._since_epoch.all_reduce(), len(self.history.epochs) + 1
        rate = total.num_examples / self._seconds
        means = total.means()
        self.history.epochs.append(Epoch(number, *means, test_loss, test_accuracy, self._seconds, rate))
        self._batches, self._since_epoch, self._seconds = self._since_epoch.steps, Metrics(), 0.0

    @property
    def done(self):
        """Epochs done, with the part done of the one at work, as far as it is known."""
        return len(self.history.epochs) + self._since_epoch.steps / (self._batches or 1)

    def _add_point(self, fraction):
        self.history.curve.append(Point(len(self.history.epochs) + fraction, *self._since_point.means()))
        self._since_point = Metrics()

    def state_dict(self):
        """Return the record as plain numbers."""
        return {
            "curve": [astuple(point) for point in self.history.curve],
            "epochs": [astuple(epoch) for epoch in self.history.epochs],
            "batches": self._batches,
            "since_point": [float(value) for value in vars(self._since_point).values()],
            "since_epoch": [float(value) for value in vars(self._since_epoch).values()],
            "seconds": self._seconds,
        }

    def load_state_dict(self, state):
        self.history.curve[:] = [Point(*numbers) for numbers in state["curve"]]
        self.history.epochs[:] = [Epoch(*numbers) for numbers in state["epochs"]]
        self._batches, self._seconds = state["batches"], state["seconds"]
        self._since_point, self._since_epoch = Metrics(*state["since_point"]), Metrics(*state["since_epoch"])
