"""A run that survives: saved whole into one file as it goes, and taken up from there."""

import contextlib
import os
import pickle
import signal
import threading
import time
import zipfile
from pathlib import Path

import torch

from helpers import distributed, passes

FORMAT = "cnn-course checkpoint 1"
LOOK_EVERY = 20  # steps between a team's looks at the clock of its first process, since looking waits for all


class CheckpointError(Exception):
    """A checkpoint cannot be read or written, or is not of this run; the message says what to do."""


class Checkpoint:
    """Saves a run's parts after each epoch, every so many seconds, and when Ctrl+C ends it.

    Use it in a `with` statement around the loop: entering takes up what the file holds, or writes a first
    file if there is none. Inside, Ctrl+C waits for the end of the step, so that no half step is saved;
    pressed again it stops at once and saves nothing. A team stops at once, since its processes would end
    at different steps.

    Args:
        path: the file, or None to do nothing at all.
        parts: what changes in a run, by name: objects with state_dict and load_state_dict, or None. The
            "model", "optimizer" and "scheduler" among them also tell the run from others.
        loader, epochs: what the run walks over and how often, to tell it from others.
        seconds: the time between two saves; 0 for one after every step.
        team: the processes of the run; the first one reads and writes for all.

    Raises:
        CheckpointError: from every method, where the file cannot be read or written or is of another run.
    """

    def __init__(self, path, parts, loader, epochs, seconds=30, team=distributed.ALONE):
        self._path, self._loader, self._epochs, self._seconds, self._team = path, loader, epochs, seconds, team
        self._parts = {name: part for name, part in parts.items() if part is not None}
        self._interrupted, self._handler = False, None

    def __enter__(self):
        if self._path is None:
            return self
        self._path = Path(self._path)
        self._run = fingerprint(self._parts, self._loader, self._epochs)
        states = self._team.first(self._read() if self._team.rank == 0 else None)
        for name, state in (states or {}).items():
            self._parts[name].load_state_dict(state)
        if states is None:  # now, so that a path that cannot be written to is told now
            self.save()
        self._saved = time.monotonic()
        if self._team.size == 1 and threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(self, *error):
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)

    def _hold(self, *_):
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True

    def after(self, step):
        """Save if the step ended an epoch, if it is time or if Ctrl+C was pressed; in this last case raise it."""
        if self._path is None:
            return
        if step.is_last or self._is_time(step.number):
            self.save()
        if self._interrupted:
            raise KeyboardInterrupt

    def _is_time(self, number):
        due = self._interrupted or time.monotonic() - self._saved >= self._seconds
        if self._team.size == 1:
            return due
        return number % LOOK_EVERY == 0 and self._team.first(due)

    def save(self):
        """Write the state of all parts. Every process of a team must call it."""
        states = {name: part.state_dict() for name, part in self._parts.items()}
        if self._team.rank == 0:
            write(self._path, {"format": FORMAT, "run": self._run, "parts": states})
        self._saved = time.monotonic()

    def _read(self):
        """Return the states in the file, None if there is no file."""
        if not os.path.exists(self._path):  # Path.exists raises where the folder may not be looked into
            return None
        content = read(self._path)
        difference = _difference(content["run"], self._run)
        if difference:
            raise CheckpointError(
                f"{self._path} was saved by another run, where {difference}: "
                "give the settings of that run to go on with it, or another path to start anew"
            )
        return content["parts"]


def fingerprint(parts, loader, epochs):
    """Describe by plain values what a run is: two runs that differ here cannot go on from each other's file."""
    run = {name: type(parts.get(name)).__name__ for name in ("optimizer", "scheduler")}
    run["learning rate"] = float(parts["optimizer"].defaults["lr"])
    run |= {"epochs": epochs, "batches an epoch": len(loader)}
    run["random generators of the loader"] = len(passes.generators(loader))
    for name, value in parts["model"].state_dict().items():
        run[f"shape of {name}"] = list(getattr(value, "shape", ()))
    return run


def _difference(there, here):
    """Say in words where two fingerprints first differ, "" if they don't."""
    for key in [*here, *there]:
        if there.get(key) != here.get(key):
            return f"{key} is {there.get(key)}, not {here.get(key)}"
    return ""


def write(path, content):
    """Write a file so that at any moment, even of a power cut, the path holds the old content or the new, whole.

    Raises:
        CheckpointError: the file cannot be written, or the content is not what `read` can read.
    """
    part, is_first = path.with_name(path.name + ".part"), not os.path.exists(path)
    try:
        with open(part, "wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        if is_first:  # torch.save takes what torch.load refuses, and the next start would be late to notice
            _load(part)
        os.replace(part, path)
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{path} could not be read again: let the states of optimizer and scheduler hold only numbers, "
            "strings and tensors (float(lr), not numpy's)"
        ) from None
    except (OSError, RuntimeError) as error:  # at a full disk torch.save complains about positions, over the cause
        reason = error.__context__ or error
        raise CheckpointError(f"{path} cannot be written ({reason}): give a path that can, with room") from None
    finally:
        with contextlib.suppress(OSError):  # a read-only disk refuses even to remove what is not there
            part.unlink()


def read(path):
    """Return the content of a file that `write` made, with all tensors on the CPU.

    Raises:
        CheckpointError: the file is damaged, cut, not readable, or something else.
    """
    try:
        content = _load(path)
        reason = "" if isinstance(content, dict) and content.get("format") == FORMAT else f"no mark {FORMAT!r} in it"
    except Exception as error:  # a damaged file fails in a dozen ways, from BadZipFile to UnicodeDecodeError
        reason = (str(error) or type(error).__name__).splitlines()[0]
    if reason:
        raise CheckpointError(
            f"{path} is damaged or no checkpoint of this course ({reason}): move it away, or give another path"
        )
    return content


def _load(path):
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()  # torch.load would not compare the check sums
    if damaged:
        raise zipfile.BadZipFile(f"wrong check sum of {damaged}")
    return torch.load(path, map_location="cpu", weights_only=True)
