"""Training beside other work: `python benchmarks/beside.py`.

The promise: with the OpenMP setting of the course `fit` is alone within 5% of what it is with the runtime's default,
and beside busy processes faster.

How: one epoch of the fast recipe in fresh processes, alone, beside one and beside two busy processes. Rounds alternate
over the settings, and the fastest of each counts. By default a thread that waits for the others computes on, for
milliseconds, and so takes a core from whoever has work; "passive" sleeps at once, which costs a little where nobody
else has work; the course lets it wait for some 10,000 turns, which is enough for the next operation to come.
"""

import os
import subprocess
import sys

import results

SETTINGS = {
    "default": {},
    "passive": {"OMP_WAIT_POLICY": "passive"},
    "course": {"GOMP_SPINCOUNT": "10000"},
    "one thread": {"OMP_NUM_THREADS": "1"},
}
BUSY = "while True: pass"
EPOCH = """
import sys, time, torch
from helpers import device, recipes
from helpers.training import fit
arguments = recipes.build(recipes.FAST | {"examples": int(sys.argv[1]), "epochs": 1})
arguments["test_loader"] = None
hardware = device.pick()
begin = time.perf_counter()
fit(**arguments, hardware=hardware)
print(time.perf_counter() - begin)
"""


def main():
    parser = results.parser(__doc__)
    parser.add_argument("--examples", type=int, default=12_800, help="training images")
    parser.add_argument("--rounds", type=int, default=3, help="the fastest of each counts")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS), help="of OpenMP")
    options = parser.parse_args()
    load, best = results.busy(), {}
    for _ in range(options.rounds):
        for name in options.settings:
            for busy in range(3):
                seconds = epoch_beside(busy, SETTINGS[name], options.examples)
                best[name, busy] = min(seconds, best.get((name, busy), seconds))
    rows = {name: [best[name, busy] for busy in range(3)] for name in options.settings}
    line = (
        "seconds of an epoch alone, beside one and beside two busy processes: "
        + "; ".join(f"{name} {', '.join(f'{seconds:.1f}' for seconds in row)}" for name, row in rows.items())
        + f"; {results.processor()}, {results.cores()} cores"
    )
    results.save("beside", line, options, load_before=load, seconds=rows)


def epoch_beside(busy, settings, examples):
    """Time one epoch in a fresh process while so many others compute."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(busy)]
    try:
        command = [sys.executable, "-c", EPOCH, str(examples)]
        printed = subprocess.run(
            command, env=os.environ | settings, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return float(printed.stdout.splitlines()[-1])
    finally:
        for other in others:
            other.kill()
            other.wait()


if __name__ == "__main__":
    main()
