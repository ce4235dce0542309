"""Seconds of each notebook, of all tests, and of importing the helpers: `python benchmarks/suite_time.py`.

The promise: every notebook runs whole in under a minute on two cores.

How: pytest runs once, as `course.py test` does, and reports each test's time in JUnit's format; a notebook's
time is the sum over its cells, with the start of its kernel. Notebooks run beside each other, so their sum is
more than the whole. Imports are timed in fresh processes; their times include the start of Python, which is
listed too. The fastest of three counts.
"""

import collections
import pkgutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import results

import helpers
from helpers import device

ROOT = Path(__file__).resolve().parent.parent
GOAL = 60  # seconds for a notebook


def main():
    parser = results.parser(__doc__)
    parser.add_argument("paths", nargs="*", help="tests and notebooks to run; default: all")
    parser.add_argument("--repeats", type=int, default=3, help="fresh processes for each import")
    options = parser.parse_args()
    load = results.busy()
    imports = import_seconds(options.repeats)
    print("\n".join(f"{seconds:7.2f} s  {name}" for name, seconds in imports.items()), flush=True)
    status, whole, files = test_seconds(options.paths)
    print("\n".join(f"{seconds:7.1f} s  {name}" for name, seconds in files.items()), flush=True)
    notebooks = {name: seconds for name, seconds in files.items() if name.endswith(".ipynb")}
    if not notebooks:
        parser.error("no notebook ran: give at least one among the paths")
    slowest = max(notebooks, key=notebooks.get)
    failed = "" if status == 0 else f", pytest's status is {status}"
    line = (
        f"slowest notebook {Path(slowest).stem} {notebooks[slowest]:.1f} s, {notebooks[slowest] / GOAL:.2f} of the "
        f"goal of {GOAL} s; {len(notebooks)} notebooks {sum(notebooks.values()):.0f} s, "
        f"the whole test run {whole:.0f} s{failed}; {results.machine(device.pick())}"
    )
    details = {"status": status, "whole": whole, "files": files, "imports": imports}
    results.save("suite_time", line, options, load_before=load, **details)


def import_seconds(repeats):
    """Time a fresh Python that imports nothing, one that imports torch, and one that imports all helpers."""
    modules = ", ".join(f"helpers.{module.name}" for module in pkgutil.iter_modules(helpers.__path__))
    statements = {"python": "pass", "torch": "import torch", "helpers": f"import {modules}"}
    return {name: min(fresh(code) for _ in range(repeats)) for name, code in statements.items()}


def fresh(code):
    """Time a new Python process that runs the code."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def test_seconds(paths):
    """Run pytest; return its exit status, its wall time, and the seconds of each file, slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *paths]
        begin = time.perf_counter()
        status = subprocess.run(command, cwd=ROOT).returncode
        whole = time.perf_counter() - begin
        files = collections.Counter()
        for case in ElementTree.parse(report).iter("testcase"):
            files[file_of(case.get("classname"))] += float(case.get("time"))
    return status, whole, dict(files.most_common())


def file_of(classname):
    """Return the file of a test from JUnit's dotted name of it, "notebooks.01_minibatch_sgd.ipynb" say."""
    parts = classname.split(".")
    if parts[-1] == "ipynb":
        return "/".join(parts[:-1]) + ".ipynb"
    while len(parts) > 1 and not (ROOT / "/".join(parts)).with_suffix(".py").exists():
        parts.pop()  # a class inside the file
    return "/".join(parts) + ".py"


if __name__ == "__main__":
    main()
