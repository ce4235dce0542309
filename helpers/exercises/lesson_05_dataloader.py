"""Exercises of lesson 5, the data loader."""

import math
from fractions import Fraction

import torch
from torch.nn import functional as F

from helpers.exercises import Exercise, Wrong


def collate(pairs):
    images, targets = zip(*pairs, strict=True)
    height = max(image.shape[1] for image in images)
    width = max(image.shape[2] for image in images)
    padded = [F.pad(image, (0, width - image.shape[2], 0, height - image.shape[1])) for image in images]
    return torch.stack(padded), torch.tensor(targets)


def cut(order, batch_size, drop_last):
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if drop_last and batches and len(batches[-1]) < batch_size:
        batches.pop()
    return batches


def _written_into_zeros(pairs):
    sizes = torch.tensor([image.shape for image, _ in pairs])
    images = torch.zeros(len(pairs), *sizes.max(0).values)
    targets = torch.zeros(len(pairs), dtype=torch.long)
    for i, (image, target) in enumerate(pairs):
        images[i, :, : image.shape[1], : image.shape[2]] = image
        targets[i] = target
    return images, targets


def _joined_to_zeros(pairs):
    height, width = (max(image.size(side) for image, _ in pairs) for side in (1, 2))
    images = []
    for image, _ in pairs:
        image = torch.cat([image, torch.zeros(image.size(0), height - image.size(1), image.size(2))], dim=1)
        image = torch.cat([image, torch.zeros(image.size(0), height, width - image.size(2))], dim=2)
        images.append(image[None])
    return [torch.cat(images), torch.as_tensor([target for _, target in pairs])]


def _padded(pairs, pad, fill=0.0, sides=None):
    """A collate function with a mistake: `pad` says how the missing columns and rows are split."""
    height, width = sides or [max(image.shape[side] for image, _ in pairs) for side in (1, 2)]
    images = [F.pad(x, pad(width - x.shape[2], height - x.shape[1]), value=fill) for x, _ in pairs]
    return torch.stack(images), torch.tensor([target for _, target in pairs])


def _right_and_below(columns, rows):
    return 0, columns, 0, rows


def _square(pairs):
    side = max(max(image.shape[1:]) for image, _ in pairs)
    return _padded(pairs, _right_and_below, sides=(side, side))


def _cropped(pairs):
    return _padded(pairs, _right_and_below, sides=[min(image.shape[side] for image, _ in pairs) for side in (1, 2)])


def _three_channels(pairs):
    images, targets = _written_into_zeros(pairs)
    return images.expand(-1, 3, -1, -1), targets


def _stretched(pairs):
    size = [max(image.shape[side] for image, _ in pairs) for side in (1, 2)]
    return torch.cat([F.interpolate(x[None], size) for x, _ in pairs]), torch.tensor([target for _, target in pairs])


def _pairs():
    generator = torch.Generator().manual_seed(0)
    batches = [[(3, 8, 5), (3, 6, 9), (3, 4, 4)], [(1, 5, 5)], [(1, 2, 7), (1, 3, 1), (1, 1, 2), (1, 2, 2)]]
    return [
        ([(torch.rand(*shape, generator=generator), 7 - 2 * i) for i, shape in enumerate(shapes)],)
        for shapes in batches
    ]


def _counted(order, batch_size, drop_last):
    count = len(order) // batch_size if drop_last else math.ceil(len(order) / batch_size)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(count)]


def _appended(order, batch_size, drop_last):
    batches, batch = [], []
    for i in order:
        batch.append(i)
        if len(batch) == batch_size:
            batches.append(batch)
            batch = []
    if batch and not drop_last:
        batches.append(batch)
    return batches


def _taken_off(order, batch_size, drop_last):
    batches = []
    while len(order) >= batch_size or (order and not drop_last):
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


def _one_too_many(order, batch_size, drop_last):
    count = len(order) // batch_size + (not drop_last)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(count)]


def _empty_tail(order, batch_size, drop_last):
    batches, batch = [], []
    for i in order:
        batch.append(i)
        if len(batch) == batch_size:
            batches.append(batch)
            batch = []
    return batches if drop_last else [*batches, batch]


def _fails_without_any(order, batch_size, drop_last):
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return batches[:-1] if drop_last and len(batches[-1]) < batch_size else batches


def _always_pop(order, batch_size, drop_last):
    batches = cut(order, batch_size, False)
    return batches[:-1] if drop_last else batches


def _overlapping(order, batch_size, drop_last):
    return [order[start : start + batch_size] for start in range(len(order))]


def _filled_up(order, batch_size, drop_last):
    batches = cut(order, batch_size, drop_last)
    return [batch + order[: batch_size - len(batch)] for batch in batches]


def _orders():
    orders = [([4, 0, 3, 1, 2], 2), ([5, 3, 1, 0, 2, 4], 3), ([1, 0], 5), ([], 3), ([2, 0, 1], 1)]
    return [(list(order), batch_size, drop_last) for order, batch_size in orders for drop_last in (False, True)]


EXERCISES = [
    Exercise(
        name="loader.left_out",
        difficulty="easy",
        minutes=1,
        task="1,000 images, batches of 48, drop_last=True: how many images are left out in an epoch?",
        solution=40,
        why="⌊1000/48⌋ = 20 full batches hold 960 images, and 40 are left.",
        hints=("How many full batches of 48 fit into 1,000?", "20 batches. How many images do they hold?"),
        rights=(1000 - 20 * 48, 1000 % 48, 40.0, torch.tensor(1000) % 48),
        wrongs=(
            Wrong(20, "20 is the number of full batches."),
            Wrong(8, "8 more images would have filled the last batch. How many are in it?"),
            Wrong(0, "With drop_last the images of a short last batch are left out, and 48 does not divide 1,000."),
            Wrong(960, "960 images come, in full batches. How many don't?"),
            Wrong(21, "21 is the number of batches without drop_last. How many images are in the last of them?"),
            Wrong(48, "A full batch is never left out, only a short one."),
            Wrong(1, "One batch is left out. How many images are in it?"),
            Wrong(1000 / 48, "That is the quotient. Its whole part counts the full batches: how many images are over?"),
        ),
        refused=(39, 41, -40, 0.04, 0.8333),
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
        rights=(135 / 250, 0.4 * 0.4 + 0.4 * 0.5 + 0.2 * 0.9, (0.4 + 0.5 + 0.9 / 2) / 2.5, Fraction(27, 50)),
        wrongs=(
            Wrong(0.6, "That is the mean of the three means. The last batch has only 50 examples and must count less."),
            Wrong(135, "That is the sum of all losses. Divide by the number of examples."),
            Wrong(
                0.45,
                "Either you left out the last batch: its 50 examples count too. "
                "Or you counted it half, but divided by 3: two whole batches and a half one are 2.5.",
            ),
            Wrong(0.72, "You counted the last batch as 100 examples, but divided by 250."),
            Wrong(1.8, "That is the sum of the means. Weight each by the examples of its batch, and divide by 250."),
            Wrong(0.5, "That is the middle one of the means. The other batches count, too."),
            Wrong(1.35, "You weighted rightly, by 1, 1 and ½, but didn't divide by the 2½ batches."),
            Wrong(
                0.675, "You counted the last batch half, but divided by 2: two whole batches and a half one are 2.5."
            ),
        ),
        refused=(54, 0.0054, 0.55, -0.54),
    ),
    Exercise(
        name="loader.workers",
        difficulty="medium",
        minutes=4,
        task="3 workers take 0.6 s to start, and an image costs 3 ms: after how many images are they level with none?",
        solution=300,
        why="n·c = s + n·c/w gives n = s/c · w/(w − 1) = 0.6/0.003 · 3/2 = 300; both have then taken 0.9 s.",
        hints=(
            "Without workers n images take 0.003·n seconds. And with three?",
            "0.003·n = 0.6 + 0.001·n. Solve for n.",
        ),
        rights=(0.6 / 0.003 * 3 / 2, 0.6 / (0.003 - 0.001), 600 / 2),
        wrongs=(
            Wrong(200, "That many you fetch alone during the start. Then the workers must still fetch them, too."),
            Wrong(301, "By then they are ahead. At which number have both taken the same time?"),
            Wrong(0.9, "That is the time. How many images have come by then?"),
            Wrong(900, "That is the time in milliseconds. How many images have come by then?"),
            Wrong(600, "During the start you are not idle: compare 0.003·n with 0.6 + 0.001·n."),
            Wrong(400, "That is right for two workers. With three an image costs a third."),
            Wrong(0.3, "Mind the units: 3 ms are 0.003 s."),
            Wrong(133 + 1 / 3, "The factor is w/(w − 1), not (w − 1)/w: there must be more images than 200."),
            Wrong(66 + 2 / 3, "The workers share the images, not the start. Begin with 0.003·n = 0.6 + 0.001·n."),
            Wrong(150, "You added the speeds wrongly: they gain 3 − 1 = 2 ms with each image, not 4."),
        ),
        refused=(299, 302, 450, -300),
    ),
    Exercise(
        name="loader.cut",
        difficulty="medium",
        minutes=5,
        task="Cut a list of indices into batches, leaving out a short last one if drop_last.",
        solution=cut,
        why="Slices at 0, B, 2B, … give ⌈n/B⌉ batches, and only the last can be short.",
        hints=(
            "range(0, len(order), batch_size) has the place where each batch starts.",
            "order[start : start + batch_size] stops at the end of the list by itself.",
            "Is the last one short? len(batches[-1]) < batch_size. And if there is no last one?",
        ),
        inputs=_orders,
        rights=(_counted, _appended, _taken_off),
        wrongs=(
            Wrong(
                lambda order, batch_size, drop_last: cut(order, batch_size, True),
                "The short last batch is always missing. Leave it out only if drop_last.",
            ),
            Wrong(
                lambda order, batch_size, drop_last: cut(order, batch_size, False),
                "drop_last has no effect: the short last batch is still there.",
            ),
            Wrong(
                lambda order, batch_size, drop_last: cut(order, batch_size, not drop_last),
                "The wrong way round: the short last batch is to be left out if drop_last is true.",
            ),
            Wrong(_always_pop, "With drop_last you leave out the last batch even if it is full."),
            Wrong(_one_too_many, "Where the batch size divides the length, you end with an empty batch."),
            Wrong(_overlapping, "The batches overlap: each must start where the one before ended."),
            Wrong(_filled_up, "You filled the short batch up with indices that had come already. Leave it short."),
            Wrong(
                lambda order, batch_size, drop_last: cut(sorted(order), batch_size, drop_last),
                "You sorted the indices. The order is what the loader has shuffled: keep it.",
            ),
        ),
        refused=(
            _empty_tail,
            _fails_without_any,
            lambda order, batch_size, drop_last: sum(cut(order, batch_size, drop_last), []),
            lambda order, batch_size, drop_last: [order[i::batch_size] for i in range(batch_size)],
            lambda order, batch_size, drop_last: len(cut(order, batch_size, drop_last)),
        ),
    ),
    Exercise(
        name="loader.collate",
        difficulty="hard",
        minutes=10,
        task="From a list of pairs (image, target) make a tensor of images, padded to one size, and one of targets.",
        solution=collate,
        why="torch.stack needs equal shapes: with zeros right and below each image keeps its place in a larger frame.",
        hints=(
            "images, targets = zip(*pairs) takes the pairs apart. What is the largest image.shape[1]?",
            "torch.zeros(C, height, width) is an empty frame. Into which part of it does an image go?",
            "Or: F.pad(image, (0, right, 0, below)), columns first. Then torch.stack(images), torch.tensor(targets).",
        ),
        inputs=_pairs,
        tensors=True,
        rights=(_written_into_zeros, _joined_to_zeros, lambda pairs: _padded(pairs, _right_and_below)),
        wrongs=(
            Wrong(
                lambda pairs: _padded(pairs, lambda columns, rows: (columns, 0, rows, 0)),
                "The zeros belong on the right and below. Yours are on the left and above.",
            ),
            Wrong(
                lambda pairs: _padded(pairs, lambda c, r: (c // 2, c - c // 2, r // 2, r - r // 2)),
                "You put each image into the middle. The zeros belong on the right and below only.",
            ),
            Wrong(_square, "Height and width have a largest value each. Your frame is a square."),
            Wrong(_cropped, "You cut all to the smallest. Fill up to the largest, so that nothing gets lost."),
            Wrong(_stretched, "You stretched the images. Keep their pixels, and fill up with zeros."),
            Wrong(lambda pairs: _padded(pairs, _right_and_below, fill=1.0), "You filled up with ones, not with zeros."),
            Wrong(
                lambda pairs: (collate(pairs)[0].movedim(0, -1), collate(pairs)[1]),
                "The batch is the first dimension, not the last.",
            ),
            Wrong(_three_channels, "You took it for granted that there are 3 channels. A grey image has one."),
            Wrong(lambda pairs: collate(pairs)[0], "And the targets? Return a pair."),
            Wrong(lambda pairs: collate(pairs)[::-1], "Images first, then targets."),
        ),
        refused=(
            lambda pairs: (collate(pairs)[0], [target for _, target in pairs]),
            lambda pairs: (list(collate(pairs)[0]), collate(pairs)[1]),
            lambda pairs: (torch.stack([x for x, _ in pairs]), torch.tensor([t for _, t in pairs])),
            lambda pairs: (torch.cat([x for x, _ in pairs]), torch.tensor([t for _, t in pairs])),
            lambda pairs: tuple(zip(*pairs, strict=True)),
            lambda pairs: (collate(pairs)[0], collate(pairs)[1].flip(0)),
            lambda pairs: (collate(pairs)[0], collate(pairs)[1][:, None]),
        ),
    ),
]
