"""Exercises of lesson 10, dropout."""

import torch

from helpers.exercises import Exercise, Wrong


def dropout(h, keep, p, training):
    return h * keep / (1 - p) if training else h


def _layers():
    generator = torch.Generator().manual_seed(0)
    return [
        (1 + torch.rand(6, generator=generator), torch.tensor([True, False, True, True, False, True]), p, training)
        for p, training in ((0.2, True), (0.75, True), (0.4, False))
    ]


EXERCISES = [
    Exercise(
        name="dropout.value",
        difficulty="easy",
        minutes=1,
        task="A hidden value h = 3 passes dropout with p = 0.25 and is not dropped: what is h′?",
        solution=4.0,
        why="3 / (1 − 0.25) = 4: the values that stay grow, to make up for those that go.",
        hints=("A value that stays is divided by the probability to stay.", "3 divided by 1 − 0.25."),
        wrongs=(
            Wrong(3.0, "Unchanged, the mean would sink to 0.75 · 3: the values that stay must make up for the others."),
            Wrong(12.0, "You divided by p, the probability to go. Divide by that to stay, 1 − p."),
            Wrong(2.25, "You multiplied by 1 − p; that is what the original dropout does at test time. Divide."),
            Wrong(0.0, "0 is the value of one that was dropped."),
        ),
    ),
    Exercise(
        name="dropout.variance",
        difficulty="easy",
        minutes=3,
        task="At which p is the variance of h′ four times h²?",
        solution=0.8,
        why="p/(1 − p) = 4 gives p = 4 − 4p, so p = 4/5.",
        hints=("The variance is h²·p/(1 − p).", "Solve p/(1 − p) = 4."),
        wrongs=(
            Wrong(0.2, "0.2 is the probability to stay, 1 − p. At p = 0.2 the variance is a quarter of h²."),
            Wrong(0.5, "At p = 0.5 the variance is just h²."),
            Wrong(0.75, "You solved 1/(1 − p) = 4. The formula has p above the line too."),
            Wrong(0.25, "At p = 0.25 the variance is a third of h². You solved 1/p = 4; it is p/(1 − p)."),
            Wrong(4.0, "4 is p/(1 − p). Solve that for p; a probability is never above 1."),
        ),
    ),
    Exercise(
        name="dropout.relu",
        difficulty="medium",
        minutes=5,
        task="h = (1, 1), w = (1, −1), p = 0.25: what is the mean of relu(w·h′)?",
        solution=0.25,
        why="Only one mask gives more than 0: the first stays, the second goes. Probability 0.75 · 0.25, value 4/3.",
        hints=(
            "For which of the four masks is w·h′ above 0?",
            "The first value stays (probability 0.75) and the second goes (0.25). How large is h′ then?",
            "0.75 · 0.25 · 1/0.75.",
        ),
        wrongs=(
            Wrong(0.0, "0 is the relu of the mean. In the mean of the relu, only the negative case is cut off."),
            Wrong(0.1875, "That is the probability of the mask. Its value is 1/(1 − p) = 4/3, not 1."),
            Wrong(0.5, "0.5 is the result at p = 0.5."),
            Wrong(1 / 3, "You gave each mask ¼. At p = 0.25 this one has the probability 0.75 · 0.25."),
            Wrong(1.0, "4/3 · 0.75 is 1, but the second value must go as well: times 0.25."),
            Wrong(4 / 3, "4/3 is the value for one mask. Weigh it with the probability of that mask."),
            Wrong(0.75, "The mask with the right values has probability 0.75 · 0.25, and 1/(1 − p) is 4/3, not 4."),
        ),
    ),
    Exercise(
        name="dropout.write",
        difficulty="medium",
        minutes=5,
        task="Write dropout(h, keep, p, training), where keep is True for the values that stay.",
        solution=dropout,
        why="Mask and divide while training, and return h itself otherwise.",
        hints=(
            "What should come back when training is False?",
            "h * keep sets the others to 0. What happens to those that stay?",
            "h * keep / (1 - p) if training else h",
        ),
        inputs=_layers,
        wrongs=(
            Wrong(lambda h, keep, p, training: h * keep / (1 - p), "You drop at test time too: look at training."),
            Wrong(
                lambda h, keep, p, training: h * keep if training else h,
                "The mean shrinks to (1 − p)·h: divide those that stay.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep * (1 - p) if training else h,
                "Those that stay must grow to make up for the others: divide by 1 − p.",
            ),
            Wrong(lambda h, keep, p, training: h / (1 - p) if training else h, "Where is keep? Nothing was dropped."),
            Wrong(lambda h, keep, p, training: h * keep, "Where are p and training?"),
            Wrong(
                lambda h, keep, p, training: h * keep if training else h * (1 - p),
                "That is the original dropout, right in itself. Write the inverted one: scale while training.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / p if training else h,
                "Divide by the probability to stay, 1 − p, not by p.",
            ),
            Wrong(
                lambda h, keep, p, training: h * ~keep / (1 - p) if training else h,
                "keep is True for the values that stay; you kept the others.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / (1 - p) if training else h / (1 - p),
                "At test time nothing was dropped, so there is nothing to make up for: return h.",
            ),
            Wrong(
                lambda h, keep, p, training: h if training else h * keep / (1 - p),
                "The switch is the wrong way round: drop while training.",
            ),
        ),
    ),
    Exercise(
        name="dropout.convert",
        difficulty="hard",
        minutes=5,
        task="Weights trained behind original dropout at p = 0.2: by what are they multiplied for nn.Dropout?",
        solution=0.8,
        why="At test time the original multiplies h by 1 − p = 0.8 and nn.Dropout doesn't, so the weights must.",
        hints=(
            "What does the original dropout do to h at test time that nn.Dropout does not?",
            "W·(0.8·h) must become W′·h.",
        ),
        wrongs=(
            Wrong(1.25, "The other way round: nn.Dropout gives larger values, so the weights must be smaller."),
            Wrong(0.2, "0.2 is the share that goes. Scale by the share that stays."),
            Wrong(1.0, "Then every sum at test time would be 1.25 times too large."),
            Wrong(0.64, "Once is enough: the factor stands at test time or in the weights."),
        ),
    ),
]
