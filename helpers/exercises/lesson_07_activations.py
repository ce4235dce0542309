"""Exercises of lesson 7, activation functions."""

import torch

from helpers.exercises import Exercise, Wrong


def softplus_slope(h):
    return 1 - torch.exp(-h)


def count_dead(z):
    return (z <= 0).all(0).sum()


def hat(x):
    return torch.relu(x) - 2 * torch.relu(x - 1) + torch.relu(x - 2)


def _outputs():
    return [(torch.tensor([0.1, 0.5, 0.9]),), (torch.tensor([[0.25, 0.01], [3.0, 0.7]]),)]


def _before_relu():
    first = torch.tensor([[1.0, -2.0, 0.0, -1.0], [2.0, -3.0, -4.0, 5.0], [-1.0, -0.5, 0.0, -2.0]])
    return [(first,), (-first,), (first[:2, :3],)]


def _places():
    return [(torch.tensor([-3.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 7.0]),), (torch.linspace(-1, 4, 11),)]


EXERCISES = [
    Exercise(
        name="activation.slope",
        difficulty="easy",
        minutes=1,
        task="What is the slope of ReLU at x = −5?",
        solution=0,
        why="Left of 0, ReLU is constantly 0, and a constant has slope 0. No gradient passes there.",
        hints=("What is relu(−5), and what is relu(−5.1)?", "Both are 0: it doesn't rise or fall there."),
        wrongs=(
            Wrong(1, "1 is the slope on the right side, for positive x."),
            Wrong(-5, "−5 is the place. Look at how relu changes around it."),
            Wrong(-1, "ReLU never falls: left of 0 it is flat."),
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
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="activation.layers",
        difficulty="medium",
        minutes=3,
        task="Each layer multiplies the gradient by ¼: after how many layers is less than a millionth left?",
        solution=10,
        why="4⁹ = 262,144 is not yet a million, 4¹⁰ = 1,048,576 is more.",
        hints=("After d layers (1/4)^d is left.", "Which power of 4 first exceeds a million?"),
        wrongs=(
            Wrong(9, "4⁹ is 262,144, so four millionths are left. One layer more."),
            Wrong(20, "You halved. The slope of sigmoid is at most ¼; ½ is its value at 0."),
            Wrong(250000, "The layers multiply, they don't add up: (1/4)^d."),
            Wrong(6, "That would be a factor of 1/10 per layer."),
        ),
        tolerance=1e-6,
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
        ),
        tolerance=1e-6,
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
        ),
    ),
    Exercise(
        name="activation.hat",
        difficulty="hard",
        minutes=6,
        task="Make a hat from ReLUs: 0 up to x = 0, 1 at x = 1, 0 from x = 2 on.",
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
        ),
    ),
]
