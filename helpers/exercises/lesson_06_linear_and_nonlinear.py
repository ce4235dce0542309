"""Exercises of lesson 6, linear and nonlinear models."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from helpers.exercises import Exercise, Wrong, by_relus


def distance(t):
    return torch.relu(t - 37) + torch.relu(37 - t)


def inverted_logits(logits, bias):
    return 2 * bias - logits


def parity(x):
    s = x.sum(1)
    return torch.relu(s) - 2 * torch.relu(s - 1) + 2 * torch.relu(s - 2)


def _by_one_layer(t):
    hidden = torch.relu(t[:, None] * torch.tensor([1.0, -1.0]) + torch.tensor([-37.0, 37.0]))
    return hidden @ torch.ones(2)


def _by_modules(x):
    hidden = nn.ReLU()(x @ torch.ones(3, 3) - torch.tensor([0.0, 1.0, 2.0]))
    return (hidden * torch.tensor([1.0, -2.0, 2.0])).sum(dim=1)


def _by_two_layers(x):
    def xor(a, b):
        return F.relu(a + b) - 2 * F.relu(a + b - 1)

    return xor(xor(x[:, 0], x[:, 1]), x[:, 2])


def _from_above(x):
    zeros = 3 - x.sum(dim=1)
    return 1 - F.relu(zeros) + 2 * F.relu(zeros - 1) - 2 * F.relu(zeros - 2)


def _loop(x):
    result = torch.zeros(len(x))
    for knot, change in enumerate([1, -2, 2]):
        result = result + change * (x[:, 0] + x[:, 1] + x[:, 2] - knot).relu()
    return result


def _temperatures():
    return [(torch.tensor([34.0, 36.5, 37.0, 37.5, 41.0]),), (torch.linspace(30, 45, 7),), (torch.tensor([39.5]),)]


def _logits():
    generator = torch.Generator().manual_seed(0)
    return [(torch.randn(n, 3, generator=generator), torch.randn(3, generator=generator)) for n in (1, 4, 2)]


def _corners():
    bits = torch.tensor([0.0, 1.0])
    corners = torch.cartesian_prod(bits, bits, bits)
    return [(corners,), (corners[[6, 1, 7, 0]],), (corners[[5, 2]],)]


EXERCISES = [
    Exercise(
        name="linear.distance",
        difficulty="easy",
        minutes=3,
        task="Write |t − 37| with torch.relu and no other nonlinear function.",
        solution=distance,
        why="One unit per side: each is zero on the other's side, so their sum is the distance. Two units.",
        hints=(
            "relu(t − 37) is right for fever. What does it give below 37?",
            "A second unit must grow as t falls below 37: relu(37 − t).",
        ),
        inputs=_temperatures,
        way=by_relus,
        rights=(
            _by_one_layer,
            lambda t: 2 * torch.relu(t - 37) - (t - 37),
            lambda t: (t - 37).relu().add((37 - t).relu()),
            lambda t: torch.stack([F.relu(t - 37), F.relu(37 - t)]).sum(0),
            lambda t: nn.ReLU()(37 - t) * 2 + t - 37,
        ),
        wrongs=(
            Wrong(
                lambda t: torch.relu(t - 37),
                "Right above 37 °C, but zero below. The cold side needs its own unit, and what stands in that must be "
                "positive there: try it at 36.",
            ),
            Wrong(
                lambda t: torch.relu(37 - t),
                "Right below 37 °C, but zero above. The hot side needs its own unit, and what stands in that must be "
                "positive there: try it at 38.",
            ),
            Wrong(
                lambda t: torch.relu(t - 37) - torch.relu(37 - t),
                "That is t − 37 itself, a straight line. It must bend at 37: look at the sign between the units, "
                "or at what stands in them.",
            ),
            Wrong(
                lambda t: -torch.relu(t - 37) - torch.relu(37 - t),
                "A distance is not negative: yours has the bend, but upside down.",
            ),
            Wrong(
                lambda t: torch.relu(t - 37) + torch.relu(t + 37),
                "Both of yours grow with t. The second must grow as t falls: turn the sign of t in it, too.",
            ),
            Wrong(lambda t: 2 * torch.relu(t - 37), "The slope above 37 is 1, and below 37 something must grow, too."),
        ),
        refused=(
            lambda t: (t - 37).abs(),
            lambda t: abs(t - 37),
            lambda t: ((t - 37) ** 2).sqrt(),
            lambda t: torch.maximum(t - 37, 37 - t),
            lambda t: (t - 37).clamp(min=0) + (37 - t).clamp(min=0),
            lambda t: torch.where(t > 37, t - 37, 37 - t),
            lambda t: (t - 37) * torch.sign(t - 37),
        ),
    ),
    Exercise(
        name="linear.odds",
        difficulty="medium",
        minutes=3,
        task="The log-odds are 0.7x − 2: by which factor do the odds grow when x grows by 1?",
        solution=math.exp(0.7),
        why="The log-odds grow by 0.7, so the odds are multiplied by e^0.7 ≈ 2.014, at every x.",
        hints=(
            "ln(odds) = 0.7x − 2. What are the odds themselves?",
            "odds = e^(0.7x − 2). Divide those at x + 1 by those at x.",
        ),
        rights=(2.014, 2.01, 2.0138, torch.tensor(0.7).exp(), math.exp(0.7 * 3 - 2) / math.exp(0.7 * 2 - 2)),
        wrongs=(
            Wrong(0.7, "0.7 is what the log-odds grow by. The odds are their exponential."),
            Wrong(1.7, "Odds don't grow by 70 percent: what is added to a logarithm multiplies by its exponential."),
            Wrong(1 / (1 + math.exp(-0.7)), "That is sigmoid(0.7), a probability. Odds are a ratio of two of them."),
            Wrong(-1.3, "That is what the log-odds are at x = 1. By what do the odds grow from x = 0 to x = 1?"),
            Wrong(math.exp(-1.3), "That is the odds at x = 1. The factor compares them with the odds at x = 0."),
            Wrong(math.exp(-2), "That is the odds at x = 0. By which factor do those at x = 1 differ from it?"),
            Wrong(math.exp(-0.7), "The other way round: with a positive weight the odds grow."),
            Wrong(2, "Nearly, but e^0.7 is not 2: two decimals, please."),
            Wrong(10**0.7, "The logarithm is the natural one: e, not 10."),
            Wrong(2**0.7, "The logarithm is the natural one: e, not 2."),
            Wrong(math.exp(0.7) - 1, "By so much of themselves they grow. The factor is one more."),
        ),
        refused=(-1.4, 2.03, 2.1, 1.0),
        tolerance=0.005,
    ),
    Exercise(
        name="linear.inverted",
        difficulty="medium",
        minutes=5,
        task="Write the logits of the inverted image −x with the logits of x and the bias alone.",
        solution=inverted_logits,
        why="W(−x) + b = −(Wx + b) + 2b. Without a bias the order turns round: the best class becomes the worst.",
        hints=(
            "What is Wx, in terms of the logits and the bias?",
            "Wx = logits − bias, and the inverted image has −Wx + bias.",
        ),
        inputs=_logits,
        rights=(
            lambda o, b: -(o - b) + b,
            lambda o, b: b + b - o,
            lambda o, b: torch.sub(2 * b, o).numpy(),
            lambda o, b: torch.stack([2 * b - row for row in o]),
            lambda o, b: [[2 * y.item() - x.item() for x, y in zip(row, b, strict=True)] for row in o],
        ),
        wrongs=(
            Wrong(lambda o, b: -o, "That turns the bias round too, but b is added to every image, inverted or not."),
            Wrong(lambda o, b: b - o, "Nearly: −Wx is bias − logits, and then the bias is still to be added."),
            Wrong(
                lambda o, b: o - b, "That is Wx. The inverted image has −Wx, and then the bias is still to be added."
            ),
            Wrong(
                lambda o, b: -o - b, "Check the sign of the bias: −Wx is −(logits − bias). Then add the bias once more."
            ),
            Wrong(lambda o, b: o - 2 * b, "The sign of Wx must turn, and you kept it."),
            Wrong(lambda o, b: o, "The model would give the same logits only if W were 0."),
            Wrong(lambda o, b: o + b, "That adds the bias a second time. First take it off, then turn the sign."),
            Wrong(lambda o, b: 1 - o, "1 − x inverts pixels between 0 and 1. Here it is −x, and these are logits."),
        ),
        refused=(
            lambda o, b: 2 * b + o,
            lambda o, b: 2 * (b - o),
            lambda o, b: -o - 2 * b,
            lambda o, b: (2 * b - o).softmax(-1),
            lambda o, b: (2 * b - o).sum(-1),
        ),
    ),
    Exercise(
        name="linear.cube",
        difficulty="hard",
        minutes=6,
        task="Three-bit parity without the corner (0, 0, 0): how many of the 7 points can a linear model get right?",
        solution=6,
        why=(
            "The faces x₁ = 1, x₂ = 1 and x₃ = 1 are whole, and each is an XOR with at least one mistake. "
            "(1, 1, 1) lies on all three: give it up, and 'fewer than two ones' has the other six right."
        ),
        hints=(
            "Look at the face x₁ = 1. Which task is it? How many faces are whole?",
            "Each whole face holds a mistake. Can one corner serve all three?",
            "The line 'class 1 where there are fewer than two ones': at which of the 7 points is it wrong?",
        ),
        rights=(7 - 1, 6.0, torch.tensor(6)),
        wrongs=(
            Wrong(7, "The face x₁ = 1 has all its four corners, and it is an XOR: one of them at least is wrong."),
            Wrong(5, "Three faces hold a mistake each, but one corner lies on all three of them."),
            Wrong(4, "Three faces hold a mistake each, but they share corners: one mistake can serve several."),
            Wrong(3, "Guessing does better. Try 'fewer than two ones', and count."),
            Wrong(1, "That is the number of mistakes. How many points are right?"),
            Wrong(6 / 7, "That is the share. How many of the 7 are right?"),
            Wrong(0.75, "That is XOR's share. Count here: which of the 7 must be wrong?"),
            Wrong(5.25, "That would be XOR's share of 7, and points are whole."),
        ),
        refused=(0, 2, 8, -6, 600, 6.5),
    ),
    Exercise(
        name="linear.parity",
        difficulty="hard",
        minutes=8,
        task="Write the parity of three bits by ReLUs of the number of ones, from shape (points, 3) to (points,).",
        solution=parity,
        why="The line must go 0, 1, 0, 1 over s = 0, 1, 2, 3: slopes 1, −1, 1, so the bends change it by −2 and +2.",
        hints=(
            "Over s = 0, 1, 2, 3 the answer is 0, 1, 0, 1. Draw it as a line with bends.",
            "relu(s) − 2·relu(s − 1) is right for s = 0, 1, 2. What is it at s = 3?",
            "It falls to −1 at s = 3 and should rise to 1: add a third unit that bends at 2.",
        ),
        inputs=_corners,
        way=by_relus,
        rights=(_by_modules, _by_two_layers, _from_above, _loop, lambda x: list(parity(x))),
        wrongs=(
            Wrong(
                lambda x: torch.relu(x.sum(1)) - 2 * torch.relu(x.sum(1) - 1),
                "Right for up to two ones, but at three ones it has fallen to −1. Bend it up again at 2.",
            ),
            Wrong(
                lambda x: torch.relu(x.sum(1)) - 2 * torch.relu(x.sum(1) - 1) + torch.relu(x.sum(1) - 2),
                "At three ones it gives 0: the slope after 2 must be +1 again, so the last bend must add 2.",
            ),
            Wrong(lambda x: x.sum(1), "That counts the ones. Parity is 1 for an odd number and 0 for an even one."),
            Wrong(
                lambda x: torch.relu(x.sum(1)) - torch.relu(x.sum(1) - 1) + torch.relu(x.sum(1) - 2),
                "After the first bend the slope must be −1, not 0: a change by −2.",
            ),
            Wrong(lambda x: 1 - parity(x), "The wrong way round: 1 is for an odd number of ones."),
            Wrong(
                lambda x: torch.relu(x.sum(1)) - 2 * torch.relu(x.sum(1) - 1) - 2 * torch.relu(x.sum(1) - 2),
                "The last bend must turn the line up again, so add it instead of subtracting it.",
            ),
            Wrong(
                lambda x: torch.relu(x.sum(1) - 1) - 2 * torch.relu(x.sum(1) - 2),
                "The bends come one too late: the line must rise from s = 0 on.",
            ),
        ),
        refused=(
            lambda x: x.sum(1) % 2,
            lambda x: torch.relu(x.sum(1)) % 2,
            lambda x: (x.sum(1) == 1).float() + (x.sum(1) == 3).float(),
            lambda x: x[:, 0].long() ^ x[:, 1].long() ^ x[:, 2].long(),
            lambda x: torch.tensor([0.0, 1.0, 0.0, 1.0])[x.sum(1).long()],
            lambda x: (1 - torch.cos(torch.pi * x.sum(1))) / 2,
            lambda x: (1 - (1 - 2 * x).prod(1)) / 2,
            lambda x: parity(x)[:, None].expand(-1, 2),
        ),
    ),
]
