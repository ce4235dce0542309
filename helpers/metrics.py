"""What outputs are worth beside targets: the loss, and where these are class labels, the accuracy."""

import torch
from torch.nn import functional as F

from helpers import distributed
from helpers.language import spoken


class Metrics:
    """Sums over steps. They stay on the device until they are read, since reading waits for it."""

    def __init__(self, steps=0, num_examples=0, loss=0.0, num_correct=0, num_labels=0):
        self.steps, self.num_examples, self.loss = steps, num_examples, loss
        self.num_correct, self.num_labels = num_correct, num_labels

    def add(self, step):
        self.steps += 1
        self.num_examples += step.num_examples
        self.loss += step.loss * step.num_examples
        self.num_correct += step.num_correct
        self.num_labels += step.num_labels

    def means(self):
        """Return the mean loss over the examples and the accuracy over the labels, None where there are none."""
        accuracy = float(self.num_correct) / float(self.num_labels) if self.num_labels else None
        return float(self.loss) / self.num_examples, accuracy

    def all_reduce(self):
        """Return the Metrics of all processes together."""
        return Metrics(*distributed.all_reduce(*vars(self).values()))


def measure(loss_function, outputs, targets, hardware):
    """Return (loss, num_labels, num_correct) of a batch; the numbers are 0 where the targets are no class labels.

    Args:
        loss_function: of (outputs, targets), the mean over the batch; outputs come in float32, and targets of their
            shape, too.
        outputs: what a model returned, such as logits of shape (N, classes, ...).
        targets: a tensor, such as class labels of shape (N, ...).
        hardware: where the targets go; the outputs are there.

    Raises:
        ValueError: a label has no output, or the loss function cannot compare the two or returns no mean.
    """
    is_tensor = isinstance(outputs, torch.Tensor)
    outputs = outputs.float() if is_tensor else outputs
    is_labels = is_tensor and _are_labels(outputs, targets)
    if is_labels:
        _check_labels(loss_function, outputs, targets)
        targets = targets.long()
    elif is_tensor and targets.shape == outputs.shape:
        targets = targets.to(outputs.dtype)
    targets = hardware.move(targets)
    if is_tensor and outputs.dim() < 2 and _ignored(loss_function) is not None:  # it would take them for one example
        told = spoken("{function} needs outputs of shape (N, classes, ...), got {this}")
        raise ValueError(told.format(function=_name(loss_function), this=_describe(outputs)))
    try:
        loss = loss_function(outputs, targets)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        told = spoken("{function} cannot compare outputs, {outputs}, with targets, {targets}: {reason}")
        described = {"outputs": _describe(outputs), "targets": _describe(targets)}
        reason = str(error).strip().splitlines()[0]
        raise ValueError(told.format(function=_name(loss_function), **described, reason=reason)) from error
    if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
        told = spoken("{function} must return one number, the mean over the batch, got {this}")
        raise ValueError(told.format(function=_name(loss_function), this=_describe(loss)))
    return loss, *(_count(loss_function, outputs.detach(), targets) if is_labels else (0, 0))


def _are_labels(outputs, targets):
    """Tell whether targets are class labels, whole numbers of shape (N, ...), for logits of shape (N, classes, ...)."""
    shape = outputs.shape
    return not targets.is_floating_point() and len(shape) > 1 < shape[1] and targets.shape == shape[:1] + shape[2:]


def _ignored(loss_function):
    """Return the label that a loss function leaves out, None if it does not say."""
    return -100 if loss_function is F.cross_entropy else getattr(loss_function, "ignore_index", None)


def _check_labels(loss_function, outputs, targets):
    """Raise ValueError for a label that has no output; a GPU would end the process."""
    ignored, classes = _ignored(loss_function), outputs.shape[1]
    if ignored is None or targets.device.type != "cpu" or (targets.min() >= 0 and targets.max() < classes):
        return
    wrong = targets[((targets < 0) | (targets >= classes)) & (targets != ignored)]
    if len(wrong):
        told = spoken("labels must be between 0 and {most} for {classes} outputs, got {this}")
        raise ValueError(told.format(most=classes - 1, classes=classes, this=wrong[0].item()))


def _count(loss_function, outputs, targets):
    """Count the labels that are not ignored, and how many of them have the largest output."""
    counted = (targets >= 0) & (targets < outputs.shape[1])
    if _ignored(loss_function) is not None:
        counted &= targets != _ignored(loss_function)
    return counted.sum(), ((outputs.argmax(1) == targets) & counted).sum()


def _name(function):
    return getattr(function, "__name__", type(function).__name__)


def _describe(value):
    """Say what a value is, a tensor by shape and type."""
    if isinstance(value, torch.Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        return spoken("shape {shape} of {kind}").format(shape=tuple(value.shape), kind=kind)
    return spoken("a {kind}").format(kind=type(value).__name__)
