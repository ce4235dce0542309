"""Exercises of lesson 0, start here."""

import math

import torch

from helpers.exercises import Exercise, Wrong


def among_three(logits, labels):
    likeliest = logits.topk(3, dim=1).indices  # (N, 3)
    return (likeliest == labels[:, None]).any(dim=1).float().mean()


def _row_by_row(logits, labels):
    right = 0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        right += label in sorted(range(10), key=lambda place: row[place])[-3:]
    return right / len(labels)


def _by_rank(logits, labels):
    own = logits.gather(1, labels[:, None])
    return ((logits > own).sum(dim=1) < 3).double().mean()


def _found(logits, labels, places=slice(-3, None)):
    """Whether the right class stands at these places, the rows sorted upwards; shape (N,)."""
    return (logits.argsort(dim=1)[:, places] == labels[:, None]).any(dim=1).float()


def _batches():
    generator = torch.Generator().manual_seed(0)
    random = [
        (torch.randn(n, 10, generator=generator), torch.randint(10, (n,), generator=generator)) for n in (25, 3, 40)
    ]
    ranks = torch.arange(10.0).repeat(8, 1)  # the largest is at place 9
    return [*random, (ranks, torch.tensor([9, 9, 8, 7, 6, 2, 1, 0])), (-ranks, torch.tensor([0, 2, 2, 3, 3, 4, 9, 8]))]


EXERCISES = [
    Exercise(
        name="start.guess",
        difficulty="easy",
        minutes=1,
        task="What is the loss of a network that knows nothing, with 100 classes?",
        solution=math.log(100),
        why="Each class gets p = 1/100, and −ln(1/100) = ln 100 ≈ 4.61.",
        hints=("Each of 100 classes gets the same probability.", "The loss is −ln p; math.log is the natural one."),
        wrongs=(
            Wrong(math.log(10), "That is for ten classes; here are 100."),
            Wrong(2, "The loss uses the natural logarithm, math.log, not the one to base 10."),
            Wrong(0.01, "That is the probability of each class. The loss is −ln of it."),
            Wrong(math.log2(100), "The loss uses the natural logarithm, math.log, not the one to base 2."),
            Wrong(-math.log(100), "Mind the sign: ln of a probability is negative, the loss is −ln p."),
            Wrong(math.log(99), "Nearly: the right class is one of the 100, so p = 1/100, not 1/99."),
            Wrong(
                -math.log(0.99), "That is the loss of a network that gives the right class 0.99. A guess gives it 0.01."
            ),
        ),
        rights=(4.6, 4.61, 4.605, torch.tensor(100.0).log()),
        refused=(100, 4.5, 4.7, "ln 100"),
        tolerance=1.3e-3,
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
            Wrong(
                2.254,
                "That is −ln 0.105, the loss of a probability of 0.105. Here 0.105 is the loss: go the other way.",
            ),
            Wrong(90, "Right idea. Give a probability between 0 and 1, not a percentage."),
            Wrong(0.105, "That is the loss. The probability is e to the power of minus the loss."),
            Wrong(0.1, "That is about what is left for the other nine classes, 1 − p."),
        ),
        rights=(math.exp(-0.105), 0.9003),
        refused=(0.89, 0.91, 1, 0, "90%"),
        tolerance=1e-3,
    ),
    Exercise(
        name="start.three",
        difficulty="medium",
        minutes=8,
        task="Write the fraction of rows of logits, shape (N, 10), whose label is among the three largest.",
        solution=among_three,
        why="topk(3) gives three places per row; the label is compared with each, any() asks whether one fits.",
        hints=(
            "Which places in each row have the three largest numbers? logits.topk(3, dim=1).indices, shape (N, 3).",
            "Compare (N, 3) indices with labels[:, None], shape (N, 1): True where a place is the right one.",
            "any(dim=1) is True or False for each image; the mean of these, as floats, is the fraction.",
        ),
        inputs=_batches,
        wrongs=(
            Wrong(
                lambda z, y: (z.argmax(1) == y).float().mean(),
                "That asks whether the largest is right. The second and the third count, too.",
            ),
            Wrong(lambda z, y: _found(z, y).sum(), "That counts the right ones. Their fraction was asked for."),
            Wrong(lambda z, y: 1 - _found(z, y).mean(), "That is the share of errors, 1 − the fraction asked for."),
            Wrong(lambda z, y: _found(z, y), "That is right or wrong for each image. Take the mean."),
            Wrong(
                lambda z, y: _found(z, y, slice(3)).mean(),
                "Those are the three smallest. The likeliest have the largest logits.",
            ),
            Wrong(
                lambda z, y: _found(z, y).mean() / 3,
                "The mean over all (N, 3) comparisons is a third of it: at most one in a row can fit. Use any(dim=1).",
            ),
            Wrong(lambda z, y: 100 * _found(z, y).mean(), "Give a fraction between 0 and 1, not a percentage."),
            Wrong(
                lambda z, y: _found(z, y, slice(-2, None)).mean(), "Those are the two largest. Three were asked for."
            ),
            Wrong(
                lambda z, y: (z.topk(3).values == y[:, None]).any(1).float().mean(),
                "topk gives values and indices. The labels are places: compare with the indices.",
            ),
        ),
        rights=(
            _row_by_row,
            _by_rank,
            lambda z, y: _found(z, y).mean().item(),
            lambda z, y: sum(label in row for row, label in zip(z.topk(3)[1], y, strict=True)) / len(y),
            lambda z, y: (z.softmax(1).topk(3).indices == y.unsqueeze(1)).sum() / len(y),
            lambda z, y: [_found(z, y).mean()],
        ),
        refused=(
            lambda z, y: _found(z, y, slice(-4, None)).mean(),
            lambda z, y: _found(z, y).mean().round(),
            lambda z, y: (z.topk(3).indices == y[:, None]).any(0).float().mean(),
            lambda z, y: _found(z, y).mean() > 0.5,
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
            Wrong(
                "rises", "Look at what step finds: zero_grad has just emptied every gradient. Give a number, please."
            ),
            Wrong("nothing", "Right idea. Give it as a number."),
            Wrong("not at all", "Right idea; and as a number?"),
            Wrong(-1, "For it to fall, some parameter must move. What does step find in the gradients?"),
            Wrong(math.log(10), "That is where the loss stands. By how much does it change?"),
        ),
        rights=(0.0, -0.0),
        refused=(0.1, 100, "it stays", [0, 0]),
    ),
]
