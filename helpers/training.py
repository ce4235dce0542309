"""One training loop for lessons, panels and the command line.

`train` is a generator that yields after every step. `fit` drives it with progress, curves and a record.
"""

import inspect
import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from helpers import device, distributed, progress
from helpers.checkpoint import Checkpoint
from helpers.history import Recorder
from helpers.interrupt import Interrupt
from helpers.language import spoken
from helpers.metrics import Metrics, measure

LOOK_EVERY = 20  # steps between looks at the loss where it lies on a GPU, since looking waits for it


class Diverged(FloatingPointError):
    """The loss is no longer a finite number; the message says what to try."""


@dataclass(frozen=True)
class Step:
    """What one step did, before its update. Its tensors stay on the device: read them seldom, since reading waits.

    Attributes:
        number: steps since training began, from 1.
        num_examples: size of the batch.
        loss: mean loss of the batch, a tensor with one element.
        num_labels: how many class labels the batch has, as many as pixels in segmentation; 0 without.
        num_correct: how many of them have the largest output.
    """

    number: int
    num_examples: int
    loss: torch.Tensor
    num_labels: torch.Tensor
    num_correct: torch.Tensor


def train(model, loader, optimizer, *, epochs=1, loss_function=F.cross_entropy, scheduler=None, hardware=None):
    """Train a model by minibatch SGD and yield a Step after every update.

    Args:
        model: takes the loader's inputs and returns what loss_function takes: logits of shape (N, classes, ...).
        loader: yields pairs of tensors (inputs, targets), such as class labels of shape (N, ...).
        optimizer: of the model's parameters.
        epochs: passes over the loader, at least 1.
        loss_function: of (outputs, targets), the mean over the batch. Targets of the outputs' shape come as floats.
        scheduler: a learning-rate scheduler that steps after every batch, or None.
        hardware: a device.Hardware, None for the best one here.

    Raises:
        Diverged: the loss is infinite or not a number.
        ValueError: an argument, a batch, a label or the loss is not as described.
    """
    _check(loader, optimizer, scheduler, epochs)
    hardware, number = hardware or device.pick(), 0
    hardware.place(model)
    for _ in range(epochs):
        model.train()
        for inputs, targets in _batches(loader, hardware):
            with hardware.autocast():
                outputs = model(inputs)
            loss, num_labels, num_correct = measure(loss_function, outputs, targets, hardware)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            number += 1
            if hardware.device.type == "cpu" or number % LOOK_EVERY == 0:
                _stop_if_diverged(loss.detach(), optimizer)
            yield Step(number, len(targets), loss.detach(), num_labels, num_correct)


@torch.no_grad()
def evaluate(model, loader, *, loss_function=F.cross_entropy, hardware=None):
    """Measure a model in evaluation mode and leave it in the mode it was in.

    Returns:
        (loss, accuracy): the mean loss over the examples, so that a short last batch counts as what it is, and the
        share of right labels, None where the targets are no class labels. On several processes of all together.

    Raises:
        ValueError: the loader is empty, or as `train` does.
    """
    hardware, metrics, was_training = hardware or device.pick(), Metrics(), model.training
    hardware.place(model).eval()
    distributed.broadcast_buffers(model)
    try:
        for inputs, targets in _batches(loader, hardware):
            with hardware.autocast():
                outputs = model(inputs)
            loss, num_labels, num_correct = measure(loss_function, outputs, targets, hardware)
            metrics.add(Step(0, len(targets), loss, num_labels, num_correct))
    finally:
        model.train(was_training)
    metrics = metrics.all_reduce()
    if metrics.steps == 0:
        raise ValueError(spoken("the loader is empty: there is nothing to evaluate"))
    return metrics.means()


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
):
    """Train with progress, images per second, remaining time and live curves; return the record, a History.

    Takes what `train` takes, and a test_loader that is evaluated after each epoch. Ctrl+C ends it after the step at
    work, keeps the model as it is and returns the record so far, marked `interrupted`; pressed twice it stops at once.
    Started by torchrun, all processes train together, see distributed.py; the loader gives each its part.

    Args:
        checkpoint: a path, or a Checkpoint, of the file that holds the whole run. If it exists, the run goes on from
            there, see checkpoint.py.

    Raises:
        Diverged, ValueError: as `train` does.
        CheckpointError: the file is damaged or of another run (it is left as it is), or cannot be written.
    """
    _check(loader, optimizer, scheduler, epochs)
    hardware = hardware or device.pick()
    distributed.require_parts(loader)
    batches = _length(loader)
    network = distributed.replicate(hardware.place(model), batches)
    recorder = Recorder(batches)
    saved = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
    saved.resume(model, optimizer, scheduler, loader, recorder, epochs=epochs, loss_function=loss_function)
    history, options = recorder.history, {"loss_function": loss_function, "hardware": hardware}
    with progress.start(history, epochs, batches, recorder.done) as report, Interrupt(history, saved.save) as interrupt:
        for _ in range(len(history.epochs), epochs):
            recorder.start_epoch()
            for step in train(network, loader, optimizer, scheduler=scheduler, **options):
                recorder.add(step)
                report.advance(step.num_examples)
                saved.save_if_due()
                interrupt.stop_if_pressed()
            recorder.end_epoch(*([] if test_loader is None else evaluate(model, test_loader, **options)))
            _stop_if_diverged(history.epochs[-1].loss, optimizer)
            report.end_epoch()
            saved.save(epoch_ended=True)
            interrupt.stop_if_pressed()
    return history


def _check(loader, optimizer, scheduler, epochs):
    """Raise ValueError for what would fail only later, or silently."""
    if epochs < 1:
        raise ValueError(spoken("epochs must be at least 1, got {this}").format(this=epochs))
    if _length(loader) == 0:
        raise ValueError(spoken("the loader is empty: give it at least one batch (drop_last drops a short only one)"))
    for part in (optimizer, scheduler):  # LBFGS wants a closure, ReduceLROnPlateau a metric
        step = getattr(type(part), "step", None)
        parameters = list(inspect.signature(step).parameters.values())[1:] if step else []
        wanted = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
        if wanted:
            told = spoken("{name} wants {this} at each step, which train does not give: use another one")
            raise ValueError(told.format(name=type(part).__name__, this=wanted[0]))


def _length(loader):
    """Return how many batches a loader says that it has, None if it doesn't."""
    try:
        return len(loader)
    except TypeError:  # also of a DataLoader, if its dataset has no length
        return None


def _batches(loader, hardware):
    """Yield the batches of a loader, if they are pairs of tensors, with the inputs on the device."""
    for batch in loader:
        parts = batch if isinstance(batch, list | tuple) else []
        if [isinstance(part, torch.Tensor) for part in parts] != [True, True]:
            kinds = ", ".join(type(part).__name__ for part in parts)
            this = spoken("a {kind} of {parts}") if kinds else spoken("a {kind}")
            told = spoken(
                "a batch must be a pair of tensors, (inputs, targets), got {this}: "
                "let the dataset or the loader's collate_fn make pairs"
            )
            raise ValueError(told.format(this=this.format(kind=type(batch).__name__, parts=kinds)))
        yield hardware.move(batch[0]), batch[1]


def _stop_if_diverged(loss, optimizer):
    if not math.isfinite(loss):
        told = spoken(
            "the loss became {loss} with a learning rate of {rate}; "
            "try a smaller learning rate, and start again from fresh weights"
        )
        raise Diverged(told.format(loss=float(loss), rate=f"{optimizer.param_groups[0]['lr']:.4g}"))
