"""Exercises of lesson 12, AlexNet."""

import torch

from helpers.exercises import Exercise, Wrong


def conv_parameters(in_channels, out_channels, kernel_size):
    return out_channels * (in_channels * kernel_size**2 + 1)


def confusion_matrix(labels, answers, classes):
    matrix = [[0] * classes for _ in range(classes)]
    for label, answer in zip(labels, answers, strict=True):
        matrix[label][answer] += 1
    return torch.tensor(matrix)


def _transposed(labels, answers, classes):
    return confusion_matrix(answers, labels, classes)


def _normalised(labels, answers, classes):
    matrix = confusion_matrix(labels, answers, classes)
    return matrix / matrix.sum(1, keepdim=True)


def _written_at_once(labels, answers, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.long)
    matrix[labels, answers] += 1
    return matrix


def _mistakes(labels, answers, classes):
    matrix = confusion_matrix(labels, answers, classes)
    return matrix - torch.diag(matrix.diag())


def _predictions():
    generator = torch.Generator().manual_seed(0)
    return [(*torch.randint(classes, (2, 50), generator=generator), classes) for classes in (2, 3, 10)]


EXERCISES = [
    Exercise(
        name="alexnet.flatten",
        difficulty="easy",
        minutes=2,
        task="How many numbers does nn.Flatten give for images of 227×227?",
        solution=9216,
        why="227 → 55 → 27 → 13 → 6, and 256 maps of 6×6 are 9,216 numbers.",
        hints=(
            "Follow the side through conv1 and the three poolings; the other convolutions keep it.",
            "227 → (227 + 2 − 11) // 4 + 1 = 55. Three poolings: n → (n − 3) // 2 + 1.",
            "Do not forget the 256 channels.",
        ),
        wrongs=(
            Wrong(6400, "That is for 224×224, where the last map is 5×5."),
            Wrong(36, "That is one map of 6×6. There are 256 of them."),
            Wrong(6, "That is one side of the last map. A map has 6·6 numbers, and there are 256 maps."),
            Wrong(1536, "256 · 6 is one side only: a map has 6·6 numbers."),
            Wrong(13824, "That is 384 maps of 6×6. The last convolution gives 256."),
            Wrong([256, 6, 6], "That is the shape before nn.Flatten. How many numbers is that in all?"),
            Wrong(43264, "That is 256 maps of 13×13: one pooling is missing."),
            Wrong(12544, "That is 256 maps of 7×7: the formula rounds down, 6 it is."),
        ),
    ),
    Exercise(
        name="alexnet.colour",
        difficulty="easy",
        minutes=3,
        task="How many parameters would the first convolution have for images of three channels?",
        solution=34944,
        why="96 filters of 3·11·11 weights, each with one bias: 96 · (363 + 1) = 34,944.",
        hints=("Each of the 96 filters now is 11×11×3.", "One bias for each filter, not one for each channel of it."),
        wrongs=(
            Wrong(34848, "The 96 biases are missing."),
            Wrong(11712, "That is the layer for one channel."),
            Wrong(364, "That is one filter with its bias. There are 96."),
            Wrong(3264, "The kernel is a square: 11·11 weights for each channel, not 11."),
            Wrong(35136, "Three times the layer for one channel counts each bias three times: there are 96, not 288."),
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="alexnet.parameters",
        difficulty="medium",
        minutes=6,
        task="Write the number of parameters of a convolution with a square kernel, biases included.",
        solution=conv_parameters,
        why="Each output channel has a filter over all input channels, and one bias.",
        hints=(
            "How many weights does one filter have? It spans all input channels.",
            "There are as many filters, and as many biases, as output channels.",
        ),
        inputs=lambda: [(1, 96, 11), (96, 256, 5), (256, 384, 3), (3, 8, 1)],
        wrongs=(
            Wrong(lambda i, o, k: o * i * k * k, "The biases are missing: one for each output channel."),
            Wrong(lambda i, o, k: o * i * k * k + 1, "That is one bias in all; each output channel has its own."),
            Wrong(lambda i, o, k: i * k * k + 1, "That is one filter. There is one for each output channel."),
            Wrong(lambda i, o, k: o * (k * k + 1), "A filter spans all input channels: its weights are i·k·k."),
            Wrong(
                lambda i, o, k: o * i * (k * k + 1),
                "That is a bias for every pair of channels; there is one per output.",
            ),
            Wrong(lambda i, o, k: o * (i * k + 1), "The kernel is square: k·k weights for each input channel."),
            Wrong(lambda i, o, k: i * (o * k * k + 1), "The biases belong to the output channels, not to the input's."),
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="alexnet.confusion",
        difficulty="hard",
        minutes=8,
        task="Write the confusion matrix of labels and answers: rows true, columns predicted.",
        solution=confusion_matrix,
        why="Each image adds one at (its class, its answer); the diagonal holds the right ones.",
        hints=(
            "Start with zeros of shape (classes, classes).",
            "Go through the pairs of label and answer, and add one at [label][answer].",
        ),
        inputs=_predictions,
        wrongs=(
            Wrong(_transposed, "Rows and columns are swapped: the row is the true class."),
            Wrong(_normalised, "Give counts. You divided each row by its sum."),
            Wrong(
                _written_at_once,
                "matrix[labels, answers] += 1 adds only 1 where a pair occurs several times. Add them one by one.",
            ),
            Wrong(_mistakes, "The diagonal is missing: the right answers count, too."),
            Wrong(
                lambda y, a, c: torch.bincount(c * y + a, minlength=c * c),
                "The counts are right. Bring them into the shape (classes, classes).",
            ),
            Wrong(lambda y, a, c: (y == a).sum(), "That counts the right ones only, the sum of the diagonal."),
            Wrong(lambda y, a, c: (y == a).float().mean(), "That is the accuracy. Count each pair of classes."),
        ),
    ),
]
