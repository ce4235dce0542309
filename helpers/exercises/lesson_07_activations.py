"""Exercises of lesson 7, activation functions."""

import torch
from torch.nn import functional as F

from helpers.exercises import Exercise, Wrong, by_relus


def softplus_slope(h):
    return 1 - torch.exp(-h)


def count_dead(z):
    return (z <= 0).all(0).sum()


def hat(x):
    return torch.relu(x) - 2 * torch.relu(x - 1) + torch.relu(x - 2)


def _hat_from_above(x):
    return torch.relu(1 - torch.relu(x - 1) - torch.relu(1 - x))


def _hat_by_units(x):
    bends, changes = torch.linspace(0, 2, 3).to(x), torch.tensor([1.0, -2.0, 1.0]).to(x)
    return torch.relu(x[..., None] - bends) @ changes


def _hat_place_by_place(x):
    y = torch.empty_like(x)
    for i in range(len(x)):
        y[i] = torch.relu(x[i]) - 2 * torch.relu(x[i] - 1) + torch.relu(x[i] - 2)
    return y


def _counted_in_a_loop(z):
    return sum(1 for unit in z.T if all(value <= 0 for value in unit))


def _outputs():
    return [(torch.tensor([0.1, 0.5, 0.9]),), (torch.tensor([0.25, 0.01, 3.0, 0.7]),), (torch.tensor([2.0]),)]


def _before_relu():
    first = torch.tensor([[1.0, -2.0, 0.0, -1.0], [2.0, -3.0, -4.0, 5.0], [-1.0, -0.5, 0.0, -2.0]])
    barely = torch.tensor([[-1.0, 0.01, -3.0], [-2.0, -5.0, -0.01]])  # the second unit lives
    zeros = torch.tensor([[0.0, -1.0, 2.0], [0.0, -2.0, 0.0]])  # into the first unit come only zeros
    return [(first,), (-first,), (first[:2, :3],), (barely,), (zeros,)]


def _places():
    middle = torch.tensor([0.25, 1.75, -2.0, 3.0])
    return [(torch.tensor([-3.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 7.0]),), (torch.linspace(-1, 4, 11),), (middle,)]


EXERCISES = [
    Exercise(
        name="activation.slope",
        difficulty="easy",
        minutes=1,
        task="A leaky ReLU is 0.1·x left of 0 and x right of it: what is its slope at x = −5?",
        solution=0.1,
        why="Left of 0 it is the line 0.1·x, and a line has the same slope everywhere. A little gradient still passes.",
        hints=("What is it at −5, and what is it at −6?", "It goes from −0.6 to −0.5 while x grows by 1."),
        wrongs=(
            Wrong(-0.5, "−0.5 is the value there. By how much does it change when x grows by 1?"),
            Wrong(0, "0 is the slope of plain ReLU there. The leaky one isn't flat."),
            Wrong(1, "1 is the slope on the right side, for positive x."),
            Wrong(-0.1, "It rises from left to right, from −0.6 at −6 to −0.5 at −5: the slope is positive."),
            Wrong(-5, "−5 is the place. Look at how the function changes around it."),
            Wrong(10, "That is x divided by y. The slope is the change of y for a change of x by 1."),
            Wrong(0.5, "0.5 is how far down it is at −5. By how much does it change when x grows by 1?"),
        ),
    ),
    Exercise(
        name="activation.collapse",
        difficulty="easy",
        minutes=2,
        task="How many numbers has the single layer that does what 784 → 256 → 10 does without activation?",
        solution=7850,
        why="784·10 weights and 10 biases; the 256 hidden units leave no trace, as 256 is more than 10.",
        hints=("It is one layer from 784 inputs to 10 outputs.", "784·10 weights. And the biases?"),
        wrongs=(
            Wrong(7840, "Those are the weights. The single layer has a bias for each output too."),
            Wrong(203530, "That counts both layers. The single one leads from 784 straight to 10."),
            Wrong(203264, "That counts the weights of both layers. The single one leads from 784 straight to 10."),
            Wrong(8624, "The biases belong to the 10 outputs, not to the 784 inputs."),
            Wrong(8106, "The biases of the 256 hidden units melt into those of the 10 outputs."),
            Wrong(794, "784 inputs and 10 outputs: each input has a weight to each output."),
            Wrong(2570, "That is the second layer. The single one leads from 784 straight to 10."),
            Wrong(200960, "That is the first layer. The single one leads from 784 straight to 10."),
            Wrong(2007040, "Matrices are multiplied, not their sizes: 784 × 256 times 256 × 10 makes 784 × 10."),
        ),
    ),
    Exercise(
        name="activation.layers",
        difficulty="medium",
        minutes=3,
        task="Six sigmoid units in a row, each with weight 2 and 0 going into its sigmoid: what share of the gradient "
        "at the output reaches the input?",
        solution=1 / 64,
        why="Each layer multiplies by its weight and by the slope at 0: 2 · ¼ = ½, and (½)⁶ = 1/64.",
        hints=(
            "Which two factors does one layer multiply the gradient by?",
            "The weight, 2, and the slope of sigmoid at 0, which is ¼.",
            "Six layers: the sixth power of 2 · ¼.",
        ),
        wrongs=(
            Wrong(0.25**6, "Those are the slopes alone. Each layer also multiplies by its weight, 2."),
            Wrong(64, "Those are the weights alone. Each sigmoid also multiplies by its slope, at most ¼."),
            Wrong(1, "½ is the value of sigmoid at 0. Its slope there is ¼."),
            Wrong(0.5**5, "That is five layers. There are six."),
            Wrong(3, "The layers multiply, they don't add up: (2 · ¼)⁶."),
            Wrong(0.5, "That is one layer. There are six."),
            Wrong(2 * 0.25**6, "Every layer has a weight of 2, not only one of them."),
            Wrong(2.0**-12 * 12, "The layers multiply, so the weights do: 2⁶, not 2 · 6."),
            Wrong(1.5, "Those are six slopes added up. The layers multiply, and each has its weight too: (2 · ¼)⁶."),
            Wrong(0.5**18, "The weight multiplies the slope: 2 · ¼. You divided by it."),
        ),
        tolerance=3e-3,
    ),
    Exercise(
        name="activation.pieces",
        difficulty="medium",
        minutes=2,
        task="How many ReLUs must a single hidden layer have, at least, for 4,096 straight pieces?",
        solution=4095,
        why="Each unit adds at most one bend, and 4,096 pieces have 4,095 bends between them.",
        hints=("How many bends lie between 4,096 pieces?", "Each ReLU of a single layer bends once."),
        wrongs=(
            Wrong(4096, "Nearly: one piece needs no bend at all."),
            Wrong(24, "24 units do it in twelve layers of two. A single layer doesn't double."),
            Wrong(12, "12 is the number of layers in the deep network."),
            Wrong(2048, "A ReLU bends once, not twice."),
            Wrong(4097, "Between pieces there is one bend fewer than there are pieces, not one more."),
            Wrong(4094, "One bend per unit, and between 4,096 pieces there is only one bend fewer than pieces."),
            Wrong(8190, "A ReLU adds one bend by itself. It takes two to make a tent, but none to make a bend."),
        ),
    ),
    Exercise(
        name="activation.softplus",
        difficulty="medium",
        minutes=5,
        task="Return the slope of softplus, h = ln(1 + eˣ), from its output h.",
        solution=softplus_slope,
        why="The slope is eˣ / (1 + eˣ), the sigmoid of x. With eʰ = 1 + eˣ that is (eʰ − 1) / eʰ = 1 − e⁻ʰ.",
        hints=(
            "Differentiate ln(1 + eˣ) with the chain rule first: it is eˣ / (1 + eˣ).",
            "From h = ln(1 + eˣ) follows eʰ = 1 + eˣ. Put this in for both parts of the fraction.",
            "The fraction is (eʰ − 1) / eʰ; torch.exp computes the powers.",
        ),
        inputs=_outputs,
        wrongs=(
            Wrong(lambda h: torch.sigmoid(h), "The slope is the sigmoid of x, but h is what you have, the output."),
            Wrong(lambda h: h * (1 - h), "That is the slope of sigmoid from its output. Derive that of softplus."),
            Wrong(lambda h: torch.exp(-h), "That is 1 / (1 + eˣ): what is missing to 1 is the slope."),
            Wrong(lambda h: torch.exp(h) - 1, "That is eˣ, the upper part of the fraction. Divide by 1 + eˣ."),
            Wrong(lambda h: 1 - torch.exp(h), "Mind the sign: the slope is 1 − 1/(1 + eˣ), and 1 + eˣ is eʰ."),
            Wrong(lambda h: 1 - h**2, "That is the slope of tanh from its output. Derive that of softplus."),
            Wrong(lambda h: torch.log(torch.exp(h) - 1), "That is x itself. Now the slope at it: the sigmoid of x."),
            Wrong(lambda h: torch.exp(-h) - 1, "Mind the sign: the slope is positive, as softplus rises everywhere."),
            Wrong(lambda h: torch.exp(h), "That is 1 + eˣ, the lower part of the fraction. Above it stands eˣ."),
            Wrong(lambda h: F.softplus(h), "That is softplus of its own output. Asked is its slope."),
        ),
        rights=(
            lambda h: -torch.expm1(-h),
            lambda h: (h.exp() - 1) / h.exp(),
            lambda h: torch.sigmoid(torch.log(torch.exp(h) - 1)),
            lambda h: torch.sigmoid(torch.log(torch.expm1(h))),
        ),
    ),
    Exercise(
        name="activation.dead",
        difficulty="medium",
        minutes=5,
        task="Count the dead units of a ReLU layer from its input z, shape (examples, units).",
        solution=count_dead,
        why="A unit is dead if z ≤ 0 for all examples: at 0 the slope is 0 too.",
        hints=(
            "When is a unit dead: off for some examples, or for all?",
            "z <= 0 is a table of True and False. all(0) asks about all rows of each column.",
            "Sum the True ones.",
        ),
        inputs=_before_relu,
        wrongs=(
            Wrong(
                lambda z: (z <= 0).any(0).sum(),
                "That counts units that are off for some example. Nearly every unit is, and that is healthy.",
            ),
            Wrong(
                lambda z: (z <= 0).all(1).sum(),
                "You went along the wrong dimension: that counts examples for which all units are off.",
            ),
            Wrong(lambda z: (z <= 0).sum(), "That counts single zeros in the table, not units."),
            Wrong(lambda z: (z < 0).all(0).sum(), "At exactly 0 the slope is 0 too, so 0 counts as off."),
            Wrong(lambda z: (z <= 0).all(0), "Right so far, one True or False per unit. Now count."),
            Wrong(lambda z: (z <= 0).all(0).float().mean(), "That is their share. Asked is their number."),
            Wrong(
                lambda z: (z <= 0).sum(0),
                "For each unit that counts the examples that it is off for. Count the units that are off for all.",
            ),
            Wrong(
                lambda z: (z == 0).all(0).sum(),
                "z is what goes into the ReLU. Negative numbers come out as 0, too, so a unit is off where z ≤ 0.",
            ),
            Wrong(lambda z: (z > 0).any(0).sum(), "Those are the living units. Count the others."),
            Wrong(lambda z: (z.mean(0) <= 0).sum(), "A mean below 0 is not enough: one positive z keeps a unit alive."),
        ),
        rights=(
            _counted_in_a_loop,
            lambda z: (torch.relu(z).sum(0) == 0).sum(),
            lambda z: (z.max(0).values <= 0).sum(),
            lambda z: z.shape[1] - (z > 0).any(0).sum(),
            lambda z: torch.relu(z).amax(0).eq(0).sum().item(),
        ),
    ),
    Exercise(
        name="activation.hat",
        difficulty="hard",
        minutes=6,
        task="Make a hat with torch.relu, and nothing else that bends: 0 up to x = 0, 1 at x = 1, 0 from x = 2 on.",
        solution=hat,
        why="The slopes are 0, 1, −1, 0, so the bends at 0, 1 and 2 change them by 1, −2 and 1.",
        hints=(
            "What are the slopes of the four pieces?",
            "Each ReLU changes the slope at one place, by its factor.",
            "The changes are +1 at 0, −2 at 1, and at 2 back to slope 0.",
        ),
        inputs=_places,
        wrongs=(
            Wrong(
                lambda x: torch.relu(x) - 2 * torch.relu(x - 1),
                "Up to x = 2 it is right, but then it falls on below 0. A third bend must stop it.",
            ),
            Wrong(
                lambda x: torch.relu(x) - torch.relu(x - 1),
                "That rises to 1 and stays there: a change by −1 makes the slope 0, not −1.",
            ),
            Wrong(
                lambda x: torch.relu(x) - torch.relu(x - 1) - torch.relu(x - 2),
                "The slopes of this are 0, 1, 0, −1. Each factor is the change of slope, not the slope itself.",
            ),
            Wrong(
                lambda x: 2 * torch.relu(x) - 4 * torch.relu(x - 0.5),
                "That is the tent: its top is at ½, and it falls on below 0.",
            ),
            Wrong(
                lambda x: torch.relu(x) - torch.relu(x - 1) + torch.relu(x - 2),
                "The change at 1 must be −2: from slope 1 to slope −1. And at 2 back to 0.",
            ),
            Wrong(
                lambda x: torch.relu(x) - 2 * torch.relu(x - 1) - torch.relu(x - 2),
                "The last factor has the wrong sign: at 2 the slope changes from −1 to 0, that is by +1.",
            ),
            Wrong(
                lambda x: torch.relu(x) + torch.relu(2 - x),
                "Between 0 and 2 that is flat, at 2. A hat is 0 outside, so the slopes must cancel there.",
            ),
            Wrong(
                lambda x: 1 - torch.relu(x - 1) - torch.relu(1 - x),
                "Right between 0 and 2, but it falls below 0 outside. One more ReLU around it would stop that.",
            ),
            Wrong(
                lambda x: 2 * torch.relu(x) - 4 * torch.relu(x - 0.5) + 2 * torch.relu(x - 1),
                "That is a hat, but half as wide: its top is at ½, and it ends at 1.",
            ),
            Wrong(
                lambda x: torch.relu(x) - 2 * torch.relu(x + 1) + torch.relu(x + 2),
                "relu(x + 1) bends at x = −1. To bend at 1, subtract 1 from x.",
            ),
        ),
        way=by_relus,
        rights=(
            _hat_from_above,
            _hat_by_units,
            _hat_place_by_place,
            lambda x: F.relu(x) + F.relu(x - 2) - F.relu(x - 1) - F.relu(x - 1),
            lambda x: torch.relu(torch.relu(x) - 2 * torch.relu(x - 1)),
            lambda x: x.relu() - (x - 1).relu() * 2 + (x - 2).relu(),
        ),
        refused=(
            lambda x: (1 - (x - 1).abs()).clamp(min=0),
            lambda x: torch.where((x > 0) & (x < 2), 1 - (x - 1).abs(), 0.0),
            lambda x: torch.minimum(torch.relu(x), torch.relu(2 - x)),
            lambda x: torch.relu(1 - (x - 1).abs()),
            lambda x: [max(0, 1 - abs(place - 1)) for place in x.tolist()],
        ),
    ),
]
