"""Exercises of lesson 13, faster AlexNet."""

import itertools
import math
import operator

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from helpers.exercises import Exercise, Wrong


def separable_flops(in_channels, out_channels, kernel_size, side):
    alone = 2 * kernel_size**2 * in_channels * side**2
    mixing = 2 * in_channels * out_channels * side**2
    return alone + mixing


def _counted_by_torch(in_channels, out_channels, kernel_size, side):
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        alone = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        mixing = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        mixing(alone(torch.empty(1, in_channels, side + kernel_size - 1, side + kernel_size - 1)))
    return counter.get_total_flops()


def speedup(shares, factors):
    return 1 / sum(share / factor for share, factor in zip(shares, factors, strict=True))


def steps(gradients, eta, beta):
    velocity, sizes = 0.0, []
    for gradient in gradients:
        velocity = beta * velocity + gradient
        sizes.append(eta * velocity)
    return sizes


def _averaged(gradients, eta, beta):
    velocity, sizes = 0.0, []
    for gradient in gradients:
        velocity = beta * velocity + (1 - beta) * gradient
        sizes.append(eta * velocity)
    return sizes


def _late(gradients, eta, beta):
    velocity, sizes = 0.0, []
    for gradient in gradients:
        sizes.append(eta * velocity)
        velocity = beta * velocity + gradient
    return sizes


def _step_kept(gradients, eta, beta):
    step, sizes = 0.0, []
    for gradient in gradients:
        step = eta * (beta * step + gradient)
        sizes.append(step)
    return sizes


def _one_tensor(gradients, eta, beta):
    """Give what a list shows of one tensor that was changed in place: its last value, again and again."""
    return steps(gradients, eta, beta)[-1:] * len(gradients)


def _summed(gradients, eta, beta):
    return list(itertools.accumulate(steps(gradients, eta, beta)))


def _with_the_last_gradient(gradients, eta, beta):
    return [eta * (now + beta * last) for last, now in zip([0.0, *gradients], gradients, strict=False)]


def _by_torch(gradients, eta, beta):
    w, ways = torch.zeros(1, requires_grad=True), []
    optimizer = torch.optim.SGD([w], lr=eta, momentum=beta)
    for gradient in gradients:
        before = w.item()
        w.grad = torch.tensor([gradient])
        optimizer.step()
        ways.append(before - w.item())
    return ways


def _as_powers(gradients, eta, beta):
    places = range(len(gradients))
    return [eta * sum(beta ** (i - j) * gradients[j] for j in places[: i + 1]) for i in places]


def _in_a_loop(shares, factors):
    left = 0
    for i in range(len(shares)):
        left += shares[i] / factors[i]
    return 1 / left


EXERCISES = [
    Exercise(
        name="faster.amdahl",
        difficulty="easy",
        minutes=2,
        task="A part with 20% of the time is made to cost nothing: how many times as fast is the whole?",
        solution=1.25,
        why="80% of the time is left, and 1 / 0.8 = 1.25. No work on this part can ever gain more.",
        hints=("How much of the old time is left?", "Divide the old time, 1, by what is left of it."),
        wrongs=(
            Wrong(0.8, "That is the time that is left. How many times does it fit into the old time?"),
            Wrong(1.2, "The time falls by 20%, but the speed is 1 / 0.8 of the old one, which is more than 1.2."),
            Wrong(5, "That would be right if nothing but this fifth were left."),
            Wrong(0.25, "That is what is gained on top of the old speed, 1. How many times as fast is it in all?"),
            Wrong(25, "That is what is gained in percent. How many times as fast is it in all?"),
            Wrong(125, "Right idea. Give it as a factor, not in percent."),
            Wrong(0.2, "That is the share of the part. What is left of the time, and how often does it fit into 1?"),
            Wrong(1, "That is f = 1, no change at all. Costs nothing means that s / f is 0."),
            Wrong(4, "That compares the other 80% with the part. Compare the old time with what is left of it."),
            Wrong(float("inf"), "The part is gone, but the other 80% of the time are still there."),
        ),
    ),
    Exercise(
        name="faster.bytes",
        difficulty="easy",
        minutes=3,
        task="How many times fewer bytes are images of 28×28 in bytes than images of 84×84 in float32?",
        solution=36,
        why="The area is 9 times smaller and each pixel 4 times: 36. The batch size does not matter.",
        hints=("Count the pixels of both images.", "A float32 takes 4 bytes, a uint8 one."),
        wrongs=(
            Wrong(9, "That is the number of pixels. Each pixel shrinks as well, from 4 bytes to 1."),
            Wrong(3, "That is the side. An image has two sides, and each pixel takes fewer bytes, too."),
            Wrong(4, "Those are the bytes of a pixel. There are fewer pixels, too."),
            Wrong(12, "You counted one side. An image has two."),
            Wrong(144, "The 4 bytes count once for each pixel, not along both sides."),
            Wrong(288, "A float32 has 32 bits, but a byte has 8 of them: 4 times, not 32 times."),
            Wrong(4608, "That counts the batch of 128, but both ways send as many images."),
            Wrong(256, "That was for 224×224, above. Here the images have 84×84 pixels."),
            Wrong(18, "That would be for 2 bytes a number. A float32 has 32 bits, so 4 bytes."),
            Wrong(2.25, "There are fewer pixels and fewer bytes for each of them: multiply the two."),
            Wrong(1 / 36, "The right factor the other way round: how many times *fewer*?"),
        ),
    ),
    Exercise(
        name="faster.separable",
        difficulty="medium",
        minutes=6,
        task="Write the FLOPs of a k×k convolution of each channel by itself, followed by a 1×1 convolution over all.",
        solution=separable_flops,
        why="The first part sums over k·k pixels but not over channels, the second over channels but only one pixel. "
        "Together that is far less than 2·k²·c_in·c_out at each place.",
        hints=(
            "At one place: how many products does the k×k part take for one channel? And for all c_in?",
            "The 1×1 part is an ordinary convolution with k = 1.",
            "Add the two; a multiplication with its addition counts as two.",
        ),
        inputs=lambda: [(1, 96, 11, 54), (96, 256, 5, 26), (384, 256, 3, 12), (7, 3, 2, 5)],
        wrongs=(
            Wrong(
                lambda i, o, k, s: 2 * k * k * i * o * s * s,
                "That is the ordinary convolution. Here the k×k part doesn't sum over the channels.",
            ),
            Wrong(lambda i, o, k, s: 2 * k * k * i * s * s, "That is the first part. The 1×1 convolution follows."),
            Wrong(lambda i, o, k, s: 2 * i * o * s * s, "That is the 1×1 convolution. The k×k part comes before it."),
            Wrong(
                lambda i, o, k, s: i * (k * k + o) * s * s, "A multiplication with its addition counts as two FLOPs."
            ),
            Wrong(lambda i, o, k, s: 2 * i * (k * k + o), "That is for one place. There are side · side of them."),
            Wrong(lambda i, o, k, s: 2 * i * (k * k + o) * s, "The map has two sides: side · side places."),
            Wrong(lambda i, o, k, s: 2 * i * (k + o) * s * s, "The kernel is square: k · k weights."),
            Wrong(
                lambda i, o, k, s: 2 * o * (k * k + i) * s * s,
                "The k×k part works on the input channels: there are c_in of its maps, not c_out.",
            ),
            Wrong(
                lambda i, o, k, s: 2 * (k * k + i * o) * s * s, "Every input channel has a k×k kernel of its own: c_in."
            ),
            Wrong(
                lambda i, o, k, s: 2 * (k * k * i * o + i * o) * s * s,
                "Your k×k part makes all output channels. Here it makes one map for each input channel.",
            ),
            Wrong(
                lambda i, o, k, s: 2 * i * (k * k * i + o) * s * s,
                "Your k×k part sums over all input channels. Here each kernel sees one channel alone.",
            ),
            Wrong(
                lambda i, o, k, s: 2 * (k * k * i + o) * s * s,
                "The 1×1 convolution sums over all the maps of the first part: c_in products for each output.",
            ),
            Wrong(lambda i, o, k, s: i * (k * k + o), "Those are the weights. Each is used at every place."),
            Wrong(
                lambda i, o, k, s: (2 * k * k * i * s * s, 2 * i * o * s * s), "Those are the two parts. Add them up."
            ),
            Wrong(
                lambda i, o, k, s: 2 * i * (k * k + o) * (s - k + 1) ** 2,
                "There are side · side places already: nothing is left to take off for the border.",
            ),
            Wrong(
                lambda i, o, k, s: 2 * k * k * i * s * s * 2 * i * o * s * s,
                "One part is done after the other: their FLOPs add up.",
            ),
        ),
        rights=(
            _counted_by_torch,
            lambda i, o, k, s: 2 * s**2 * i * (k**2 + o),
            lambda i, o, k, s: sum(2 * k * k + 2 * o for _ in range(i)) * s * s,
            lambda in_channels, out_channels, kernel_size, side: (
                2.0 * side**2 * (in_channels * kernel_size**2 + in_channels * out_channels)
            ),
        ),
    ),
    Exercise(
        name="faster.speedup",
        difficulty="medium",
        minutes=6,
        task="Write Amdahl's law for several parts, each with its share of the time and its factor.",
        solution=speedup,
        why="Part i takes share / factor of the old time. The whole is as many times faster as their sum fits into 1.",
        hints=("How much time does part i take afterwards?", "Add up these times; the old time was 1."),
        inputs=lambda: [([0.2, 0.8], [4, 1]), ([0.5, 0.3, 0.2], [10, 2, 1]), ([0.9, 0.1], [3, 5]), ([1.0], [7])],
        wrongs=(
            Wrong(
                lambda s, f: sum(a * b for a, b in zip(s, f, strict=True)),
                "That averages the factors. But times add up, not speeds: part i takes share / factor.",
            ),
            Wrong(
                lambda s, f: sum(a / b for a, b in zip(s, f, strict=True)),
                "That is the time that is left. How many times does it fit into the old time?",
            ),
            Wrong(lambda s, f: max(f), "The fastest part has gained so much, but the slow parts are still there."),
            Wrong(lambda s, f: min(f), "The slowest part has gained so little, but the others have gained more."),
            Wrong(lambda s, f: sum(f) / len(f), "That is the mean factor. Shares count, and times add up, not speeds."),
            Wrong(
                lambda s, f: len(f) / sum(1 / b for b in f),
                "You gave each part the same share of the time. Part i had shares[i] of it.",
            ),
            Wrong(
                lambda s, f: 1 / ((1 - s[0]) + s[0] / f[0]),
                "That makes only the first part faster. Here each part has a factor of its own.",
            ),
            Wrong(
                lambda s, f: math.prod(1 / ((1 - a) + a / b) for a, b in zip(s, f, strict=True)),
                "You multiplied the gains of the parts. But the shares are of the old time: add up the times instead.",
            ),
            Wrong(
                lambda s, f: 1 / sum((1 - a) + a / b for a, b in zip(s, f, strict=True)),
                "1 − s is the time of all other parts. Here each of them is counted by itself: add up share / factor.",
            ),
            Wrong(
                lambda s, f: sum(b / a for a, b in zip(s, f, strict=True)),
                "You turned each part over before adding. First add up the times share / factor, then 1 / their sum.",
            ),
            Wrong(
                lambda s, f: 1 / sum(1 / b for b in f),
                "Part i takes shares[i] / factors[i] of the old time, not 1 / factors[i].",
            ),
            Wrong(
                lambda s, f: [a / b for a, b in zip(s, f, strict=True)],
                "Those are the times of the parts. How many times does their sum fit into the old time?",
            ),
            Wrong(
                lambda s, f: 1 - sum(a / b for a, b in zip(s, f, strict=True)),
                "That is the time that is saved. How many times does what is left fit into the old time?",
            ),
            Wrong(
                lambda s, f: speedup(s, f) - 1,
                "That is what is gained on top of the old speed, 1. How many times as fast is it in all?",
            ),
            Wrong(lambda s, f: f[0] / s[0], "That is the first part alone: is `return` inside the loop?"),
            Wrong(lambda s, f: f[-1] / s[-1], "That is the last part alone. Add up the times of all, with +=."),
            Wrong(lambda s, f: math.prod(f), "That would be one part, made faster again and again."),
            Wrong(
                lambda s, f: math.prod(b**a for a, b in zip(s, f, strict=True)),
                "The times of the parts add up, they don't multiply: part i takes share / factor.",
            ),
        ),
        rights=(
            _in_a_loop,
            lambda s, f: 1 / sum(map(operator.truediv, s, f)),
            lambda s, f: 1 / (torch.tensor(s) / torch.tensor(f)).sum(),
            lambda s, f: sum(s) / sum(a / b for a, b in zip(s, f, strict=True)),
            lambda shares, factors: np.divide(1, np.divide(shares, factors).sum()),
        ),
    ),
    Exercise(
        name="faster.momentum",
        difficulty="hard",
        minutes=7,
        task="Write the steps of SGD with momentum, eta times v with its sign, for a list of gradients.",
        solution=steps,
        why="With a constant gradient they grow from η·g towards η·g / (1 − β), ten times as much for β = 0.9.",
        hints=(
            "Keep v from one gradient to the next; it begins at 0.",
            "For each gradient: first v = beta * v + gradient, then append eta * v.",
        ),
        inputs=lambda: [([1.0] * 5, 0.1, 0.9), ([1.0, -1.0, 1.0, -1.0], 0.1, 0.5), ([2.0, 0.0, 0.0], 0.01, 0.9)],
        wrongs=(
            Wrong(lambda g, eta, beta: [eta * x for x in g], "That is SGD without momentum: nothing is carried over."),
            Wrong(_averaged, "With (1 − β) before g it is a running average. Here g is added in full."),
            Wrong(_late, "The step is taken after v is updated: the first one is η·g, not 0."),
            Wrong(
                lambda g, eta, beta: [-step for step in steps(g, eta, beta)],
                "Those are the changes of w. Asked is η·v with the sign of v; w moves by minus that.",
            ),
            Wrong(lambda g, eta, beta: steps(g, 1, beta), "That is v itself. A step is η times v."),
            Wrong(
                lambda g, eta, beta: [eta * (x + beta * v) for x, v in zip(g, steps(g, 1, beta), strict=True)],
                "That is Nesterov's variant, g + βv. Here the step goes along v itself.",
            ),
            Wrong(lambda g, eta, beta: steps(g, eta, beta)[-1], "That is the last step. Return all, as a list."),
            Wrong(lambda g, eta, beta: steps(g, eta, 1), "Where is β? Each step keeps that fraction of the last v."),
            Wrong(
                lambda g, eta, beta: steps(g, eta, beta)[:1],
                "That is the first step alone: is `return` inside the loop?",
            ),
            Wrong(
                _one_tensor,
                "All are the last step: one tensor, changed in place. Append a new one each time.",
            ),
            Wrong(
                lambda g, eta, beta: [eta * (v + beta ** (i + 1) * g[0]) for i, v in enumerate(steps(g, 1, beta))],
                "You began with v = g, so that the first gradient counts twice. v begins at 0.",
            ),
            Wrong(
                lambda g, eta, beta: [eta * beta * sum(g[: i + 1]) for i in range(len(g))],
                "β stands before v, the sum so far, not before g.",
            ),
            Wrong(
                lambda g, eta, beta: steps(g, eta * beta, beta),
                "β stands before the old v alone. The new g is added in full.",
            ),
            Wrong(_step_kept, "You kept η·v for the next step in place of v, so that η counts again and again."),
            Wrong(
                lambda g, eta, beta: [-way for way in _summed(g, eta, beta)],
                "That is w itself, from 0 on. Asked is each step by itself, with the sign of v.",
            ),
            Wrong(_summed, "You added the steps up. That is the way so far; asked is each step by itself."),
            Wrong(
                _with_the_last_gradient,
                "You added β times the last gradient. v remembers all earlier ones: it is kept from step to step.",
            ),
        ),
        rights=(
            _by_torch,
            _as_powers,
            lambda g, eta, beta: [eta * v for v in itertools.accumulate(g, lambda v, x: beta * v + x)],
            lambda g, eta, beta: itertools.accumulate((eta * x for x in g), lambda step, x: beta * step + x),
        ),
    ),
]
