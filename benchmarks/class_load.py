"""A class on one server, through its real hub: `python benchmarks/class_load.py`, as root on Linux.

The promise: on 2 cores and 24 GiB 20 learners are served, without a failure, and a moved slider's picture comes within
a second in 95 of 100 cases.

How: in users, homes and a network of its own, which end with it, classroom/hub/start.sh starts the hub. Each learner
logs in, opens a lesson and runs it, all at about the same time; when the last is done, all move sliders, each some
seconds after their last picture. They speak with the server as browsers do, by HTTP and web sockets, on the same cores.
Memory is read from /proc when the sliders rest: private is what would be free without that learner.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import results

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from helpers import device  # noqa: E402
from tests.support import hub, learner, machine  # noqa: E402


def main():
    parser = results.parser(__doc__)
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--lesson", default="01_minibatch_sgd", help="what all of them open")
    parser.add_argument("--seconds", type=float, default=90, help="how long all of them move sliders")
    parser.add_argument(
        "--pauses", type=float, nargs=2, default=(3, 8), help="least and most seconds from move to move"
    )
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        why_not = machine.why_not()
        if why_not:
            sys.exit(f"A class cannot be tried here: {why_not}.")
        os.chdir(ROOT)
        command = machine.command(sys.executable, __file__, *sys.argv[1:], "--inside")
        os.execvp(command[0], command)
    load, names = results.busy(), [f"learner{number:02}" for number in range(options.learners)]
    with tempfile.TemporaryDirectory() as folder, hub.running(names, Path(folder) / "hub.log") as passwords:
        day = Day(options, passwords)
        day.run()
    report(day, options, load)


class Day:
    """A lesson of the class, and what came of it."""

    def __init__(self, options, passwords):
        self.options, self.passwords = options, passwords
        self.started, self.ran, self.moves, self.failures, self.memory = [], [], [], [], []
        self.cpu = 0.0  # seconds that all learners' processes computed while sliders moved
        self.ready = threading.Barrier(len(passwords) + 1)
        self.rest = threading.Barrier(len(passwords) + 1)

    def run(self):
        """Let all learners do what learners do."""
        threads = [threading.Thread(target=self.learn, args=(name,)) for name in self.passwords]
        for thread in threads:
            thread.start()
            time.sleep(0.5)
        self.ready.wait()
        before = sum(map(hub.seconds_of_cpu, self.passwords))
        self.rest.wait()
        self.cpu = sum(map(hub.seconds_of_cpu, self.passwords)) - before
        self.memory = [hub.memory(name) for name in self.passwords]
        for thread in threads:
            thread.join()

    def learn(self, name):
        """Be one learner, up to a failure."""
        one, chance = learner.Learner(hub.ADDRESS, name, self.passwords[name]), random.Random(name)
        panels = []
        try:
            panels = self.arrive(one)
        except Exception as error:  # whatever it is, it is what this learner got
            self.failures.append(f"{name}: {error!r}")
        self.ready.wait()
        end = time.monotonic() + self.options.seconds
        while panels and time.monotonic() < end:
            one.pause(chance.uniform(*self.options.pauses))
            sliders, picture = chance.choice(panels)
            try:
                self.moves += filter(None, [one.move(chance.choice(sliders), picture, chance.random())])
            except Exception as error:
                self.failures.append(f"{name}: {error!r}")
        self.rest.wait()

    def arrive(self, one):
        """Log in, open the lesson, run it; return its panels."""
        begin = time.monotonic()
        one.log_in()
        one.start()
        cells = one.open(f"{self.options.lesson}.ipynb")
        self.started.append(time.monotonic() - begin)
        for cell in cells:
            one.run(cell)
        self.ran.append(time.monotonic() - begin - self.started[-1])
        self.failures += [f"{one.name}: {error}" for error in one.errors]
        return one.panels()


def report(day, options, load):
    """Say in a line what came of it."""
    late = sorted(day.moves)[int(0.95 * len(day.moves)) - 1] if day.moves else float("nan")
    middle = statistics.median(day.moves) if day.moves else float("nan")
    private, shared = (statistics.median(values) for values in zip(*day.memory, strict=True))
    cores = day.cpu / options.seconds / options.learners
    line = (
        f"{len(day.ran)} of {options.learners} learners served, {len(day.failures)} failures; from slider to picture "
        f"median {middle:.2f} s, 95th percentile {late:.2f} s of {len(day.moves)} moves (goal 1 s); a learner holds "
        f"{private:.0f} MB alone, {shared:.0f} MB with a share of the libraries, and {cores:.2f} cores while moving "
        f"sliders; {options.lesson} opened within {max(day.started, default=0):.0f} s, run by all within "
        f"{max(day.ran, default=0):.0f} s; {results.machine(device.pick())}"
    )
    details = {"moves": day.moves, "failures": day.failures, "memory": day.memory, "cores_per_learner": cores}
    results.save("class_load", line, options, load_before=load, opened=day.started, ran=day.ran, **details)


if __name__ == "__main__":
    main()
