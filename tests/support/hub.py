"""The class's hub, started by its own scripts, in a machine of one's own; what its learners hold there."""

import contextlib
import os
import pwd
import subprocess
import time
from pathlib import Path

import requests

from tests.support import ROOT

FOLDER = ROOT / "classroom" / "hub"
ADDRESS = "http://127.0.0.1:8000"


@contextlib.contextmanager
def running(names, log):
    """Make accounts and start the hub; yield the passwords by name.

    Args:
        names: of the learners.
        log: path of a file for what the hub prints.
    """
    made = subprocess.run(
        ["sh", FOLDER / "accounts.sh"], input="\n".join([*names, ""]), stdout=subprocess.PIPE, check=True, text=True
    )
    with open(log, "w") as file:
        hub = subprocess.Popen(["sh", FOLDER / "start.sh"], stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_for(hub, log)
        yield dict(line.split() for line in made.stdout.splitlines())
    finally:
        hub.terminate()
        hub.wait()


def wait_for(hub, log, seconds=60):
    """Wait until the hub answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and hub.poll() is None:
        with contextlib.suppress(OSError):
            if requests.get(f"{ADDRESS}/hub/health", timeout=5).ok:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the hub did not start:\n{Path(log).read_text()}")


def processes(name):
    """List the folders in /proc of a user's processes."""
    user = pwd.getpwnam(name).pw_uid
    return [path for path in Path("/proc").glob("[0-9]*") if path.stat().st_uid == user]


def memory(name):
    """Return what a user's processes hold, in MB: for themselves, and with their share of what others hold, too."""
    private = shared = 0
    for process in processes(name):
        for line in (process / "smaps_rollup").read_text().splitlines()[1:]:
            kind, kilobytes = line.split()[:2]
            private += int(kilobytes) / 1024 * kind.startswith("Private_")
            shared += int(kilobytes) / 1024 * (kind == "Pss:")
    return private, shared


def seconds_of_cpu(name):
    """Return the time that a user's processes have computed."""
    ticks = 0
    for process in processes(name):
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
