"""One training loop for lessons, panels and the command line.

`train` is a generator that yields after every step. `fit` drives it with progress, curves and a record.
"""

import math
import time
from dataclasses import dataclass, field

import torch
from torch.nn import functional as F

from helpers import device, progress


class Diverged(FloatingPointError):
    """The loss is no longer a finite number; the message says where and what to try."""


@dataclass(frozen=True)
class Step:
    """What one step did. Loss and hits stay on the device: reading them waits for it, so read them seldom.

    Attributes:
        epoch: number of the pass over the data, from 0.
        number: steps since the start, from 1.
        examples: size of the batch.
        loss: mean loss of the batch before the update, a tensor with one element.
        hits: how many of the batch were classified rightly before the update, likewise.
        is_last: whether the step ends its epoch.
    """

    epoch: int
    number: int
    examples: int
    loss: torch.Tensor
    hits: torch.Tensor
    is_last: bool


def train(model, loader, optimizer, *, epochs=1, loss_function=F.cross_entropy, scheduler=None, hardware=None):
    """Train a model by minibatch SGD and yield a Step after every update.

    Args:
        model: takes the loader's inputs, returns logits of shape (N, classes), or what loss_function takes.
        loader: yields (inputs, targets); has a length.
        optimizer: of the model's parameters.
        epochs: passes over the loader, at least 1.
        loss_function: of (outputs, targets), the mean over the batch.
        scheduler: a learning-rate scheduler that steps after every batch, or None.
        hardware: a device.Hardware, None for the best one here.

    Raises:
        Diverged: the loss is infinite or not a number.
        ValueError: epochs is below 1, the loader is empty, or a label has no output.
    """
    _check(loader, epochs)
    hardware = hardware or device.pick()
    hardware.place(model)
    number = 0
    for epoch in range(epochs):
        model.train()
        for batch, (inputs, targets) in enumerate(loader, 1):
            number += 1
            loss, outputs = _loss(model, loss_function, inputs, targets, hardware)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            step = Step(epoch, number, len(targets), loss.detach(), _hits(outputs, targets), batch == len(loader))
            _stop_if_diverged(step, optimizer)
            yield step


@torch.no_grad()
def evaluate(model, loader, *, loss_function=F.cross_entropy, hardware=None):
    """Measure a model in evaluation mode and leave it in the mode it was in.

    Returns:
        (loss, accuracy): means over the examples, so that a short last batch counts as what it is.

    Raises:
        ValueError: the loader is empty.
    """
    hardware = hardware or device.pick()
    hardware.place(model)
    was_training, total, hits, examples = model.training, 0.0, 0, 0
    model.eval()
    try:
        for inputs, targets in loader:
            loss, outputs = _loss(model, loss_function, inputs, targets, hardware)
            total += loss * len(targets)
            hits += _hits(outputs, targets)
            examples += len(targets)
    finally:
        model.train(was_training)
    if examples == 0:
        raise ValueError("the loader is empty: there is nothing to evaluate")
    return float(total) / examples, float(hits) / examples


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


def fit(
    model,
    loader,
    optimizer,
    *,
    test_loader=None,
    epochs=1,
    loss_function=F.cross_entropy,
    scheduler=None,
    hardware=None,
):
    """Train with progress, images per second, remaining time and live curves; return the record.

    Takes what `train` takes, and a test_loader that is evaluated after each epoch. Interrupting it keeps
    the model as it is and returns the record so far, marked `interrupted`.

    Raises:
        Diverged, ValueError: as `train` does.
    """
    _check(loader, epochs)  # before any progress is shown
    hardware = hardware or device.pick()
    history, since_point, since_epoch = History(), _Means(), _Means()
    options = {"loss_function": loss_function, "hardware": hardware}
    steps = train(model, loader, optimizer, epochs=epochs, scheduler=scheduler, **options)
    point_every = max(1, len(loader) // 50)
    report = progress.start(total=epochs * len(loader), epochs=epochs)
    clock = time.perf_counter()
    try:
        for step in steps:
            since_point.add(step)
            since_epoch.add(step)
            report.advance(step.examples)
            if step.number % point_every == 0 or step.is_last:
                history.curve.append(Point(step.number / len(loader), *since_point.take()))
                report.show(history)
            if step.is_last:
                examples, seconds = since_epoch.examples, time.perf_counter() - clock
                means = since_epoch.take()
                test = (None, None) if test_loader is None else evaluate(model, test_loader, **options)
                history.epochs.append(Epoch(step.epoch + 1, *means, *test, seconds, examples / seconds))
                report.end_epoch(history)
                clock = time.perf_counter()
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        report.close(history)
    return history


class _Means:
    """Sums of loss and hits, kept on the device until they are taken."""

    def __init__(self):
        self.loss = self.hits = self.examples = 0

    def add(self, step):
        self.loss = self.loss + step.loss * step.examples
        self.hits = self.hits + step.hits
        self.examples += step.examples

    def take(self):
        """Return the mean loss and accuracy and start again."""
        means = float(self.loss) / self.examples, float(self.hits) / self.examples
        self.__init__()
        return means


def _check(loader, epochs):
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, got {epochs}")
    if len(loader) == 0:
        raise ValueError("the loader is empty: give it at least one batch (drop_last drops a short only one)")


def _loss(model, loss_function, inputs, targets, hardware):
    """Return the loss in float32 and the outputs, for a batch that may lie anywhere."""
    with hardware.autocast():
        outputs = model(hardware.move(inputs)).float()
    if not targets.is_floating_point() and targets.device.type == "cpu":
        classes = outputs.shape[1]
        if targets.min() < 0 or targets.max() >= classes:
            wrong = targets[(targets < 0) | (targets >= classes)][0].item()
            raise ValueError(f"labels must be between 0 and {classes - 1} for {classes} outputs, got {wrong}")
    return loss_function(outputs, hardware.move(targets)), outputs


def _hits(outputs, targets):
    """Count the rightly classified; 0 where the targets are no class labels."""
    if targets.is_floating_point():
        return torch.zeros((), device=outputs.device)
    return (outputs.detach().argmax(1) == targets.to(outputs.device)).sum()


def _stop_if_diverged(step, optimizer):
    """Raise Diverged at a loss that is not finite; off the CPU look at every 20th step only, since looking waits."""
    if step.loss.device.type != "cpu" and step.number % 20 and not step.is_last:
        return
    loss = step.loss.item()
    if not math.isfinite(loss):
        rate = optimizer.param_groups[0]["lr"]
        raise Diverged(
            f"the loss became {loss} at step {step.number} (epoch {step.epoch + 1}) with a learning rate of "
            f"{rate:.4g}; try a smaller learning rate, and start again from fresh weights"
        )
