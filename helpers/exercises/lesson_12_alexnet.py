"""Exercises of lesson 12, AlexNet."""

import itertools

import torch
from torch import nn

from helpers.exercises import Exercise, Wrong


def grouped_parameters(in_channels, out_channels, kernel_size, groups):
    return out_channels * (in_channels // groups * kernel_size**2 + 1)


def most_confused(confusion):
    both = (confusion + confusion.T).triu(1)  # above the diagonal: each pair once, and no right answers
    i, j = divmod(int(both.argmax()), len(both))
    return i, j


def _group_by_group(in_channels, out_channels, kernel_size, groups):
    inputs, outputs = in_channels // groups, out_channels // groups
    weights = sum(inputs * outputs * kernel_size * kernel_size for _ in range(groups))
    return weights + out_channels


def _of_a_real_layer(in_channels, out_channels, kernel_size, groups):
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups, device="meta")
    return sum(parameter.numel() for parameter in layer.parameters())


def _pair_by_pair(confusion):
    pairs = itertools.combinations(range(len(confusion)), 2)
    return max(pairs, key=lambda pair: int(confusion[pair] + confusion[pair[::-1]]))


def _in_a_loop(confusion):
    best, found = -1, None
    for i in range(len(confusion)):
        for j in range(i + 1, len(confusion)):
            if confusion[i][j] + confusion[j][i] > best:
                best, found = confusion[i][j] + confusion[j][i], [i, j]
    return found


def _from_flat(confusion):
    both = confusion + confusion.T
    both.fill_diagonal_(0)
    return torch.tensor(sorted((int(both.argmax()) // len(both), int(both.argmax()) % len(both))))


def _place(table):
    return divmod(int(table.argmax()), len(table))


def _without_diagonal(confusion):
    return confusion - torch.diag(confusion.diag())


def _in_one_direction(confusion):
    return _place(_without_diagonal(confusion))


def _most_mistaken(mistakes):
    """The two classes with the largest sums."""
    return tuple(sorted(mistakes.topk(2).indices.tolist()))


def _confusions():
    """Tables in which the largest entry, direction, share, sum and product lie in different places."""
    tables = (
        [[300, 40, 2], [1, 200, 25], [4, 30, 20]],
        [[23, 15, 4, 1, 0], [8, 41, 0, 2, 5], [0, 21, 49, 13, 0], [14, 8, 10, 77, 15], [3, 20, 19, 1, 56]],
        [[85, 2, 12, 10, 0], [11, 58, 1, 5, 16], [13, 1, 57, 15, 12], [0, 26, 0, 86, 2], [24, 4, 1, 0, 22]],
        [[88, 15, 19, 18, 9], [15, 91, 0, 1, 22], [14, 19, 53, 0, 18], [8, 0, 6, 37, 1], [1, 3, 1, 3, 83]],
    )
    return [(torch.tensor(table),) for table in tables]


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
            Wrong((1, 9216), "That is the shape, with a batch of 1 in front. Give the number of numbers alone."),
            Wrong([256, 6, 6], "That is the shape before nn.Flatten. How many numbers is that in all?"),
            Wrong(43264, "That is 256 maps of 13×13: one pooling is missing."),
            Wrong(12544, "That is 256 maps of 7×7: the formula rounds down, 6 it is."),
            Wrong(256, "256 is the number of maps. Each has 6·6 numbers."),
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
            Wrong(104832, "The filters see three channels, but there are still 96 of them, not 288."),
            Wrong(34849, "You counted one bias. Each of the 96 filters has its own."),
            Wrong(34851, "There is one bias for each filter, 96, not one for each colour."),
            Wrong(363, "That is one filter without its bias. There are 96."),
            Wrong(35136, "Three times the layer for one channel counts each bias three times: there are 96, not 288."),
        ),
    ),
    Exercise(
        name="alexnet.factor",
        difficulty="medium",
        minutes=4,
        task="By which factor does a convolution behind a ReLU, 24 to 96 channels, change the mean square with Xavier?",
        solution=0.2,
        why="ReLU halves it, n weights of variance 2/(n + m) give n · 2/(n + m): 24·25 / (24·25 + 96·25) = 24/120.",
        hints=(
            "The factor is ½ · n · v. What are n and v here?",
            "n = 24 · 25 inputs, v = 2 / (24 · 25 + 96 · 25).",
        ),
        wrongs=(
            Wrong(0.4, "That is without the ReLU, which halves it."),
            Wrong(0.8, "You took the fan-out for the fan-in: a sum has as many products as there are inputs."),
            Wrong(5, "The other way round: the outputs of the layer before are the larger ones."),
            Wrong(0.25, "That is inputs by outputs. Xavier's variance has the sum of both below."),
            Wrong(0.5, "That is for as many outputs as inputs. Here there are four times as many."),
            Wrong(0.1, "ReLU halves it once: ½ stands in the factor already."),
            Wrong(
                0.6325,
                "That is without the ReLU, and the root: the factor of the size. Asked is that of the mean square.",
            ),
            Wrong(0.4472, "That is the factor of the size, the root. Asked is that of the mean square."),
            Wrong(1, "That is He's start. Xavier's variance is 2/(n + m)."),
            Wrong(1 / 6, "That is PyTorch's own start. Xavier's variance is 2/(n + m)."),
            Wrong(1 / 3, "That is PyTorch's own start, without the ReLU."),
        ),
        tolerance=1e-3,
        rights=(24 / (24 + 96), torch.tensor(0.2).half(), torch.tensor(0.2).bfloat16()),
        refused=(0.21, 0.2005),
    ),
    Exercise(
        name="alexnet.groups",
        difficulty="medium",
        minutes=6,
        task="Write the number of parameters of a convolution in groups, as in the paper's net for two GPUs.",
        solution=grouped_parameters,
        why="Each output channel has a filter over the input channels of its own group only, and one bias.",
        hints=(
            "How many input channels does one filter see?",
            "in_channels / groups of them, so it has in_channels / groups · k · k weights, and a bias.",
            "There are still out_channels filters in all.",
        ),
        inputs=lambda: [(96, 256, 5, 2), (256, 384, 3, 1), (384, 384, 3, 3), (6, 4, 1, 2)],
        wrongs=(
            Wrong(
                lambda i, o, k, g: o * (i * k * k + 1),
                "That is without groups. A filter sees the input channels of its own group only.",
            ),
            Wrong(
                lambda i, o, k, g: (o * (i * k * k + 1)) // g,
                "Only the weights become fewer. Each output channel keeps its bias.",
            ),
            Wrong(
                lambda i, o, k, g: o // g * (i // g * k * k + 1),
                "That is one group. There are as many again in each of the others.",
            ),
            Wrong(
                lambda i, o, k, g: o // g * i // g * k * k + o,
                "That is the weights of one group, and the biases of all. Each group has weights.",
            ),
            Wrong(lambda i, o, k, g: o * i // g * k * k, "The biases are missing: one for each output channel."),
            Wrong(
                lambda i, o, k, g: o * (i // g * k * k + g),
                "An output channel has one bias. It belongs to one group only.",
            ),
            Wrong(lambda i, o, k, g: o * (i // g * k + 1), "The kernel is square: k·k weights for each input channel."),
            Wrong(
                lambda i, o, k, g: o * (i * g * k * k + 1),
                "More groups, fewer weights: a filter sees in_channels / groups channels.",
            ),
            Wrong(lambda i, o, k, g: o * i * k * k, "That is without groups and without biases."),
            Wrong(lambda i, o, k, g: o * i // g * k * k + 1, "You counted one bias. Each output channel has its own."),
            Wrong(
                lambda i, o, k, g: o * i // g * k * k + g,
                "You counted one bias for each group. Each output channel has its own.",
            ),
            Wrong(
                lambda i, o, k, g: o * i // g * k * k + i,
                "The biases belong to the output channels, not to the input channels.",
            ),
            Wrong(lambda i, o, k, g: i // g * k * k + 1, "That is one filter. There is one for each output channel."),
        ),
        rights=(
            _group_by_group,
            _of_a_real_layer,
            lambda i, o, k, g: o * i * k**2 / g + o,
            lambda in_channels, out_channels, kernel_size, groups: (
                out_channels + (in_channels // groups) * out_channels * kernel_size * kernel_size
            ),
        ),
    ),
    Exercise(
        name="alexnet.confused",
        difficulty="hard",
        minutes=8,
        task="Return the pair of classes (i, j), i < j, that are mixed up most often, in both directions together.",
        solution=most_confused,
        why="The table plus its transpose counts both directions. Above the diagonal each pair stands once.",
        hints=(
            "i taken for j stands at (i, j), j taken for i at (j, i). Which matrix has the sum at both places?",
            "confusion + confusion.T. The diagonal must not win: triu(1) keeps what is above it.",
            "argmax() counts through the rows. With place = int(...argmax()), divmod(place, classes) is (row, column).",
        ),
        inputs=_confusions,
        names=("i", "j"),
        wrongs=(
            Wrong(
                _in_one_direction,
                "That is the most frequent mistake in one direction. Add the other direction of each pair.",
            ),
            Wrong(
                lambda m: tuple(sorted(_in_one_direction(m))),
                "That is the most frequent mistake in one direction, in order. Add both directions first.",
            ),
            Wrong(
                lambda m: _place(m + m.T),
                "The diagonal has won: those are the right answers. Leave it out.",
            ),
            Wrong(lambda m: most_confused(m)[::-1], "The right pair, the other way round: i < j."),
            Wrong(
                lambda m: int((m + m.T).triu(1).argmax()),
                "argmax() counts through the rows. Row and column are divmod(int(place), classes).",
            ),
            Wrong(lambda m: int((m + m.T).triu(1).max()), "That is how often. Which pair is it?"),
            Wrong(
                lambda m: most_confused(m * m.T),
                "Add the two directions. A product is small where nearly all mistakes go one way.",
            ),
            Wrong(
                lambda m: most_confused(m / m.sum(1, keepdim=True)),
                "You divided each row by its sum. Asked is the number of mistakes, not their share.",
            ),
            Wrong(
                lambda m: most_confused(m / m.sum(0)),
                "You divided each column by its sum. Asked is the number of mistakes, not their share.",
            ),
            Wrong(
                lambda m: _place(m.triu(1)),
                "triu(1) of the table alone sees only i taken for j. Add the transpose first.",
            ),
            Wrong(
                lambda m: _most_mistaken(_without_diagonal(m).sum(1)),
                "Those are the two classes with the most mistakes. They need not be mixed up with each other.",
            ),
            Wrong(
                lambda m: _most_mistaken(_without_diagonal(m).sum(0)),
                "Those are the two classes that others are most often taken for. Look for one pair.",
            ),
            Wrong(
                lambda m: _most_mistaken(_without_diagonal(m + m.T).sum(1)),
                "Those are the two classes with most mistakes to and from them. Look at pairs, not at single classes.",
            ),
        ),
        rights=(
            _pair_by_pair,
            _in_a_loop,
            _from_flat,
            lambda m: torch.nonzero((m + m.T).triu(1) == (m + m.T).triu(1).max())[0],
            lambda m: torch.unravel_index((m + m.T).triu(1).argmax(), m.shape),
        ),
        refused=(
            lambda m: most_confused(torch.minimum(m, m.T)),
            lambda m: most_confused((m - m.T).abs()),
            lambda m: _most_mistaken(-m.diag()),
            lambda m: _most_mistaken(-m.diag() / m.sum(1)),
            lambda m: tuple(sorted(_place(m.tril(-1)))),
        ),
    ),
]
