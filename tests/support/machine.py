"""A machine of one's own within this one: users, homes, network and processes that end with it."""

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
    return ["unshare", *PARTS, sys.executable, "-m", "tests.support.machine", seen(), *map(str, inside)]


def seen():
    """Name the set of mounts that this process sees."""
    return os.readlink("/proc/self/ns/mnt")


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
    closed = {}  # folder: the first on the way to it that is closed
    for folder in folders:
        for parent in folder.parents:
            if not parent.stat().st_mode & 0o001:
                closed[folder] = parent
    for number, folder in enumerate(closed):
        os.mkdir(f"/mnt/{number}")
        call("mount", "--bind", folder, f"/mnt/{number}")
    for parent in set(closed.values()):
        call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", parent)
    for number, folder in enumerate(closed):
        folder.mkdir(parents=True, exist_ok=True)
        call("mount", "--bind", f"/mnt/{number}", folder)


def call(*command, **options):
    subprocess.run(command, check=True, **options)


if __name__ == "__main__":
    if seen() == sys.argv[1]:
        sys.exit("This would change the machine itself: start what `command` returns.")
    make()
    os.execvp(sys.argv[2], sys.argv[2:])
