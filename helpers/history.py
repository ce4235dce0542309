"""The record of a training run: a fine curve, one entry per epoch, and the sums that they are made of."""

import time
from dataclasses import astuple, dataclass, field

from helpers import distributed


@dataclass(frozen=True)
class Point:
    """Means over the examples since the point before; `epoch` is a fraction of passes done."""

    epoch: float
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Epoch:
    """One pass: training means taken while the weights moved, test results after it, seconds of training."""

    epoch: int
    loss: float
    accuracy: float
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
    """Writes a History, step by step, and can be saved and taken up in the middle of an epoch.

    Attributes:
        history: the History written so far.
    """

    def __init__(self, batches, team=distributed.ALONE):
        self.history = History()
        self._batches, self._point_every = batches, max(1, batches // 50)
        self._since_point, self._since_epoch = _Means(team), _Means(team)
        self._begin, self._seconds = time.perf_counter(), 0.0  # of the epoch, until its last step

    def add(self, step):
        """Count a step in; return whether it made a new point of the curve."""
        self._since_point.add(step)
        self._since_epoch.add(step)
        self._seconds = time.perf_counter() - self._begin
        is_point = step.number % self._point_every == 0 or step.is_last
        if is_point:
            self.history.curve.append(Point(step.number / self._batches, *self._since_point.take()))
        return is_point

    def end_epoch(self, test):
        """Write the entry of an epoch with its test (loss, accuracy); testing counts as no training time."""
        examples, number = self._since_epoch.examples, len(self.history.epochs) + 1
        means = self._since_epoch.take()
        self.history.epochs.append(Epoch(number, *means, *test, self._seconds, examples / self._seconds))
        self._begin, self._seconds = time.perf_counter(), 0.0

    def state_dict(self):
        """Return the record as plain numbers. Every process of a team must ask for it."""
        return {
            "curve": [astuple(point) for point in self.history.curve],
            "epochs": [astuple(epoch) for epoch in self.history.epochs],
            "since_point": self._since_point.sums(),
            "since_epoch": self._since_epoch.sums(),
            "seconds": self._seconds,
        }

    def load_state_dict(self, state):
        self.history.curve[:] = [Point(*numbers) for numbers in state["curve"]]
        self.history.epochs[:] = [Epoch(*numbers) for numbers in state["epochs"]]
        self._since_point.load(state["since_point"])
        self._since_epoch.load(state["since_epoch"])
        self._begin = time.perf_counter() - state["seconds"]


class _Means:
    """Sums of loss and hits, kept on the device and in their process until they are read."""

    def __init__(self, team):
        self._team, self.loss, self.hits, self.examples = team, 0, 0, 0

    def add(self, step):
        # In a team the mean of the processes' losses is the loss, see Team.weigh, so each counts a part.
        self.loss = self.loss + step.loss * (step.examples / self._team.size)
        self.hits = self.hits + step.hits
        self.examples += step.examples

    def sums(self):
        """Return (loss, hits, examples), summed over the team."""
        return (*self._team.sum(self.loss, self.hits), self.examples)

    def load(self, sums):
        """Go on from such sums; in a team the first process carries them."""
        self.loss, self.hits, self.examples = sums
        if self._team.rank > 0:
            self.loss = self.hits = 0

    def take(self):
        """Return the mean loss and accuracy and start again."""
        loss, hits, examples = self.sums()
        self.__init__(self._team)
        return loss / examples, hits / examples
