"""course.py without a network, room, rights or a port, or stopped on its way."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from helpers import data
from tests.support import ROOT
from tests.support.faults import PIPES, assert_sentence, clean, contents, hear_signals, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the faults are made by means of POSIX")


def copy_course(folder):
    """Copy what course.py needs, without .venv."""
    for name in ("course.py", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))


def start(folder):
    return [sys.executable, "-B", str(folder / "course.py")]


def pretend_installed(folder, script, run=run, seen_as=None):
    """Make a .venv that counts as installed, whose Python is a shell script."""
    python, seen_as = folder / ".venv" / "bin" / "python", seen_as or folder
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    stamp = f"import sys; sys.path.insert(0, '{seen_as}'); import course; course.STAMP.write_text(course.fingerprint())"
    run([sys.executable, "-B", "-c", stamp])


def assert_not_set_up(process, *parts):
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert_sentence(process.stderr.strip().splitlines()[-1], *parts)


def test_installing_without_a_network_ends_in_one_sentence(place):
    copy_course(place)
    (place / "requirements.txt").write_text("torch>=2.9,<3\n")
    (place / "tmp").mkdir()
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    process = run(
        [*start(place), "lab"], **nowhere, NO_PROXY="", no_proxy="", PIP_CONFIG_FILE=os.devnull, TMPDIR=place / "tmp"
    )
    assert_not_set_up(process, "Installing failed", "check the network and the disk, then start again")
    assert "index of CPU wheels does not answer" in process.stdout or shutil.which("nvidia-smi")
    assert not (place / ".venv" / "installed").exists()
    assert contents(place / "tmp") == {}


def test_a_full_disk_stops_the_installation_with_one_sentence(disk):
    copy_course(disk.folder)
    disk.leave(200_000)
    process = disk.run([*start(disk.mounted_at), "check"])
    assert_not_set_up(process, f"Python could not make {disk.mounted_at}/.venv", "2 GB of room")
    assert not (disk.folder / ".venv" / "installed").exists()


def test_a_read_only_course_cannot_be_set_up(disk):
    copy_course(disk.folder)
    disk.deny_writing()
    before = contents(disk.folder)
    process = disk.run([*start(disk.mounted_at), "test"])
    assert_not_set_up(process, f"Python could not make {disk.mounted_at}/.venv", "a copy of the course")
    assert contents(disk.folder) == before


def test_a_read_only_course_that_is_set_up_is_ready(disk, place):
    copy_course(disk.folder)
    pretend_installed(disk.folder, f'exec {sys.executable} "$@"', disk.run, disk.mounted_at)
    disk.deny_writing()
    before = contents(disk.folder)
    process = disk.run([*start(disk.mounted_at), "check"], COURSE_DATA=data.folder(), COURSE_BROWSER=sys.executable)
    assert process.returncode == 0, process.stderr
    assert process.stdout.endswith("ready\n")
    assert contents(disk.folder) == before


def test_an_occupied_port_is_told_before_anything_is_set_up(place):
    copy_course(place)
    before = contents(place)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = run([*start(place), "lab", "--no-browser", "--port", str(port)])
    assert process.returncode == 1
    assert_sentence(
        process.stderr, f"Port {port} cannot be used", "Address already in use", "choose another with --port"
    )
    assert contents(place) == before


# Stands in for Python's venv module: it writes half of everything, and waits with a program that it started.
HALF_A_VENV = """
import pathlib, subprocess, sys, tempfile
folder = pathlib.Path(sys.argv[-1])
folder.mkdir()
pathlib.Path(tempfile.mkdtemp(), "wheel").touch()
child = subprocess.Popen([sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"])
child.wait()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stopped_while_it_is_set_up_it_stops_all_and_says_how_to_go_on(name, place):
    copy_course(place)
    (place / "venv.py").write_text(HALF_A_VENV)
    (place / "tmp").mkdir()
    environment = clean({"TMPDIR": place / "tmp"})
    process = subprocess.Popen([*start(place), "lab"], env=environment, preexec_fn=hear_signals, **PIPES)
    assert "Setting up" in process.stdout.readline()
    assert process.stdout.readline() == "up\n"
    assert contents(place / "tmp") != {}
    process.send_signal(getattr(signal, name))
    _, error = process.communicate(timeout=20)  # which waits for all that hold the pipes
    assert process.returncode == 130
    assert_sentence(error, "Interrupted", "the same command starts again")
    assert contents(place / "tmp") == {}
    assert not (place / ".venv" / "installed").exists()


def test_a_signal_to_end_reaches_what_runs_which_ends_in_its_own_way(place):
    copy_course(place)
    pretend_installed(place, "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done")
    process = subprocess.Popen([*start(place), "test"], **PIPES)
    assert process.stdout.readline() == "up\n"
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 7


def test_the_exit_status_tells_what_killed_a_program(place):
    copy_course(place)
    pretend_installed(place, "kill -9 $$")
    assert run([*start(place), "test"]).returncode == 128 + signal.SIGKILL
