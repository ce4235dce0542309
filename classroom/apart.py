"""A process apart for each submission, where it can spoil its own answers only; what comes back is judged here."""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 10**7  # bytes of what one answer shows; real ones are some thousands
START = 120  # seconds for the imports of a new process, on a machine that is busy
KEPT = ("PATH", "SYSTEMROOT", "LANG", "LD_LIBRARY_PATH")  # of the teacher's environment, which may hold tokens
OWN = {
    **{"PYTHONPATH": str(ROOT), "COURSE_PROGRESS": "", "PYTHONUTF8": "1"},
    **{"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
}
BUBBLE = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
STOPPED = "Your answer ended the program, or took more than {} seconds: is there a loop that never ends?"
UNGUARDED = (
    "bubblewrap (bwrap) is not here, or may not work: submissions run with your rights, and could read and change what "
    "you can. Install it, or grade with an account that can reach nothing else."
)


def judge(name, seen, timeout):
    """Return the feedback on what an answer showed; None stands for an answer that stopped its process."""
    from classroom.wire import from_json  # seconds, which nbgrader's other commands need not wait
    from helpers import exercises
    from helpers.exercises.judging import observe

    if seen is None:
        return exercises.Feedback("not yet", STOPPED.format(timeout))
    exercise = exercises.find(name)
    try:
        return exercises.judge(exercise, list(map(from_json, seen)), observe(exercise, exercise.solution))
    except (ValueError, TypeError, RecursionError):  # what came back is no answer's
        return exercises.Feedback("not yet", "Your answer is nothing that can be judged.")


def observed(setup, parts, timeout):
    """List what the answers of a submission show, None for each that ended its process or took too long.

    After such a one, another process runs the other parts, the earlier ones once more for their definitions.
    """
    results = []
    while len(results) < len(parts):
        fine = [i for i, part in enumerate(parts) if results[i : i + 1] != [None]]
        job = {"setup": setup, "parts": [parts[i] for i in fine], "known": sum(i < len(results) for i in fine)}
        with process(job) as running:
            if following(running, START) is None:
                raise RuntimeError("no submission can run here: see `python3 course.py check`")
            patience = timeout * (1 + job["known"])
            while len(results) < len(parts):
                results.append(following(running, patience))
                patience = timeout
                if results[-1] is None:
                    break
    return results


@contextlib.contextmanager
def process(job):
    """Run a job in an empty folder, without what the variables of the teacher's environment may tell; end it after."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | OWN
        environment |= {"HOME": folder, "TMPDIR": folder, "IPYTHONDIR": folder}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [*sandbox(folder), sys.executable, "-P", "-m", "classroom.submission"]
        running = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **pipes)
        try:
            with contextlib.suppress(OSError), running.stdin:  # it may have ended already
                running.stdin.write(json.dumps(job).encode())
            yield running
        finally:
            kill(running)
            running.wait()
            running.stdout.close()


def following(running, seconds):
    """Return what a process tells next, None if it ends before, takes too long or talks nonsense."""
    clock = threading.Timer(seconds, kill, [running])
    clock.start()
    try:
        return json.loads(running.stdout.readline(LARGEST))
    except (ValueError, RecursionError):
        return None
    finally:
        clock.cancel()


def kill(running):
    """End a process and those that it started."""
    with contextlib.suppress(OSError):
        os.killpg(running.pid, signal.SIGKILL) if os.name == "posix" else running.kill()


def sandbox(folder):
    """Return the command that keeps a program from the network and from all files but those that it needs.

    It may write to the folder alone, and sees nothing of the class (the folder that nbgrader works in) or of the
    teacher's home. The list is empty where that cannot be had.
    """
    if not bubblewrap_works():
        return []
    needed = [str(ROOT), sys.prefix, sys.base_prefix]
    hidden = [place for place in (str(Path.home()), tempfile.gettempdir(), os.getcwd()) if place != "/"]
    command = [*BUBBLE, "--die-with-parent"]
    for place in hidden:
        command += ["--tmpfs", place]
    for place in needed:
        command += ["--ro-bind", place, place]
    if ROOT in Path.cwd().parents:
        command += ["--tmpfs", os.getcwd()]
    return [*command, "--bind", folder, folder, "--chdir", folder]


@functools.cache
def bubblewrap_works():
    """Tell whether bubblewrap is here and may do its work: some containers forbid it."""
    return bool(shutil.which("bwrap")) and subprocess.run([*BUBBLE, "true"], capture_output=True).returncode == 0
