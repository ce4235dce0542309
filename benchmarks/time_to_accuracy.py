"""Time to the article's result, a test accuracy of 0.883: `python benchmarks/time_to_accuracy.py`.

The defaults are those of a quarter of the width; the full width wants a smaller rate: `--width 1 --lr 0.02`.

The promise: the full-width net gets there at least 150 times sooner than the article's loop would need on
the same machine, the quarter-width net at least 500 times and in under a minute.

How: d2l prints 0.883 after 10 epochs of 60,000 images. The rate of its own `train_ch6` (loading included)
is measured on a few batches and extrapolated to those 600,000 images. The fast recipe of
`course.py train` is really run, once per seed, with its evaluation on the 10,000 test images after each
epoch included in its time. Only runs that reach the target count; if one doesn't, there is no ratio.
"""

import statistics
import time

import results
from throughput import seconds_of_d2l, synchronize

from helpers import cli, device, recipes
from helpers.training import fit

TARGET = 0.883
ARTICLE_IMAGES = 10 * 60_000


def main():
    parser = results.parser(__doc__)
    cli.add_options(parser)
    parser.add_argument(
        "--seeds", type=int, default=3, help="runs of the fast recipe, with seeds 0, 1, ... (not --seed)"
    )
    parser.add_argument("--article-batches", type=int, default=5, help="batches of the article's loop, at least 5")
    parser.add_argument("--article-batch-size", type=int, default=128, help="the article's; smaller for a quick look")
    options = parser.parse_args()
    if options.article_batches < 5:
        parser.error(f"train_ch6 needs at least five --article-batches, got {options.article_batches}")
    load, hardware = results.busy(), device.pick()
    images = options.article_batches * options.article_batch_size
    article = ARTICLE_IMAGES / images * seconds_of_d2l(images, options.article_batch_size, size=224)
    print(f"the article's loop would need {article:,.0f} s for {ARTICLE_IMAGES:,} images", flush=True)
    runs = []
    for seed in range(options.seeds):
        runs.append(train(seed, hardware, options))
        print("seed {}: test accuracy {:.4f} after {:.1f} s".format(seed, *runs[-1]), flush=True)
    accuracies, times = zip(*runs, strict=True)
    ratio = article / statistics.mean(times) if min(accuracies) >= TARGET else None
    verdict = f"{ratio:,.0f} times sooner" if ratio else f"no ratio, as not every run reaches {TARGET}"
    line = (
        f"width {options.width:g}, {options.size}×{options.size}, {options.epochs} epochs: "
        f"test accuracy {summary(accuracies, '.4f')} in {summary(times, '.1f')} s, "
        f"article {article:,.0f} s: {verdict}; {options.seeds} seeds, {results.machine(hardware)}"
    )
    details = {"article_seconds": article, "accuracies": accuracies, "seconds": times}
    results.save("time_to_accuracy", line, options, ratio=ratio, load_before=load, **details)


def train(seed, hardware, options):
    """Run the fast recipe once; return its test accuracy and the seconds of training and evaluation."""
    chosen = {name: getattr(options, name) for name in cli.OPTIONS}
    arguments = recipes.build(recipes.FAST | chosen | {"seed": seed})
    begin = time.perf_counter()
    history = fit(**arguments, hardware=hardware)
    synchronize(hardware.device)
    if history.interrupted:
        raise KeyboardInterrupt
    return history.test_accuracy, time.perf_counter() - begin


def summary(values, form):
    """Write the mean of some values and their range."""
    low, high = (format(value, form) for value in (min(values), max(values)))
    return f"{format(statistics.mean(values), form)} ({low} to {high})"


if __name__ == "__main__":
    main()
