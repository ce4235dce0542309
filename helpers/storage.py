"""One file, whole at any moment, whose every bit is checked at reading, and that no other run overwrites."""

import contextlib
import hashlib
import io
import os
import shutil
import stat
import time
import uuid
from pathlib import Path

import torch

from helpers.language import spoken

DIGEST = 32  # bytes at the end of the file: the SHA-256 of all before them; torch.load overlooks them
STALE = 60  # seconds without a byte written, after which a draft is taken for what a killed run left


class CheckpointError(Exception):
    """A checkpoint cannot be read or written, or is not of this run; the message says what to do."""


class Storage:
    """Reads and writes the file of one run; plain `torch.load` opens it, too.

    Args:
        path: the file. A symbolic link stays one, its target is written.

    Raises:
        CheckpointError: from every method, with a message that names the path and the remedy.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._target = Path(os.path.realpath(path)) if os.path.islink(path) else self.path.absolute()
        self._digest = None  # of what this run read or wrote last

    def read(self):
        """Return the content, with all tensors on the CPU, or None if there is no file."""
        if not self._exists():
            return None
        try:
            raw = memoryview(self._target.read_bytes())
        except OSError as error:
            raise self._unreadable(error.strerror) from None
        digest = bytes(raw[-DIGEST:])
        if hashlib.sha256(raw[:-DIGEST]).digest() != digest:
            raise self._unreadable(spoken("wrong check sum"))
        try:
            content = _load(io.BytesIO(raw[:-DIGEST]))
        except Exception as error:  # a foreign file fails in a dozen ways
            raise self._unreadable(type(error).__name__) from None
        self._digest = digest
        return content

    def write(self, content):
        """Replace the file by one that holds the content; even a power cut leaves the old one or the new."""
        buffer = io.BytesIO()
        try:
            torch.save(content, buffer)
            if self._digest is None:  # torch.save takes what torch.load refuses; the next start would be late to tell
                _load(buffer)
        except Exception:
            told = spoken(
                "{path} could not be read again: let the states of loader, optimizer and scheduler hold only "
                "numbers, strings and tensors (float(lr), not numpy's)"
            )
            raise CheckpointError(told.format(path=self.path)) from None
        draft = self._target.with_name(f"{self._target.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            digest = self._write_draft(draft, buffer.getbuffer())
            self._refuse_what_others_wrote()
            os.replace(draft, self._target)
        except OSError as error:
            told = spoken("{path} cannot be written ({error}): give a path that can, with room")
            raise CheckpointError(told.format(path=self.path, error=error)) from None
        finally:
            with contextlib.suppress(OSError):  # a read-only disk refuses even to remove what is not there
                draft.unlink()
        self._digest = digest
        self._remove_stale_drafts()

    def _write_draft(self, draft, raw):
        digest = hashlib.sha256(raw).digest()
        with open(draft, "xb") as file:
            file.write(raw)
            file.write(digest)
            file.flush()
            os.fsync(file.fileno())
        if self._exists():
            shutil.copymode(self._target, draft)
        return digest

    def _exists(self):
        """Tell whether there is a file that can be seen; raise CheckpointError for a folder, a device or a pipe."""
        try:
            mode = os.stat(self._target).st_mode
        except OSError:
            return False
        if not stat.S_ISREG(mode):
            told = spoken("{path} is no ordinary file: give the path of one, or of none yet")
            raise CheckpointError(told.format(path=self.path))
        return True

    def _refuse_what_others_wrote(self):
        if not self._exists():
            return
        with open(self._target, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - DIGEST))
            if file.read() != self._digest:
                told = spoken(
                    "{path} was written by another program since this run last did, perhaps by a second run on "
                    "the same file: stop one of the two, or give each a path of its own"
                )
                raise CheckpointError(told.format(path=self.path))

    def _remove_stale_drafts(self):
        for path in self._target.parent.glob("*.part"):
            with contextlib.suppress(OSError):
                if path.name.startswith(self._target.name + ".") and time.time() - path.stat().st_mtime > STALE:
                    path.unlink()

    def _unreadable(self, reason):
        told = spoken(
            "{path} is damaged or no checkpoint of this course ({reason}): move it away, or give another path"
        )
        return CheckpointError(told.format(path=self.path, reason=reason))


def _load(file):
    file.seek(0)
    return torch.load(file, map_location="cpu", weights_only=True)
