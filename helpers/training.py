"""One training loop for lessons, panels and the command line.

`train` is a generator that yields after every step. `fit` drives it with progress, curves and a record.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from helpers import device, distributed, progress
from helpers.checkpoint import Checkpoint
from helpers.history import Recorder
from helpers.passes import Passes


class Diverged(FloatingPointError):
    """The loss is no longer a finite number; the message says where and what to try."""


@dataclass(frozen=True)
class Step:
    """What one step did. Loss and hits stay on the device: reading them waits for it, so read them seldom.

    Attributes:
        epoch: number of the pass over the data, from 0.
        number: steps since the start, from 1.
        examples: size of the batch.
        loss: mean loss of the batch before the update, a tensor with one element. In a team of processes
            it is this one's weighed share, and the mean of the shares is the loss.
        hits: how many of the batch were classified rightly before the update, likewise; in a team, of the share.
        is_last: whether the step ends its epoch.
    """

    epoch: int
    number: int
    examples: int
    loss: torch.Tensor
    hits: torch.Tensor
    is_last: bool


def train(
    model,
    loader,
    optimizer,
    *,
    epochs=1,
    loss_function=F.cross_entropy,
    scheduler=None,
    hardware=None,
    passes=None,
    team=distributed.ALONE,
):
    """Train a model by minibatch SGD and yield a Step after every update.

    Args:
        model: takes the loader's inputs, returns logits of shape (N, classes), or what loss_function takes.
        loader: yields (inputs, targets); has a length.
        optimizer: of the model's parameters.
        epochs: passes over the loader, at least 1.
        loss_function: of (outputs, targets), the mean over the batch.
        scheduler: a learning-rate scheduler that steps after every batch, or None.
        hardware: a device.Hardware, None for the best one here.
        passes: the Passes over the loader to go on with, None to begin.
        team: the processes that share each batch, from distributed.join.

    Raises:
        Diverged: the loss is infinite or not a number.
        ValueError: epochs is below 1, the loader is empty, or a label has no output.
    """
    _check(loader, epochs)
    hardware = hardware or device.pick()
    network = team.wrap(hardware.place(model))
    for epoch, batches in passes or Passes(loader, epochs, hardware.device, team):
        model.train()
        for batch, (inputs, targets) in batches:
            examples = len(targets)
            inputs, targets, own = team.share(inputs, targets)
            loss, outputs = _loss(network, loss_function, inputs, targets, hardware)
            loss = team.weigh(loss, own, examples)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            number, hits = epoch * len(loader) + batch, _hits(outputs, targets, own)
            step = Step(epoch, number, examples, loss.detach(), hits, is_last=batch == len(loader))
            _stop_if_diverged(step, optimizer)
            yield step


@torch.no_grad()
def evaluate(model, loader, *, loss_function=F.cross_entropy, hardware=None, team=distributed.ALONE):
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
            examples += len(targets)
            inputs, targets, own = team.share(inputs, targets)
            loss, outputs = _loss(model, loss_function, inputs, targets, hardware)
            total += loss * own
            hits += _hits(outputs, targets, own)
    finally:
        model.train(was_training)
    if examples == 0:
        raise ValueError("the loader is empty: there is nothing to evaluate")
    total, hits = team.sum(total, hits)
    return total / examples, hits / examples


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
    checkpoint=None,
    checkpoint_seconds=30,
):
    """Train with progress, images per second, remaining time and live curves; return the record, a History.

    Takes what `train` takes, and a test_loader that is evaluated after each epoch. Interrupting it keeps
    the model as it is and returns the record so far, marked `interrupted`. Started by torchrun, all processes
    train together as one, each on its share of every batch.

    Args:
        checkpoint: a file that holds the whole run, or None. If it exists, the run goes on from there and
            ends with the bits of an unbroken one; it is saved after each epoch and on interruption.
        checkpoint_seconds: the time between two more saves within an epoch.

    Raises:
        Diverged, ValueError: as `train` does.
        CheckpointError: the file is damaged or of another run (it is left as it is), or cannot be written.
    """
    _check(loader, epochs)  # before any progress is shown
    hardware = hardware or device.pick()
    hardware.place(model)  # before a checkpoint is loaded into it
    team = distributed.join(hardware.device)
    passes, recorder = Passes(loader, epochs, hardware.device, team), Recorder(len(loader), team)
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "passes": passes, "record": recorder}
    options = {"loss_function": loss_function, "hardware": hardware, "team": team}
    history, total = recorder.history, epochs * len(loader)
    with Checkpoint(checkpoint, parts, loader, epochs, checkpoint_seconds, team) as saved:
        if passes.done:
            left = f"{total - passes.done} of {total} steps" if passes.done < total else "nothing"
            team.print(f"going on from {checkpoint}: {left} left to do")
        report = progress.start(total, epochs, done=passes.done, shown=team.rank == 0)
        try:
            for step in train(model, loader, optimizer, epochs=epochs, scheduler=scheduler, passes=passes, **options):
                report.advance(step.examples)
                if recorder.add(step):
                    report.show(history)
                if step.is_last:
                    recorder.end_epoch((None, None) if test_loader is None else evaluate(model, test_loader, **options))
                    report.end_epoch(history)
                saved.after(step)
        except KeyboardInterrupt:
            history.interrupted = True
        finally:
            report.close(history)
    return history


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


def _hits(outputs, targets, own):
    """Count the rightly classified among the first `own`; 0 where the targets are no class labels."""
    if targets.is_floating_point():
        return torch.zeros((), device=outputs.device)
    return (outputs.detach().argmax(1) == targets.to(outputs.device))[:own].sum()


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
