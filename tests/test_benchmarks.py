"""Every benchmark starts both ways; how fast it is, only an idle machine can tell."""

import subprocess
import sys

from tests.support import ROOT

NAMES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in ("__init__", "results"))
# In one process, so that torch is imported once; each module is forgotten before the next, and so is its folder.
HELP = """
import runpy, sys
names, path = sys.argv[1:], list(sys.path)
for name in names:
    for start, how in ((f"benchmarks/{name}.py", runpy.run_path), (f"benchmarks.{name}", runpy.run_module)):
        sys.path[:] = [*(["benchmarks"] if how is runpy.run_path else []), *path]
        sys.argv = [name, "--help"]
        for module in [*names, "results", "benchmarks"]:
            sys.modules.pop(module, None)
        try:
            how(start, run_name="__main__")
        except SystemExit as ended:
            assert not ended.code
"""


def test_there_are_benchmarks():
    assert {"throughput", "time_to_accuracy", "beside", "slider_latency", "suite_time"} <= set(NAMES)


def test_each_starts_as_a_script_and_as_a_module():
    command = [sys.executable, "-c", HELP, *NAMES]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("usage: ") == 2 * len(NAMES)
