#!/usr/bin/env python3
"""Set up the course and run it. Needs nothing but Python.

  python3 course.py lab [--no-browser] [--port N]   open the lessons in JupyterLab
  python3 course.py test [pytest options]           run every lesson and helper as a test
  python3 course.py train [--help]                  train AlexNet on Fashion-MNIST without a notebook
  python3 course.py check                           report whether everything that the course needs is here

The first start makes .venv and installs requirements.txt into it; later starts install nothing.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"  # the hash of what was installed
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


class CourseError(Exception):
    """Something that the user can mend; the message says how."""


def main(arguments):
    """Run one command and return its exit status."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        here = ".".join(map(str, sys.version_info[:3]))
        raise CourseError(
            f"The course needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}, but this is Python {here}: "
            "get one from python.org and start course.py with it."
        )
    commands = {"lab": lab, "test": test, "train": run_cli, "check": run_cli}
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    return commands[arguments[0]](arguments)


def lab(arguments):
    """Open JupyterLab, with its token, on the first lesson."""
    parser = argparse.ArgumentParser(prog="course.py lab")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    parser.add_argument("--port", type=int, help="the port to serve on; default: the first free one from 8888")
    options = parser.parse_args(arguments[1:])
    command = ["jupyterlab", "notebooks/00_start_here.ipynb", f"--ServerApp.root_dir={ROOT}"]
    if options.no_browser:
        command.append("--no-browser")
    if options.port is not None:
        require_free(options.port)
        command += [f"--port={options.port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return run(command)


def test(arguments):
    """Run all tests, or what the arguments to pytest say."""
    return run(["pytest", *arguments[1:]])


def run_cli(arguments):
    """Run a command of helpers/cli.py."""
    return run(["helpers.cli", *arguments])


def run(module_and_arguments):
    """Run a module with the course's own Python, installed first if need be."""
    set_up()
    environment = {**os.environ, "PYTHONUTF8": "1"}
    early = []  # signals that come before there is a program to pass them on to
    at_the_end(lambda number, _: early.append(number))
    process = subprocess.Popen([str(PYTHON), "-m", *module_and_arguments], cwd=ROOT, env=environment)
    at_the_end(lambda number, _: process.send_signal(number))
    for number in early:
        process.send_signal(number)
    while True:
        try:
            status = process.wait()
            return status if status >= 0 else 128 - status  # as shells do: below 0 is the signal that ended it
        except KeyboardInterrupt:  # Ctrl+C reached the child too: let it end in its own way
            continue


def set_up():
    """Make .venv and install the requirements, unless exactly that was done before."""
    if STAMP.exists() and PYTHON.exists() and STAMP.read_text(errors="replace") == fingerprint():
        return
    print(f"Setting up the course in {VENV}: once, a few minutes.", flush=True)
    if STAMP.exists():
        STAMP.unlink()  # first of all: what --clear leaves when it is cut short must not count as installed
    if call(sys.executable, "-m", "venv", "--clear", VENV) != 0:
        raise CourseError(
            f"Python could not make {VENV}, see above: it needs the right to write there (a copy of the course in a "
            "folder of your own has it), some 2 GB of room, and its venv module (Debian, Ubuntu: "
            "`apt-get install python3-venv`)."
        )
    if wants_cpu_wheels():
        torch = [line for line in requirements() if line.startswith(("torch>", "torchvision>"))]
        if pip("--index-url", CPU_WHEELS, *torch) != 0:
            print("PyTorch's CPU wheels did not install; going on with the ordinary ones.", flush=True)
    if pip("-r", "requirements.txt") != 0:
        raise CourseError(
            "Installing failed, see above: check the network and the disk, then start again; downloads are kept."
        )
    compile_packages()
    STAMP.write_text(fingerprint())


def compile_packages():
    """Compile all packages, on all cores: pip would use one. Some have files that no Python can compile: never mind."""
    call(PYTHON, "-m", "compileall", "-qq", "-j", "0", VENV)


def fingerprint():
    """Return a hash of what decides what is installed: the two lists and the Python that is used."""
    files = [(ROOT / name).read_bytes() for name in ("requirements.txt", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*files, sys.version.encode(), str(ROOT).encode()])).hexdigest()


def requirements():
    """List the lines of requirements.txt that name a package."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith(("#", "-"))]


def pip(*arguments):
    """Install into .venv; return pip's exit status. Without a network pip gives up after seconds."""
    options = ["--disable-pip-version-check", "--no-compile", "--retries=2", "--timeout=15", "--progress-bar=off"]
    return call(PYTHON, "-m", "pip", "install", "-q", *options, *arguments)


def call(*command):
    """Run a program and return its exit status. Interrupted, end it, all that it started and its temporary files."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        environment = {**os.environ, "TMPDIR": temporary}
        process = subprocess.Popen([*map(str, command)], cwd=ROOT, env=environment, start_new_session=True)
        try:
            return process.wait()
        except BaseException:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)  # the session that started with it
            process.kill()
            process.wait()
            raise


def wants_cpu_wheels():
    """Tell whether to take PyTorch's small CPU wheels: on Linux the ordinary one brings gigabytes of CUDA."""
    if not sys.platform.startswith("linux"):
        return False
    if shutil.which("nvidia-smi") or Path("/proc/driver/nvidia").exists():
        print("An NVIDIA GPU is here: installing the ordinary PyTorch, which brings CUDA.", flush=True)
        return False
    if answers(CPU_WHEELS + "/torch/", seconds=3):
        print("No NVIDIA GPU is here: installing PyTorch's CPU wheels.", flush=True)
        return True
    print("PyTorch's index of CPU wheels does not answer: installing the ordinary, larger PyTorch.", flush=True)
    return False


def answers(address, seconds):
    """Tell whether a web address answers in time, whatever hangs: name lookup, proxy or server."""
    replies = []

    def ask():
        with contextlib.suppress(OSError):
            replies.append(urllib.request.urlopen(address, timeout=seconds).status)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(replies)


def find_browser():
    """Return the path of a Chromium that can run the browser tests; raise CourseError if there is none."""
    named = os.environ.get("COURSE_BROWSER")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    places = (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    )
    path = next(filter(None, map(shutil.which, [named] if named else (*names, *places))), None)
    if path is None:
        found = f"COURSE_BROWSER is {named}, which is no program" if named else "no Chromium or Chrome was found"
        raise CourseError(
            f"{found}: the browser tests need one, so install it (Debian, Ubuntu: `apt-get install chromium`), "
            "or set COURSE_BROWSER to its path"
        )
    return path


def require_free(port):
    """Raise CourseError if the port cannot be served on."""
    try:
        with socket.socket() as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise CourseError(f"Port {port} cannot be used ({error}): choose another with --port.") from None


def at_the_end(handler):
    """Let a handler answer the signals by which a system ends a program, unless the program was told to ignore them."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


if __name__ == "__main__":
    at_the_end(signal.default_int_handler)  # as Ctrl+C does
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error}: check the disk and the right to write in {ROOT}, then start again.")
    except KeyboardInterrupt:
        print("Interrupted: the same command starts again; downloads are kept.", file=sys.stderr)
        sys.exit(130)
