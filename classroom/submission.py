"""Runs the code of a submission, in a process that nothing else depends on, and tells what its answers show.

Reads the job from stdin, and writes one line of JSON to stdout as soon as the submission may begin, and one for each
answer. See classroom/grading.py.
"""

import contextlib
import json
import os
import sys

from IPython.core.interactiveshell import InteractiveShell

from classroom.wire import to_json
from helpers.exercises import find
from helpers.exercises.judging import observe

MEMORY = 8 * 2**30  # bytes of addresses, of which PyTorch's libraries take three


def main():
    """Run the parts of a job one after the other, in one namespace, as a notebook would."""
    job = json.load(sys.stdin)
    tell = private_stdout()
    with contextlib.suppress(ImportError, ValueError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    tell("ready")
    for source in job["setup"]:
        shell.run_cell(source)
    for i, part in enumerate(job["parts"]):
        for source in part["code"]:
            shell.run_cell(source)  # prints what it raises, and goes on
        if i >= job["known"]:
            answer = shell.user_ns.get(part["answer"], ...)
            tell(look(find(part["exercise"]), answer))


def private_stdout():
    """Take stdout away from the submission, which may print; return a function that writes an object to it."""
    file = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)

    def tell(thing):
        file.write(json.dumps(thing) + "\n")
        file.flush()

    return tell


def look(exercise, answer):
    """Return what an answer shows as JSON; nothing if it was not tried."""
    return [] if answer is ... else [to_json(seen) for seen in observe(exercise, answer, learners=True)]


if __name__ == "__main__":
    main()
