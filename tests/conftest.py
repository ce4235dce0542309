"""Places for the tests of faults, and a process that hears Ctrl+C."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from helpers import exercises
from helpers.exercises import Exercise, check
from tests.support import faults


@pytest.fixture
def place():
    """A folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        os.chmod(name, 0o755)
        yield Path(name).resolve()


@pytest.fixture
def ctrl_c():
    """Let Ctrl+C interrupt this process during a test, also where it was started in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(params=faults.FULL)
def disk(request, place):
    """A disk that can be filled up."""
    (place / "disk").mkdir()
    disk = request.param(place / "disk")
    yield disk
    disk.close()


@pytest.fixture
def judge(monkeypatch):
    """Judge an answer to an exercise made of a solution and further fields."""

    def judge(solution, answer, **fields):
        task = Exercise("made.up", "easy", 1, "task", solution, "why", ("hint",), **fields)
        monkeypatch.setattr(exercises, "find", lambda name: task)
        return check("made.up", answer)

    return judge
