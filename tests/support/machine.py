"""A machine of one's own within this one: users, homes, network and processes that end with it, and change nothing here.

    python -m tests.support.machine COMMAND...      runs a command there, as root
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

PARTS = ["--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "--mount-proc"]


def why_not():
    """Say why no such machine can be had here, "" if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux can make users"
    if not all(map(shutil.which, ("unshare", "useradd", "chpasswd", "runuser", "ip"))):
        return "a program is missing: unshare, useradd, chpasswd, runuser or ip"
    if subprocess.run(["unshare", *PARTS, "true"], capture_output=True).returncode:
        return "this system lets nobody make a machine of one's own"
    return ""


def command(*inside):
    """Return the command that runs another one there."""
    return ["unshare", *PARTS, sys.executable, "-m", "tests.support.machine", *map(str, inside)]


def make():
    """Replace what users see of this machine; only this process and its children see it so."""
    call("ip", "link", "set", "lo", "up")
    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/mnt")
    shutil.copytree("/etc", "/mnt/etc", symlinks=True)
    call("mount", "--bind", "/mnt/etc", "/etc")
    let_everyone_in(Path(sys.base_prefix).resolve(), ROOT)
    for folder in ("/home", "/srv"):
        call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)


def let_everyone_in(*folders):
    """Where a folder lies below one that only root may enter, put an open folder, with nothing else, in its place."""
    closed = {folder: next((p for p in reversed(folder.parents) if not p.stat().st_mode & 0o001), None) for folder in folders}
    kept = {folder: f"/mnt/{number}" for number, folder in enumerate(folders) if closed[folder]}
    for folder, place in kept.items():
        os.mkdir(place)
        call("mount", "--bind", folder, place)
    for parent in {closed[folder] for folder in kept}:
        call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", parent)
    for folder, place in kept.items():
        folder.mkdir(parents=True)
        call("mount", "--bind", place, folder)


def call(*command, **options):
    subprocess.run(command, check=True, **options)


if __name__ == "__main__":
    make()
    os.execvp(sys.argv[1], sys.argv[1:])
