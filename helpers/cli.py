"""The course without a notebook: `python -m helpers.cli train` and `python -m helpers.cli check`."""

import argparse
import importlib.metadata
import os
import platform
import sys
import time

import torch

from helpers import data, device, distributed, models, training
from helpers.checkpoint import CheckpointError

PACKAGES = ("torch", "torchvision", "jupyterlab", "ipykernel", "ipywidgets", "matplotlib", "d2l")


def main(arguments=None):
    """Run the command that the arguments name; return the exit status."""
    parser = argparse.ArgumentParser(prog="course.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="report whether everything that the course needs is here")
    trainer = commands.add_parser(
        "train",
        help="train AlexNet on Fashion-MNIST",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add_recipe(trainer)
    trainer.add_argument("--device", choices=("cuda", "mps", "cpu"), help="where to compute; default: the fastest here")
    trainer.add_argument("--seed", type=int, default=0, help="where all random numbers start")
    trainer.add_argument("--checkpoint", metavar="PATH", help="save the run there, and go on from there if it exists")
    options = parser.parse_args(arguments)
    try:
        return check() if options.command == "check" else train(options)
    except (ValueError, data.DataError, training.Diverged, CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def add_recipe(parser):
    """Add the options that `fast_recipe` reads, but for the seed."""
    parser.add_argument("--width", type=float, default=0.25, help="factor on AlexNet's channels; 1 is the article's")
    parser.add_argument("--size", type=int, default=80, help="height and width of the input images; the article: 224")
    parser.add_argument("--epochs", type=int, default=3, help="passes over the training images")
    parser.add_argument("--lr", type=float, default=0.04, help="highest learning rate of the one-cycle schedule")
    parser.add_argument("--batch-size", type=int, default=128, help="images per step, of all processes together")
    parser.add_argument("--examples", type=int, help="train on so many images only; default: all 60,000")


def train(options):
    """Train AlexNet with the fast recipe and print the final test accuracy."""
    hardware = device.pick(options.device)
    team = distributed.join(hardware.device)
    recipe = fast_recipe(options, options.seed)
    team.print(
        f"AlexNet, {models.count_parameters(recipe['model']):,} parameters, {options.size}×{options.size} input, "
        f"{len(recipe['loader']) * options.batch_size:,} images an epoch, on {hardware}"
    )
    begin = time.perf_counter()
    history = training.fit(**recipe, hardware=hardware, checkpoint=options.checkpoint)
    if history.interrupted:
        kept = f"the same command goes on from {options.checkpoint}" if options.checkpoint else "nothing was saved"
        team.print(f"interrupted; {kept}")
        return 130
    team.print(f"test accuracy {history.test_accuracy:.4f} after {time.perf_counter() - begin:.0f} s")
    return 0


def fast_recipe(options, seed=0):
    """Return what brings AlexNet to its accuracy in little time, as the arguments of `training.fit`.

    Nesterov momentum with one cycle of learning rate and momentum (Smith and Topin, 2018), He initialisation,
    smoothed labels (Szegedy et al., 2016), weight decay 5e-4 and mirrored images.

    Args:
        options: has width, size, epochs, lr, batch_size and examples, see add_recipe.
        seed: where the weights, the dropout and the order of the images start.
    """
    torch.manual_seed(seed)
    train_set, test_set = data.fashion_mnist(examples=options.examples), data.fashion_mnist(train=False)
    loader = data.loader(train_set, options.batch_size, shuffle=True, drop_last=True, seed=seed)
    network = models.init_he(models.alexnet(options.size, options.width))
    model = torch.nn.Sequential(data.Prepare(options.size, flip=True), network)
    optimizer = torch.optim.SGD(  # fused: a step is one pass over the weights
        model.parameters(), lr=options.lr, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True
    )
    steps = max(1, options.epochs * len(loader))
    return {
        "model": model,
        "loader": loader,
        "optimizer": optimizer,
        "test_loader": data.loader(test_set, 500),
        "epochs": options.epochs,
        "loss_function": torch.nn.CrossEntropyLoss(label_smoothing=0.1),
        "scheduler": torch.optim.lr_scheduler.OneCycleLR(optimizer, options.lr, total_steps=steps, pct_start=0.25),
    }


def check():
    """Print what a teacher asks first about this machine; return 1 if something is missing."""
    problems = []
    print(f"Python        {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in PACKAGES:
        try:
            print(f"{name:13} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"{name:13} missing")
            problems.append(f"{name} is not installed: run `python3 course.py lab` again")
    hardware = device.pick()
    print(f"computes on   {hardware}, {os.cpu_count()} cores, {torch.get_num_threads()} threads")
    print(f"memory        {memory()}")
    try:
        data.verify()
        print(f"data          4 archives intact in {data.folder()}")
    except data.DataError as error:
        print("data          not intact")
        problems.append(str(error))
    for problem in problems:
        print(f"missing: {problem}")
    print("not ready" if problems else "ready")
    return 1 if problems else 0


def memory():
    """Say how much memory the machine has, or that it does not tell."""
    try:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        return f"{pages * page / 2**30:.1f} GiB"
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
