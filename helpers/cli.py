"""The course without a notebook: `python -m helpers.cli train`, and so `check` and `progress`."""

import argparse
import contextlib
import importlib
import importlib.metadata
import os
import platform
import signal
import sys
import threading
import time

from helpers.language import spoken
from helpers.recipes import FAST

PACKAGES = ("torch", "torchvision", "jupyterlab", "ipykernel", "ipywidgets", "matplotlib", "d2l")  # of the lessons
OPTIONS = {  # numbers of the recipe
    "width": spoken("factor on AlexNet's channels; 1 is the article's"),
    "size": spoken("height and width of the input images; the article's is 224"),
    "epochs": spoken("passes over the training images"),
    "learning_rate": spoken("highest learning rate of the one-cycle schedule"),
    "batch_size": spoken("images per step, of all processes together"),
    "examples": spoken("train on so many images only"),
    "seed": spoken("where all random numbers start"),
}


def main(arguments=None):
    """Run the command that the arguments name; return the exit status.

    Whatever goes wrong outside this program, from a wrong option to a full disk, ends in one sentence.
    """
    with contextlib.suppress(AttributeError):  # where stdout is a substitute, or closed
        sys.stdout.reconfigure(errors="replace", line_buffering=True)  # a ? for × where the terminal has none
    try:
        options = parse(arguments)
        if options.command == "train":
            status = train(options)
        else:
            with at_once():
                status = {"check": check, "progress": progress}[options.command]()
        print(end="", flush=True)
        return status
    except KeyboardInterrupt:
        return fail(spoken("interrupted"), 130)
    except ImportError as error:
        return fail(spoken("{error}: `python3 course.py check` says what is missing").format(error=error))
    except OSError as error:
        with contextlib.suppress(OSError):  # else Python complains again, when it empties stdout at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever closed it has seen enough
            return 1
        return fail(spoken("the output cannot be written ({reason})").format(reason=error.strerror))


def fail(reason, status=1):
    """Print why the command ended, and return its exit status."""
    print(spoken("error: {reason}").format(reason=reason), file=sys.stderr)
    return status


@contextlib.contextmanager
def at_once():
    """Let Ctrl+C end the program while packages load: some of them swallow a KeyboardInterrupt, or break by it."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(fail(spoken("interrupted"), 130)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="course.py", description=spoken(__doc__))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help=spoken("report whether everything that the lessons need is here"))
    commands.add_parser("progress", help=spoken("show which exercises are right so far"))
    form = argparse.ArgumentDefaultsHelpFormatter
    trainer = commands.add_parser("train", help=spoken("train AlexNet on Fashion-MNIST"), formatter_class=form)
    add_options(trainer)
    text = spoken("where to compute; None: the fastest of them here")
    trainer.add_argument("--device", choices=("cuda", "mps", "cpu"), help=text)
    text = spoken("save the run there, and go on from there if it exists")
    trainer.add_argument("--checkpoint", metavar="PATH", help=text)
    return parser.parse_args(arguments)


def add_options(parser):
    """Add the numbers of the recipe that one may change."""
    for name, text in OPTIONS.items():
        flags = ["--lr"] if name == "learning_rate" else []
        flags.append("--" + name.replace("_", "-"))
        parser.add_argument(*flags, dest=name, type=type(FAST[name]), default=FAST[name], help=text)


def train(options):
    """Train AlexNet with the fast recipe and print the final test accuracy."""
    with at_once():  # it takes seconds
        from helpers import data, training
        from helpers.checkpoint import CheckpointError

    try:
        return run(options)
    except (ValueError, data.DataError, training.Diverged, CheckpointError) as error:
        return fail(error)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not any(word in str(error) for word in ("memory", "overflow")):
            raise
        return fail(spoken("there is not enough memory: give a smaller --width, --size or --batch-size"))


def run(options):
    with at_once():  # the first optimizer loads packages, too
        from helpers import device, distributed, models, recipes, training
        from helpers.checkpoint import Checkpoint

        hardware = device.pick(options.device)
        recipe = FAST | {name: getattr(options, name) for name in OPTIONS}
        arguments = recipes.build(recipe)
    say = print if distributed.rank() == 0 else lambda text: None
    told = spoken("AlexNet, {n:,} parameters, {size}×{size} input, {images:,} images an epoch, on {hardware}")
    n, images = models.count_parameters(arguments["model"]), len(arguments["loader"]) * options.batch_size
    say(told.format(n=n, size=options.size, images=images, hardware=hardware))
    begin = time.perf_counter()
    history = training.fit(**arguments, hardware=hardware, checkpoint=Checkpoint(options.checkpoint, recipe))
    if history.interrupted:
        goes_on = spoken("interrupted; the same command goes on from {path}").format(path=options.checkpoint)
        say(goes_on if options.checkpoint else spoken("interrupted; nothing was saved"))
        return 130
    told = spoken("test accuracy {accuracy:.4f} after {seconds:.0f} s")
    say(told.format(accuracy=history.test_accuracy, seconds=time.perf_counter() - begin))
    return 0


def progress():
    """Print the map of the lessons, and where it is kept."""
    from helpers import exercises

    print(exercises.progress())
    if path := exercises.done.place():
        print(spoken("kept in {path}, on this machine alone; delete it to begin anew").format(path=path))
    return 0


def check():
    """Print what a teacher asks first about this machine; return 1 if something is missing."""
    system = f"{platform.system()} {platform.machine()}"
    print(spoken("Python        {version} on {system}").format(version=platform.python_version(), system=system))
    problems = [problem for problem in map(check_package, PACKAGES) if problem]
    if not any(problem.startswith("torch ") for problem in problems):
        problems += check_machine()
    for problem in problems:
        print(spoken("missing: {problem}").format(problem=problem))
    print(spoken("not ready") if problems else spoken("ready"))
    return 1 if problems else 0


def check_package(name):
    """Import a package and print its version; return what is wrong with it, or None."""
    remedy = spoken("run `python3 course.py lab` again")
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        print(spoken("{name:13} missing").format(name=name))
        return spoken("{name} is not installed: {remedy}").format(name=name, remedy=remedy)
    try:
        importlib.import_module(name)
    except Exception as error:  # whatever a broken installation raises
        print(spoken("{name:13} {version}, broken").format(name=name, version=version))
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        told = spoken("{name} cannot be imported ({reason}): {remedy}")
        return told.format(name=name, reason=reason, remedy=remedy)
    print(f"{name:13} {version}")
    return None


def check_machine():
    """Print where training computes and whether the data is intact; return what is wrong."""
    import torch

    from helpers import data, device

    told = spoken("computes on   {hardware}, {cores} cores, {threads} threads")
    print(told.format(hardware=device.pick(), cores=os.cpu_count(), threads=torch.get_num_threads()))
    print(spoken("memory        {size}").format(size=memory()))
    try:
        data.verify()
    except data.DataError as error:
        print(spoken("data          not intact"))
        return [str(error)]
    print(spoken("data          4 archives intact in {folder}").format(folder=data.folder()))
    return []


def memory():
    """Say how much memory the machine has, or that it does not tell."""
    try:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        return f"{pages * page / 2**30:.1f} GiB"
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return spoken("unknown")


if __name__ == "__main__":
    sys.exit(main())
