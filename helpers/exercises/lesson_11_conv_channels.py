"""Exercises of lesson 11, convolution and its channels."""

import torch
from torch.nn import functional as F

from helpers.exercises import Exercise, Wrong


def conv_channels(X, K):
    k = K.shape[-1]
    rows, columns = X.shape[1] - k + 1, X.shape[2] - k + 1
    Y = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            Y[i, j] = (X[:, i : i + k, j : j + k] * K).sum()  # over channels, height and width
    return Y


def _images():
    generator = torch.Generator().manual_seed(0)
    return [
        (torch.randn(c, height, width, generator=generator), torch.randn(c, k, k, generator=generator))
        for c, height, width, k in ((2, 4, 5, 2), (3, 5, 4, 3), (4, 3, 3, 1))
    ]


def _summed(X, K, **options):
    return F.conv2d(X[None], K[None], **options)[0, 0]


def _apart(X, K):
    """The image of each channel with its slice, not yet added."""
    return F.conv2d(X, K[:, None], groups=len(X))


def _by_places(X, K):
    """The image as places times windows, the kernel as a vector."""
    k = K.shape[-1]
    sides = [side - k + 1 for side in X.shape[1:]]
    return (F.unfold(X[None], k)[0].T @ K.flatten()).reshape(sides)


EXERCISES = [
    Exercise(
        name="conv.side",
        difficulty="easy",
        minutes=2,
        task="A 33 × 33 image, kernel 8, stride 4, padding 6: how long is a side of the output?",
        solution=10,
        why="⌊(33 + 2·6 − 8)/4⌋ + 1 = 9 + 1 = 10.",
        hints=("The padding is on both sides.", "⌊(n + 2p − k)/s⌋ + 1 with n = 33, p = 6, k = 8, s = 4."),
        wrongs=(
            Wrong(9, "The first window counts, too: + 1, after the division and not before it."),
            Wrong(8, "The padding is on both sides: 33 + 2·6 = 45 pixels."),
            Wrong(8.25, "You only divided by the stride. Kernel and padding count as well."),
            Wrong(7, "That is without padding."),
            Wrong(38, "That is with stride 1."),
            Wrong((10, 10), "One number is asked, the length of a side."),
            Wrong(100, "That is the number of all output pixels. A side is asked."),
            Wrong(10.25, "Divide first, then round down, then add 1: a side has no parts of pixels."),
            Wrong(9.25, "Round down, then add 1: the first window counts, too."),
            Wrong(9.5, "Divide first, then round down, and then add 1."),
            Wrong(11, "Round down, not up: a part of a step leads nowhere."),
            Wrong(12, "You left out the kernel: it fits k − 1 places fewer than there are pixels."),
            Wrong(14, "The kernel takes places away: its size is subtracted."),
        ),
    ),
    Exercise(
        name="conv.parameters",
        difficulty="easy",
        minutes=2,
        task="How many parameters has nn.Conv2d(3, 16, kernel_size=5)?",
        solution=1216,
        why="16 kernels of 3 · 5 · 5 weights and one bias each: 16 · 76 = 1216.",
        hints=("Each output channel has a kernel and a bias.", "How many slices has one kernel? 16 · (3 · 25 + 1)."),
        wrongs=(
            Wrong(1200, "You forgot the biases, one per output channel."),
            Wrong(416, "Each kernel has a slice for each of the 3 input channels."),
            Wrong(400, "Each kernel has a slice for each of the 3 input channels, and then there are the biases."),
            Wrong(76, "That is one kernel with its bias. There are 16."),
            Wrong(75, "That is one kernel without its bias. There are 16."),
            Wrong(1248, "You counted a bias for each slice. There is one per output channel."),
            Wrong(1203, "The biases belong to the output channels: 16, not 3."),
            Wrong(1201, "You counted one bias. Each of the 16 output channels has its own."),
            Wrong(256, "The kernel is a square: 5 · 5 weights in a slice, not 5."),
            Wrong(240, "The kernel is a square: 5 · 5 weights in a slice, not 5. And the biases are missing."),
        ),
    ),
    Exercise(
        name="conv.field",
        difficulty="medium",
        minutes=4,
        task="3 × 3 convolution, 4 × 4 pooling with stride 3, 7 × 7 convolution: how wide is the receptive field?",
        solution=24,
        why="1 + 2 = 3, then 3 + 3 = 6; behind the stride of 3 each step is 3 pixels wide: 6 + 6·3 = 24.",
        hints=(
            "Start with 1 and add (k − 1) · the product of the strides before.",
            "A pooling counts like a convolution. The last layer steps over 3 pixels at a time.",
        ),
        wrongs=(
            Wrong(6, "That is what a unit behind the pooling sees. One more convolution follows."),
            Wrong((24, 24), "That is width and height. One number is asked."),
            Wrong(576, "That is the number of pixels in it. How many are they across?"),
            Wrong(12, "You left out the stride: behind the pooling one step is 3 pixels wide."),
            Wrong(9, "That is the two convolutions alone. The pooling has a window too, and a stride of 3."),
            Wrong(21, "You counted the stride, but not the window of the pooling, which adds 3."),
            Wrong(22, "You left out the first convolution, which adds 2."),
            Wrong(42, "The 7 units that the last layer sees overlap in the image: they are 3 pixels apart, not 6."),
            Wrong(84, "Windows do not multiply: they overlap. Each adds k − 1 steps."),
            Wrong(14, "You added the kernels. Each layer adds k − 1 steps, and behind a stride of 3 they are 3 wide."),
            Wrong(30, "A stride widens only the layers behind it; the pooling itself adds 3 · 1."),
            Wrong(
                16, "A stride widens the layers behind it, not those before: the 7 × 7 convolution steps over 3 pixels."
            ),
            Wrong(27, "Each layer adds k − 1, not k: its first pixel is there already."),
            Wrong(28, "Each layer adds k − 1, not k. Start with 1 pixel."),
        ),
    ),
    Exercise(
        name="conv.write",
        difficulty="medium",
        minutes=6,
        task="Write the convolution of X (channels, height, width) with one kernel K (channels, k, k).",
        solution=conv_channels,
        why="Each channel with its own slice, then the sum over the channels: one image comes out.",
        hints=(
            "correlate does it for one channel. Which slice belongs to which channel?",
            "Several channels give several images. What is done with them?",
            "sum(correlate(x, k) for x, k in zip(X, K))",
        ),
        inputs=_images,
        wrongs=(
            Wrong(
                lambda X, K: _apart(X, K),
                "These are the images of the single channels. Add them up: one output channel.",
            ),
            Wrong(
                lambda X, K: _summed(X, K) / len(X),
                "You took the mean over the channels. It is their sum.",
            ),
            Wrong(
                lambda X, K: _summed(X[:1], K[:1]),
                "You used the first channel only. In a loop, `return` must wait until all have been added.",
            ),
            Wrong(
                lambda X, K: _summed(X[-1:], K[-1:]),
                "You used the last channel only. In a loop, add each one's image to the sum.",
            ),
            Wrong(
                lambda X, K: _summed(X, K).sum(),
                "You added up the whole image. Add the images of the channels, place by place.",
            ),
            Wrong(
                lambda X, K: _apart(X, K).sum(1),
                "You added the rows of each image. The channels are dimension 0.",
            ),
            Wrong(
                lambda X, K: _apart(X, K).sum(2),
                "You added the columns of each image. The channels are dimension 0.",
            ),
            Wrong(
                lambda X, K: _summed(X, K[:1].expand(K.shape)),
                "Every channel was slid over by the first slice. Each has its own.",
            ),
            Wrong(lambda X, K: _summed(X, K.flip((1, 2))), "You flipped the kernel. Deep learning does not."),
            Wrong(lambda X, K: _summed(X, K, padding=1), "You padded the image. No padding here."),
            Wrong(
                lambda X, K: _summed(X.sum(0)[None], K.sum(0)[None]),
                "Each channel met the slices of the others as well, as if you had added the channels first. zip(X, K) "
                "pairs them.",
            ),
            Wrong(
                lambda X, K: _summed(X, K.mT),
                "Your kernel is on its side: rows go with rows, columns with columns.",
            ),
            Wrong(lambda X, K: _summed(X, K)[::2, ::2], "That is with stride 2. Here the kernel visits every place."),
        ),
        rights=(
            _by_places,
            lambda X, K: F.conv2d(X[None], K[None])[0, 0],
            lambda X, K: F.conv2d(X[None], K[None]).squeeze((0, 1)),
            lambda X, K: sum(F.conv2d(x[None, None], k[None, None])[0, 0] for x, k in zip(X, K, strict=True)),
            lambda X, K: (X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1) * K[:, None, None]).sum((0, 3, 4)),
            lambda X, K: torch.einsum("cijkl,ckl->ij", X.unfold(1, len(K[0]), 1).unfold(2, len(K[0]), 1), K),
        ),
        refused=(lambda X, K: F.conv2d(X[None], K[None]).flatten(),),
    ),
    Exercise(
        name="conv.matrix",
        difficulty="hard",
        minutes=6,
        task="How many of the 25 × 25 entries hold a kernel weight, for 3 × 3, padding 1, 5 × 5 → 5 × 5?",
        solution=169,
        why="Along one side the 5 windows cover 2 + 3 + 3 + 3 + 2 = 13 pixels, and both sides together 13 · 13 = 169.",
        hints=(
            "A row of the matrix is one output pixel. How many pixels does its window hold, without padding?",
            "In a corner 4, at an edge 6, inside 9. How many are there of each?",
            "4 · 4 + 12 · 6 + 9 · 9.",
        ),
        wrongs=(
            Wrong(
                225, "25 windows of 9, but at the border a part of the window lies on the padding, which is no input."
            ),
            Wrong(9, "There are 9 different weights, but each stands in many places."),
            Wrong(81, "You counted the 9 windows inside. Those at the border hold pixels as well."),
            Wrong(625, "That would be a fully connected layer."),
            Wrong(145, "You took 4 for all at the border; 4 are in a corner and 12 at an edge."),
            Wrong(177, "You took 6 for all at the border; 4 are in a corner and 12 at an edge."),
            Wrong(100, "You took the 4 of a corner for all 25 windows."),
            Wrong(153, "The 4 windows in the corners are missing. Each holds 4 pixels."),
            Wrong(97, "The 12 windows at an edge are missing. Each holds 6 pixels."),
            Wrong(88, "The 9 windows inside are missing. Each holds 9 pixels."),
            Wrong(13, "That is one side alone. Rows and columns count: 13 of each."),
        ),
    ),
]
