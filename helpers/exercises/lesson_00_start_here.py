"""Exercises of lesson 0, start here."""

import math

import torch

from helpers.exercises import Exercise, Wrong


def accuracy(logits, labels):
    return (logits.argmax(dim=1) == labels).float().mean()


def _batches():
    generator = torch.Generator().manual_seed(0)
    sizes = (10, 8, 25)
    return [
        (torch.randn(n, 10, generator=generator), torch.randint(10, (n,), generator=generator).sort().values)
        for n in sizes
    ] + [(torch.eye(10), torch.tensor([0, 1, 2, 3, 4, 5, 6, 0, 0, 0]))]


EXERCISES = [
    Exercise(
        name="start.guess",
        difficulty="easy",
        minutes=1,
        task="What is the loss of a network that knows nothing, with 1,000 classes?",
        solution=math.log(1000),
        why="Each class gets p = 1/1000, and −ln(1/1000) = ln 1000 ≈ 6.91.",
        hints=("Each of 1,000 classes gets the same probability.", "The loss is −ln p; math.log is the natural one."),
        wrongs=(
            Wrong(math.log(10), "That is for ten classes; here are 1,000."),
            Wrong(3, "The loss uses the natural logarithm, math.log, not the one to base 10."),
            Wrong(0.001, "That is the probability of each class. The loss is −ln of it."),
            Wrong(math.log2(1000), "The loss uses the natural logarithm, math.log, not the one to base 2."),
            Wrong(-math.log(1000), "Mind the sign: ln of a probability is negative, the loss is −ln p."),
        ),
        tolerance=2e-3,
    ),
    Exercise(
        name="start.probability",
        difficulty="easy",
        minutes=2,
        task="The loss of one image is 0.105: which probability did the network give to the right class?",
        solution=0.90,
        why="From 0.105 = −ln p follows p = e^(−0.105) ≈ 0.90.",
        hints=("The loss is −ln p. Solve for p.", "p = e to the power of minus the loss: math.exp(-0.105)."),
        wrongs=(
            Wrong(1.11, "A probability above 1? The loss is −ln p: mind the minus sign in the exponent."),
            Wrong(0.895, "That is 1 − 0.105, only nearly right for a small loss. Solve 0.105 = −ln p for p."),
            Wrong(0.785, "The logarithm is the natural one, so p = e^(−0.105), not 10^(−0.105)."),
            Wrong(90, "Right idea. Give a probability between 0 and 1, not a percentage."),
            Wrong(0.105, "That is the loss. The probability is e to the power of minus the loss."),
        ),
        tolerance=1e-3,
    ),
    Exercise(
        name="start.accuracy",
        difficulty="medium",
        minutes=5,
        task="Write the accuracy of logits of shape (N, 10) for labels of shape (N,).",
        solution=accuracy,
        why="argmax(dim=1) is the network's answer in each row; the mean of right and wrong is the fraction right.",
        hints=(
            "The network's answer is the place of the largest number in each row: argmax.",
            "Compare the answers with the labels; the result is True or False for each image.",
            "The mean of True and False, as floats, is the fraction.",
        ),
        inputs=_batches,
        wrongs=(
            Wrong(lambda z, y: (z.argmax(1) == y).sum(), "That counts the right ones. The accuracy is their fraction."),
            Wrong(lambda z, y: 1 - (z.argmax(1) == y).float().mean(), "That is the error rate, 1 − accuracy."),
            Wrong(
                lambda z, y: (z.argmin(1) == y).float().mean(),
                "The answer is the largest logit, argmax, not the smallest.",
            ),
            Wrong(lambda z, y: (z.argmax(1) == y).float(), "That is right or wrong for each image. Take the mean."),
            Wrong(
                lambda z, y: 100 * (z.argmax(1) == y).float().mean(),
                "Give a fraction between 0 and 1, not a percentage.",
            ),
        ),
    ),
    Exercise(
        name="start.order",
        difficulty="medium",
        minutes=2,
        task="With the order zero_grad, step, backward in each round: how much does the test loss change in an epoch?",
        solution=0,
        why="zero_grad empties the gradients right before each step, so no step ever finds one: nothing moves.",
        hints=("What does step use, and what has just been done to it?", "step skips parameters without a gradient."),
        wrongs=(
            Wrong(1, "What is left of the gradient when step comes?"),
            Wrong("falls", "Look at what step finds: zero_grad has just emptied every gradient. Give a number."),
            Wrong("nothing", "Right idea. Give it as a number."),
        ),
    ),
]
