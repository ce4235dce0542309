"""course.py without a network, room, rights or a port, or stopped on its way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

import course
from helpers import data
from tests.support import ROOT, until
from tests.support.faults import PIPES, assert_sentence, clean, contents, hear_signals, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the faults are made by means of POSIX")


def copy_course(folder):
    """Copy what course.py needs, without .venv."""
    for name in ("course.py", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, folder)
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))


def start(folder):
    return [sys.executable, "-B", str(folder / "course.py")]


def pretend_installed(folder, script, run=run, seen_as=None):
    """Make a .venv that counts as installed, whose Python is a shell script."""
    python, seen_as = folder / ".venv" / "bin" / "python", seen_as or folder
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit 0  # course.py looks whether it starts\n{script}\n')
    python.chmod(0o755)
    stamp = "import course; course.STAMP.write_text('\\n'.join(map(course.fingerprint, course.IMPORTS)))"
    run([sys.executable, "-B", "-c", f"import sys; sys.path.insert(0, '{seen_as}'); {stamp}"])


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
    assert_not_set_up(
        process, "Installing failed: the package index cannot be reached, so check the network, then start"
    )
    assert "index of CPU wheels does not answer" in process.stdout or shutil.which("nvidia-smi")
    assert not (place / ".venv" / "installed").exists()
    assert contents(place / "tmp") == {}


def test_a_full_disk_stops_the_installation_with_one_sentence(disk):
    copy_course(disk.folder)
    disk.leave(200_000)
    process = disk.run([*start(disk.mounted_at), "check"])
    assert_not_set_up(process, f"Python could not make {disk.mounted_at}/.venv", "the disk is full, so make some 7 GB")
    assert not (disk.folder / ".venv" / "installed").exists()


def test_a_read_only_course_cannot_be_set_up(disk):
    copy_course(disk.folder)
    disk.deny_writing()
    before = contents(disk.folder)
    process = disk.run([*start(disk.mounted_at), "test"])
    assert_not_set_up(process, f"The course cannot be set up in {disk.mounted_at}", "copy it into a folder of your own")
    assert contents(disk.folder) == before


def test_a_read_only_course_that_is_set_up_is_ready(disk, place):
    copy_course(disk.folder)
    pretend_installed(disk.folder, f"exec '{sys.executable}' \"$@\"", disk.run, disk.mounted_at)
    disk.deny_writing()
    before = contents(disk.folder)
    process = disk.run([*start(disk.mounted_at), "check"], COURSE_DATA=data.folder())
    assert process.returncode == 0, process.stderr
    assert "\nready\nfor tests  " in process.stdout
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
subprocess.Popen([sys.executable, "-c", "import time; open('up', 'w').close(); time.sleep(60)"]).wait()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stopped_while_it_is_set_up_it_stops_all_and_says_how_to_go_on(name, place):
    copy_course(place)
    (place / "venv.py").write_text(HALF_A_VENV)
    (place / "tmp").mkdir()
    environment = clean({"TMPDIR": place / "tmp"})
    process = subprocess.Popen([*start(place), "lab"], env=environment, preexec_fn=hear_signals, **PIPES)
    assert "Setting up" in process.stdout.readline()
    assert until((place / "up").exists, seconds=30)
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


def test_a_reader_who_has_had_enough_is_no_fault(place):
    copy_course(place)
    pretend_installed(place, "exit 0")
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run([*start(place), "check"], env=clean({}), stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert process.returncode == 1
    assert process.stderr == ""


def test_the_exit_status_tells_what_killed_a_program(place):
    copy_course(place)
    pretend_installed(place, "kill -9 $$")
    killed = run([*start(place), "train"])
    assert killed.returncode == 128 + signal.SIGKILL
    assert_sentence(killed.stderr, "most likely for want of memory")


# Asks the libraries themselves what they would use.
ASK = """
import json, matplotlib, helpers
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_config_path
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.load_config_file(suppress_errors=False)
kernel = KernelSpecManager().get_kernel_spec("python3").resource_dir
print(json.dumps({
    "kernel": kernel, "configured": list(app.config), "usetex": matplotlib.rcParams["text.usetex"],
    "size": matplotlib.rcParams["figure.figsize"], "helpers": helpers.__file__,
}))
"""


def test_a_users_own_jupyter_matplotlib_and_modules_change_nothing(place, monkeypatch):
    home = place / "home"
    broken = {"argv": ["/no/such/python", "{connection_file}"], "display_name": "theirs", "language": "python"}
    rc = "text.usetex: True\nfigure.figsize: 1, 1\n"
    files = {
        ".local/share/jupyter/kernels/python3/kernel.json": json.dumps(broken),
        "path/kernels/python3/kernel.json": json.dumps(broken),
        ".jupyter/jupyter_server_config.py": "c.FileContentsManager.root_dir = c.ServerApp.preferred_dir = '/no'\n",
        ".jupyter/jupyter_server_config.json": json.dumps({"YDocExtension": {"disable_rtc": False}}),
        ".config/matplotlib/matplotlibrc": rc,
        "matplotlibrc": rc,
        "modules/helpers/__init__.py": "raise ImportError('theirs')",
        "modules/helpers.py": "raise ImportError('theirs')",
    }
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    theirs = {"HOME": home, "JUPYTER_PATH": home / "path", "JUPYTER_CONFIG_DIR": home / ".jupyter"}
    theirs |= {"PYTHONPATH": home / "modules", "MATPLOTLIBRC": home, "MPLCONFIGDIR": home / ".config/matplotlib"}
    for name, value in theirs.items():
        monkeypatch.setenv(name, str(value))
    with course.own_settings() as settings:
        environment = course.environment() | settings
        told = subprocess.run(
            [sys.executable, "-P", "-c", ASK], env=environment, capture_output=True, text=True, cwd=place
        )
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["kernel"].startswith(sys.prefix)
    assert not {"FileContentsManager", "YDocExtension"} & set(found["configured"])
    assert found["usetex"] is False
    assert found["size"] != [1, 1]
    assert found["helpers"] == str(ROOT / "helpers" / "__init__.py")
