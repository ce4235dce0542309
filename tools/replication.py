"""How often the claims of the lessons hold when luck is another: `python -m tools.replication --lesson 07`.

    python -m tools.replication --lesson 07 12 --shifts 20 --threads 1 2 4

Runs the code cells of a lesson many times, each time with all seeds shifted by the same number, and counts the
asserts instead of raising them: a cell goes on behind an assert that fails. Shift 0 is the lesson as it is stored.

- Seeds: those of torch.Generator (also one that is never seeded), torch.manual_seed, random and numpy.random, in
  cells and helpers alike. What is not seeded at all, or runs in a program that the lesson starts, is not shifted.
- Claims: an assert that is reached several times in a run holds if it holds each time. It may also raise something
  else, or not be reached, since its cell raised before: neither counts as holding.
- Panels run their still picture, since later cells may use what it leaves. Asserts on times count, too; other work
  on the machine can decide them.

Each run is a fork of this process, so torch is imported once; that needs Linux or macOS. The threads change the
order of sums and with it the last digits, so a claim that hangs on those is found as well.

Prints a line for each run and for each lesson a table of its claims, and appends one entry per lesson to
benchmarks/results.json: the shares of its claims and the lowest of them. A claim is fragile below 19 of 20; the
status is then 1.
"""

import ast
import builtins
import collections
import multiprocessing
import os
import sys
import time
from pathlib import Path

import nbformat
import torch
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import helpers.explore  # noqa: F401 (what every lesson needs is imported here, once, and not in every fork)
import helpers.training  # noqa: F401
from benchmarks import results
from helpers import device
from tools.seeds import shift_seeds

FOLDER = Path(__file__).parent.parent / "notebooks"
ENOUGH = 19 / 20  # the share of runs in which a claim should hold
APART = 1000  # shifts are multiples of this: lessons count seeds up from 0, and two shifts should share none
HELD, FAILED, RAISED, UNREACHED = "held", "failed", "raised", "not reached"


class Claims(ast.NodeTransformer):
    """Counts the asserts of the cells that it transforms.

    A claim is a tuple: number of the cell, number of the assert in it, and its text. `found` has a list for each,
    of True, False or None (raised), one for each time that it was reached.
    """

    def __init__(self):
        self.cell, self.found = None, {}
        builtins._count_claim = lambda claim, value: self.found[claim].append(value)

    def visit_Assert(self, node):
        text = ast.unparse(node.test)
        claim = self.cell, sum(cell == self.cell for cell, _, _ in self.found), text
        self.found[claim] = []
        code = f"try: _count_claim({claim}, bool({text}))\nexcept Exception: _count_claim({claim}, None)"
        return ast.copy_location(ast.parse(code).body[0], node)

    def outcomes(self):
        """Return what became of each claim in the whole run, one of the four words, by the claim."""
        return {claim: _outcome(values) for claim, values in self.found.items()}


def _outcome(values):
    if not values:
        return UNREACHED
    return RAISED if None in values else HELD if all(values) else FAILED


def run(path, offset=0, threads=1):
    """Run the code cells of a notebook in this process, which is good for nothing else afterwards.

    Returns:
        The outcome of each claim by the claim, and the cells that raised: number -> type and text of the error.
    """
    os.chdir(path.parent)
    os.environ["OMP_NUM_THREADS"] = str(threads)  # for programs that a lesson starts
    torch.set_num_threads(threads)
    shift_seeds(offset)
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    claims, errors = Claims(), {}
    shell.ast_transformers.append(claims)
    for claims.cell, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type == "code":
            result = shell.run_cell(cell.source)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                errors[claims.cell] = f"{type(error).__name__}: {error}"
    return claims.outcomes(), errors


def in_fork(function, *arguments):
    """Return what a function returns that runs in a fork of this process, silently."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def work():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sender.send(function(*arguments))

    process = context.Process(target=work)
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        raise RuntimeError(f"{function.__name__}{arguments} ended without a result") from None
    finally:
        process.join()


def replicate(path, shifts, threads):
    """Run a lesson once per shift and number of threads, and print how each run went.

    Returns:
        counts, a Counter of outcomes for each claim, and a Counter of the errors that ended cells, by "[cell] error".
    """
    counts, broken = {}, collections.Counter()
    for count in threads:
        for shift in range(shifts):
            start = time.perf_counter()
            outcomes, errors = in_fork(run, path, shift * APART, count)
            for claim, outcome in outcomes.items():
                counts.setdefault(claim, collections.Counter())[outcome] += 1
            broken.update(f"[{cell}] {error}" for cell, error in errors.items())
            bad = [f"[{cell}] {outcome}: {text}" for (cell, _, text), outcome in outcomes.items() if outcome != HELD]
            bad += [f"[{cell}] {error}" for cell, error in errors.items()]
            seconds = time.perf_counter() - start
            print(f"{path.stem}, threads {count}, shift {shift}, {seconds:.1f} s", *bad, sep="\n    ", flush=True)
    return counts, broken


def table(counts):
    """Return lines of text, one per claim: how often it held, what else became of it, its cell and its words."""
    lines = []
    for (cell, _, text), outcomes in sorted(counts.items()):
        mark = " " if share(outcomes) >= ENOUGH else "!"
        others = ", ".join(f"{outcome} {number}" for outcome, number in outcomes.items() if outcome != HELD)
        held = f"{outcomes[HELD]}/{outcomes.total()}"
        lines.append(f"{mark} {held:>7}  [{cell}] {text}" + (f"  ({others})" if others else ""))
    return lines


def share(outcomes):
    """Return the share of runs in which a claim held."""
    return outcomes[HELD] / outcomes.total()


def main(arguments=None):
    parser = results.parser(__doc__)
    parser.add_argument("--lesson", nargs="+", default=[""], help="two digits each, or paths; default: all lessons")
    parser.add_argument("--shifts", type=int, default=20, help="how many, the first is the lesson as stored")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="numbers of threads, tried one by one")
    options = parser.parse_args(arguments)
    green = True
    for path in (path for name in options.lesson for path in lessons(name)):
        counts, broken = replicate(path, options.shifts, options.threads)
        print(f"\n{path.stem}: held in so many runs", *table(counts), *broken, sep="\n", end="\n\n", flush=True)
        green &= report(path.stem, counts, broken, options)
    return not green


def lessons(name):
    """Find the notebooks that a name of the command line means, as absolute paths."""
    paths = [Path(name)] if name.endswith(".ipynb") else sorted(FOLDER.glob(f"{name}*.ipynb"))
    if not paths or not all(path.is_file() for path in paths):
        sys.exit(f"There is no lesson {name!r} in {FOLDER}: give two digits, such as 07, or the path of a notebook.")
    return [path.resolve() for path in paths]


def report(lesson, counts, broken, options):
    """Store a lesson's result in one line and in numbers; tell whether every claim holds often enough."""
    shares = {f"[{cell}] {text}": share(outcomes) for (cell, _, text), outcomes in sorted(counts.items())}
    lowest, weakest = min(((value, claim) for claim, value in shares.items()), default=(1.0, "no claim"))
    runs, enough = options.shifts * len(options.threads), sum(value >= ENOUGH for value in shares.values())
    line = (
        f"{lesson}: {enough} of {len(shares)} claims held in at least {ENOUGH:.0%} of {runs} runs, "
        f"lowest {lowest:.0%} {weakest}; {results.machine(device.pick())}"
    )
    details = {"lesson": lesson, "lowest": lowest, "weakest": weakest, "shares": shares, "errors": dict(broken)}
    results.save("replication", line, options, **details)
    return enough == len(shares) and not broken


if __name__ == "__main__":
    sys.exit(main())
