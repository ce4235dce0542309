"""Exercises of lesson 13, faster AlexNet."""

from helpers.exercises import Exercise, Wrong


def conv_flops(in_channels, out_channels, kernel_size, side):
    return 2 * kernel_size**2 * in_channels * out_channels * side**2


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
            Wrong(float("inf"), "The part is gone, but the other 80% of the time are still there."),
        ),
    ),
    Exercise(
        name="faster.bytes",
        difficulty="easy",
        minutes=3,
        task="How many times fewer bytes are images of 28×28 in bytes than images of 112×112 in float32?",
        solution=64,
        why="The area is 16 times smaller and each pixel 4 times: 64. The batch size does not matter.",
        hints=("Count the pixels of both images.", "A float32 takes 4 bytes, a uint8 one."),
        wrongs=(
            Wrong(16, "That is the number of pixels. Each pixel shrinks as well, from 4 bytes to 1."),
            Wrong(4, "That is the side, or the bytes of a pixel. An image has two sides."),
            Wrong(256, "That is for 224×224."),
            Wrong(8192, "That counts the batch of 128, but both ways send as many images."),
        ),
    ),
    Exercise(
        name="faster.flops",
        difficulty="medium",
        minutes=5,
        task="Write the FLOPs of a convolution's forward pass for one image, without the bias.",
        solution=conv_flops,
        why="Each of the side² places of each output channel takes k·k·c_in multiplications and as many additions.",
        hints=(
            "How many multiplications make one number of the output?",
            "How many numbers has the output?",
            "A multiplication with its addition counts as two.",
        ),
        inputs=lambda: [(1, 96, 11, 54), (96, 256, 5, 26), (384, 256, 3, 12)],
        wrongs=(
            Wrong(lambda i, o, k, s: k * k * i * o * s * s, "A multiplication with its addition counts as two FLOPs."),
            Wrong(
                lambda i, o, k, s: 2 * k * k * i * o, "That is for one place: the kernel visits side · side of them."
            ),
            Wrong(lambda i, o, k, s: 2 * k * k * i * o * s, "The map has two sides: side · side places."),
            Wrong(lambda i, o, k, s: 2 * k * i * o * s * s, "The kernel is square: k · k weights."),
            Wrong(lambda i, o, k, s: 2 * k * k * o * s * s, "Each output sums over all input channels."),
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="faster.speedup",
        difficulty="medium",
        minutes=6,
        task="Write Amdahl's law for several parts, each with its share of the time and its factor.",
        solution=speedup,
        why="Part i takes share / factor of the old time. The whole is as many times faster as their sum fits into 1.",
        hints=("How much time does part i take afterwards?", "Add up these times; the old time was 1."),
        inputs=lambda: [([0.2, 0.8], [4, 1]), ([0.5, 0.3, 0.2], [10, 2, 1]), ([0.9, 0.1], [3, 5])],
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
        ),
    ),
]
