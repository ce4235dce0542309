"""Exercises of lesson 5, the data loader."""

import torch

from helpers.exercises import Exercise, Wrong


def collate(pairs):
    images, targets = zip(*pairs, strict=True)
    return torch.stack(images), torch.tensor(targets)


def cut(order, batch_size, drop_last):
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if drop_last and batches and len(batches[-1]) < batch_size:
        batches.pop()
    return batches


def _never_short(order, batch_size, drop_last):
    return cut(order, batch_size, True)


def _always_all(order, batch_size, drop_last):
    return cut(order, batch_size, False)


def _always_pop(order, batch_size, drop_last):
    batches = cut(order, batch_size, False)
    return batches[:-1] if drop_last else batches


def _overlapping(order, batch_size, drop_last):
    return [order[start : start + batch_size] for start in range(len(order))]


def _pairs():
    generator = torch.Generator().manual_seed(0)
    return [
        ([(torch.rand(*shape, generator=generator), 3 * i % 10) for i in range(count)],)
        for count, shape in ((4, (3, 8, 8)), (1, (1, 5, 5)), (3, (6,)))
    ]


def _orders():
    return [([4, 0, 3, 1, 2], 2, False), ([4, 0, 3, 1, 2], 2, True), ([5, 3, 1, 0, 2, 4], 3, True), ([1, 0], 5, True)]


EXERCISES = [
    Exercise(
        name="loader.left_out",
        difficulty="easy",
        minutes=1,
        task="1,000 images, batches of 48, drop_last=True: how many images are left out in an epoch?",
        solution=40,
        why="⌊1000/48⌋ = 20 full batches hold 960 images, and 40 are left.",
        hints=("How many full batches of 48 fit into 1,000?", "20 batches. How many images do they hold?"),
        wrongs=(
            Wrong(20, "20 is the number of full batches."),
            Wrong(8, "8 more images would have filled the last batch. How many are in it?"),
            Wrong(0, "With drop_last the images of a short last batch are left out, and 48 does not divide 1,000."),
            Wrong(960, "960 images come, in full batches. How many don't?"),
            Wrong(21, "21 is the number of batches without drop_last. How many images are in the last of them?"),
            Wrong(48, "A full batch is never left out, only a short one."),
        ),
    ),
    Exercise(
        name="loader.lines",
        difficulty="easy",
        minutes=2,
        task="How many lines does a loop print, shape and targets of each batch, over 10,000 images in batches of 4?",
        solution=5000,
        why="10,000/4 = 2,500 batches, and two lines for each.",
        hints=("How many batches are there?", "Each batch prints two lines."),
        wrongs=(
            Wrong(2500, "2,500 is the number of batches. Each of them prints two lines."),
            Wrong(10000, "Not a line per image: a batch of 4 prints its targets as one tensor, in one line."),
            Wrong(20000, "You counted two lines per image. They are printed once per batch."),
        ),
    ),
    Exercise(
        name="loader.mean",
        difficulty="medium",
        minutes=4,
        task="Batches of 100 over 250 examples have mean losses 0.4, 0.5 and 0.9: what is the mean over all examples?",
        solution=0.54,
        why="The last batch has 50 examples: (100·0.4 + 100·0.5 + 50·0.9) / 250 = 135/250 = 0.54.",
        hints=(
            "How many examples are in the last batch?",
            "Turn each mean back into a sum, add the sums, divide by 250.",
        ),
        wrongs=(
            Wrong(0.6, "That is the mean of the three means. The last batch has only 50 examples and must count less."),
            Wrong(135, "That is the sum of all losses. Divide by the number of examples."),
            Wrong(
                0.45,
                "Either you left out the last batch: its 50 examples count too. "
                "Or you counted it half, but divided by 3: two whole batches and a half one are 2.5.",
            ),
            Wrong(0.72, "You counted the last batch as 100 examples, but divided by 250."),
        ),
    ),
    Exercise(
        name="loader.collate",
        difficulty="medium",
        minutes=5,
        task="Write a collate function: from a list of pairs (image, target) to a tensor of images and one of targets.",
        solution=collate,
        why="zip(*pairs) turns a list of pairs into two tuples; torch.stack adds the dimension of the batch in front.",
        hints=(
            "images, targets = zip(*pairs) takes the pairs apart.",
            "torch.stack(images) makes a new first dimension.",
            "The targets are ints: torch.tensor(targets).",
        ),
        inputs=_pairs,
        wrongs=(
            Wrong(
                lambda pairs: (torch.cat([x for x, _ in pairs]), torch.tensor([t for _, t in pairs])),
                "torch.cat joins along a dimension that is there. The batch needs a new one: torch.stack.",
            ),
            Wrong(
                lambda pairs: (torch.stack([x for x, _ in pairs], dim=-1), torch.tensor([t for _, t in pairs])),
                "The batch is the first dimension, not the last.",
            ),
            Wrong(
                lambda pairs: (torch.stack([x for x, _ in pairs]), torch.tensor([[t] for _, t in pairs])),
                "The targets have a dimension too many: shape (B,), not (B, 1).",
            ),
            Wrong(lambda pairs: tuple(zip(*pairs, strict=True)), "Two tuples. Make one tensor out of each."),
            Wrong(lambda pairs: collate(pairs)[0], "And the targets? Return a pair."),
            Wrong(lambda pairs: collate(pairs)[::-1], "Images first, then targets."),
        ),
    ),
    Exercise(
        name="loader.cut",
        difficulty="hard",
        minutes=7,
        task="Cut a list of indices into batches, leaving out a short last one if drop_last.",
        solution=cut,
        why="Slices at 0, B, 2B, … give ⌈n/B⌉ batches, and only the last can be short.",
        hints=(
            "range(0, len(order), batch_size) has the place where each batch starts.",
            "order[start : start + batch_size] stops at the end of the list by itself.",
            "Is the last one short? len(batches[-1]) < batch_size.",
        ),
        inputs=_orders,
        wrongs=(
            Wrong(_never_short, "The short last batch is always missing. Leave it out only if drop_last."),
            Wrong(_always_all, "drop_last has no effect: the short last batch is still there."),
            Wrong(
                lambda order, batch_size, drop_last: cut(order, batch_size, not drop_last),
                "The wrong way round: the short last batch is to be left out if drop_last is true.",
            ),
            Wrong(_always_pop, "With drop_last you leave out the last batch even if it is full."),
            Wrong(_overlapping, "The batches overlap: each must start where the one before ended."),
            Wrong(
                lambda order, batch_size, drop_last: cut(sorted(order), batch_size, drop_last),
                "You sorted the indices. The order is what the loader has shuffled: keep it.",
            ),
        ),
    ),
]
