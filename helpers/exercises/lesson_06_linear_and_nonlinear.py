"""Exercises of lesson 6, linear and nonlinear models."""

import math

import torch

from helpers.exercises import Exercise, Wrong


def distance(t):
    return torch.relu(t - 37) + torch.relu(37 - t)


def inverted_logits(logits, bias):
    return 2 * bias - logits


def parity(x):
    s = x.sum(1)
    return torch.relu(s) - 2 * torch.relu(s - 1) + 2 * torch.relu(s - 2)


def _temperatures():
    return [(torch.tensor([34.0, 36.5, 37.0, 37.5, 41.0]),), (torch.linspace(30, 45, 7),)]


def _logits():
    generator = torch.Generator().manual_seed(0)
    return [(torch.randn(n, 3, generator=generator), torch.randn(3, generator=generator)) for n in (1, 4)]


def _corners():
    bits = torch.tensor([0.0, 1.0])
    corners = torch.cartesian_prod(bits, bits, bits)
    return [(corners,), (corners[[6, 1, 7, 0]],)]


EXERCISES = [
    Exercise(
        name="linear.order",
        difficulty="easy",
        minutes=1,
        task="Logits 2, −1, 5 and 5.1: which class, counted from 0, has the largest softmax probability?",
        solution=3,
        why="Softmax keeps the order, so the largest logit wins: 5.1, that of class 3.",
        hints=("You need not compute softmax at all.", "Where is the largest logit?"),
        wrongs=(
            Wrong(4, "The right place, but classes are counted from 0."),
            Wrong(2, "Class 2 has logit 5, but class 3 has 5.1, and the larger one wins, however narrowly."),
            Wrong(1, "Class 1 has the smallest logit, −1. The largest wins."),
            Wrong(5.1, "5.1 is the logit. Which class does it belong to?"),
        ),
    ),
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
        wrongs=(
            Wrong(lambda t: torch.relu(t - 37), "Right above 37 °C, but zero below. The cold side needs its own unit."),
            Wrong(lambda t: torch.relu(37 - t), "Right below 37 °C, but zero above. The hot side needs its own unit."),
            Wrong(
                lambda t: torch.relu(t - 37) - torch.relu(37 - t),
                "The difference of the two is t − 37 itself, a straight line. Which sign bends it?",
            ),
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
        wrongs=(
            Wrong(0.7, "0.7 is what the log-odds grow by. The odds are their exponential."),
            Wrong(1.7, "Odds don't grow by 70 percent: what is added to a logarithm multiplies by its exponential."),
            Wrong(1 / (1 + math.exp(-0.7)), "That is sigmoid(0.7), a probability. Odds are a ratio of two of them."),
            Wrong(math.exp(-1.3), "That is the odds at x = 1. The factor compares them with the odds at x = 0."),
            Wrong(math.exp(-2), "That is the odds at x = 0. By which factor do those at x = 1 differ from it?"),
            Wrong(math.exp(-0.7), "The other way round: with a positive weight the odds grow."),
        ),
        tolerance=0.01,
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
        ),
    ),
    Exercise(
        name="linear.cube",
        difficulty="hard",
        minutes=5,
        task="What share of the 8 points of three-bit parity can a linear model get right at best?",
        solution=0.75,
        why=(
            "Each of the cube's 6 faces is an XOR and holds at least one mistake. A corner lies on 3 faces, "
            "so at least 6/3 = 2 corners are wrong, and 'fewer than two ones' is wrong at only 2."
        ),
        hints=(
            "Look at one face of the cube, where one bit is fixed. Which task is it?",
            "Each of the 6 faces holds at least one mistake, and each corner lies on 3 faces.",
        ),
        wrongs=(
            Wrong(
                7 / 8,
                "One wrong corner lies on 3 faces only. The other 3 are XORs without a mistake: impossible.",
            ),
            Wrong(0.5, "That is guessing. The rule 'fewer than two ones' already does better: count."),
            Wrong(5 / 8, "There is a better border than 'at least one 1'. Try one between one and two ones."),
            Wrong(1.0, "A cube's face is an XOR, and no line solves that."),
            Wrong(6, "6 is the number of points. Give the share."),
            Wrong(75, "75 percent, as a share between 0 and 1."),
        ),
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
        ),
    ),
]
