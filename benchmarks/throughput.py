"""Throughput of `fit` beside d2l's own `train_ch6`: `python benchmarks/throughput.py`.

The promise: at least 4 times the images per second on a CPU with bfloat16 instructions, at least 1.3 times
without; and at least 75% of the floating-point operations per second that a bare matrix product of the
same number format reaches on the same machine.

How: both train the article's full AlexNet for one epoch on the same images at 224×224, loading included,
d2l with its own loader, loop and float32, `fit` with the course's loader and the format that is fast here.
Rounds alternate and the fastest of each counts. d2l's live plot is switched off in its favour, and it
evaluates on a single image. The operations of a training step are counted by PyTorch's flop counter. The bare
product is the best of several shapes, each tried before, between and after the rounds, so that neither a shape that
suits the machine badly nor a busy moment makes it look slow.
"""

import contextlib
import io
import time

import results
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Subset
from torch.utils.flop_counter import FlopCounterMode

from helpers import data, device, models
from helpers.article import d2l
from helpers.training import fit

GOAL = {torch.bfloat16: 4.0, torch.float32: 1.3}  # by the format that is fast here
GOAL_SHARE = 0.75
SHAPES = [(side, side, side) for side in (512, 1024, 2048, 4096)] + [
    (8192, 512, 512),
    (512, 8192, 512),
    (16384, 256, 256),
]


def main():
    parser = results.parser(__doc__)
    parser.add_argument("--images", type=int, default=1280, help="training images; fewer for a quick run")
    parser.add_argument("--batch-size", type=int, default=128, help="at most a fifth of the images")
    parser.add_argument("--size", type=int, default=224, help="height and width of the input images")
    parser.add_argument("--rounds", type=int, default=2, help="the fastest round of each counts")
    options = parser.parse_args()
    if options.images < 5 * options.batch_size:
        parser.error("train_ch6 needs at least five batches: give more --images or a smaller --batch-size")
    load, hardware = results.busy(), device.pick()
    task = options.images, options.batch_size, options.size
    times, limit = [], product_speed(hardware)
    for _ in range(options.rounds):
        times.append((seconds_of_d2l(*task), seconds_of_fit(*task, hardware)))
        limit = max(limit, product_speed(hardware))
    theirs, ours = (options.images / min(column) for column in zip(*times, strict=True))
    flops = training_flops(options.size)
    ratio, share = ours / theirs, ours * flops / limit
    line = (
        f"fit {ours:,.1f} images/s, train_ch6 {theirs:,.1f}: {ratio:.2f} times (goal {GOAL[hardware.dtype]}); "
        f"{ours * flops / 1e9:,.0f} of {limit / 1e9:,.0f} GFLOP/s of a bare product: {share:.0%} "
        f"(goal {GOAL_SHARE:.0%}); {results.machine(hardware)}"
    )
    results.save("throughput", line, options, ratio=ratio, share=share, load_before=load, seconds=times)


def seconds_of_d2l(images, batch_size, size):
    """Time one epoch of train_ch6 on the first images, with d2l's loader."""
    train, test = (part.dataset for part in d2l.load_data_fashion_mnist(batch_size, resize=size))
    loader = DataLoader(Subset(train, range(images)), batch_size, shuffle=True)
    one_image = DataLoader(Subset(test, [0]), 1)
    d2l.Animator = Silent
    net = models.alexnet(size)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its loss and the layers it re-initialises
        begin = time.perf_counter()
        d2l.train_ch6(net, loader, one_image, 1, 0.01, d2l.try_gpu())
        synchronize(d2l.try_gpu())
        return time.perf_counter() - begin


class Silent:
    """Stands in for d2l's live plot."""

    def __init__(self, **options):
        pass

    def add(self, x, y):
        pass


def seconds_of_fit(images, batch_size, size, hardware):
    """Time one epoch of `fit` on the first images, with the same net and optimizer."""
    loader = data.loader(data.fashion_mnist(examples=images), batch_size, shuffle=True)
    model = nn.Sequential(data.Preprocess(size), models.alexnet(size))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):  # its progress
        begin = time.perf_counter()
        fit(model, loader, optimizer, hardware=hardware)
        synchronize(hardware.device)
        return time.perf_counter() - begin


def training_flops(size):
    """Count the floating-point operations of a forward and backward pass for one image."""
    with torch.device("meta"):
        net, image, target = models.alexnet(size), torch.empty(1, 1, size, size), torch.empty(1, dtype=torch.long)
        with FlopCounterMode(display=False) as counter:
            F.cross_entropy(net(image), target).backward()
    return counter.get_total_flops()


def product_speed(hardware, repeats=5):
    """Return the operations per second of a bare matrix product in the hardware's format, of the best shape."""
    best = 0.0
    for n, k, m in SHAPES:
        a = torch.randn(n, k, device=hardware.device).to(hardware.dtype)
        b = torch.randn(k, m, device=hardware.device).to(hardware.dtype)
        for _ in range(repeats):
            synchronize(hardware.device)
            begin = time.perf_counter()
            a @ b
            synchronize(hardware.device)
            best = max(best, 2 * n * k * m / (time.perf_counter() - begin))
    return best


def synchronize(where):
    """Wait until a device has done what it was told."""
    if where.type != "cpu":
        torch.accelerator.synchronize()


if __name__ == "__main__":
    main()
