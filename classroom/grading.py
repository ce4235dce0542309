"""nbgrader's autograder for the course: a submission runs in a process of its own, and its answers are judged here.

nbgrader runs submission and tests in one kernel, where a submission may replace what the tests import, or stop the
cells that follow. Here all that comes back from a submission is plain data, what its answers are or return; the
expected values and the verdict stay in this process. nbgrader does all the rest, from the release to the late penalty.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from nbformat.v4 import new_output
from nbgrader.converters.autograde import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Integer

ROOT = Path(__file__).resolve().parents[1]
CHECK = re.compile(r'check\("([\w.]+)", (\w+)\)')
LARGEST = 10**7  # bytes of what one answer shows; real ones are some thousands
START = 120  # seconds for the imports of a new process, on a machine that is busy
STOPPED = "Your answer ended the program, or took more than {} seconds: is there a loop that never ends?"


def judged():
    """List nbgrader's steps of autograding, with `Judge` where it would run the notebook."""
    return [Judge if step is Execute else step for step in Autograde().autograde_preprocessors]


class Judge(NbGraderPreprocessor):
    """Puts under each test cell what `check` says of the answer: an error, so no points, unless it is right."""

    timeout = Integer(30, help="Seconds that a submission has for each exercise.").tag(config=True)

    def preprocess(self, nb, resources):
        setup, parts, tests = split(nb)
        for cell, part, seen in zip(tests, parts, observed(setup, parts, self.timeout), strict=True):
            feedback = judge(part["exercise"], seen, self.timeout)
            self.log.info("%s: %s", part["exercise"], feedback.verdict)
            cell.outputs = [output(feedback)]
        return nb, resources


def split(nb):
    """Return the code that every submission begins with, the parts of this one, and its test cells.

    A part is what a learner wrote for one exercise: the code of all cells up to the test cell, and the name of the
    answer. Locked cells and test cells are the teacher's: nbgrader has put them back.
    """
    setup, parts, tests, code = [], [], [], []
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if not is_grade(cell) or is_solution(cell):
            (setup if is_locked(cell) else code).append(cell.source)
            continue
        found = CHECK.search(cell.source)
        if not found:
            name = cell.metadata.nbgrader.grade_id
            raise ValueError(f"the test cell {name!r} calls no check(...): make it one that is graded by hand")
        parts.append({"code": code, "exercise": found[1], "answer": found[2]})
        tests.append(cell)
        code = []
    return setup, parts, tests


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
    except (ValueError, RecursionError):
        return exercises.Feedback("not yet", "Your answer is nothing that can be judged.")


def output(feedback):
    """Return the feedback as a cell's output, from which nbgrader takes the points."""
    text = repr(feedback)
    if feedback:
        return new_output("display_data", {"text/plain": text})
    return new_output("error", ename="NotRight", evalue=text, traceback=[text])


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
    kept = ("PATH", "SYSTEMROOT", "LANG", "LD_LIBRARY_PATH")
    own = {"PYTHONPATH": str(ROOT), "COURSE_PROGRESS": "", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {name: os.environ[name] for name in kept if name in os.environ} | own
        environment |= {"HOME": folder, "TMPDIR": folder, "IPYTHONDIR": folder}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-P", "-m", "classroom.submission"]
        running = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **pipes)
        try:
            with running.stdin:
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
