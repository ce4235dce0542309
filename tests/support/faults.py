"""What the tests of faults share: small disks, folders without rights, and programs in a clean environment."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

NOBODY = 65534
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def hear_signals():
    """Undo in a child, as its preexec_fn, what nohup and shells do: what they start in the background ignores these."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def contents(*folders):
    """Return the size of every file below the folders, and None for every folder."""
    paths = [path for folder in folders for path in Path(folder).rglob("*")]
    return {path: path.stat().st_size if path.is_file() else None for path in paths}


def assert_sentence(text, *parts):
    """Check that a text is one sentence, on one line, that has the parts."""
    assert "\n" not in text.strip()
    assert "Traceback" not in text
    for part in parts:
        assert str(part) in text


@contextlib.contextmanager
def unprivileged():
    """Take from root, within a `with` statement, the rights that others don't have."""
    user = os.geteuid()
    os.seteuid(NOBODY if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


def deny_writing(folder):
    """Let nobody but root write in a folder, or in what it holds."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else path.stat().st_mode & 0o555)


class Tmpfs:
    """A real small disk, mounted where only a process that does nothing, and who looks through its eyes, sees it."""

    def __init__(self, folder):
        mount = f"mount -t tmpfs -o size=8m tmpfs '{folder}' && echo mounted && exec cat"
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
        try:
            self._keeper = subprocess.Popen(command, **PIPES)
        except FileNotFoundError:
            pytest.skip("this system has no unshare")
        if not self._keeper.stdout.readline():
            self.close()
            pytest.skip("this system lets nobody mount a small disk")
        self.folder, self.mounted_at = Path(f"/proc/{self._keeper.pid}/root{folder}"), folder

    def leave(self, size):
        """Fill the disk up but for so many bytes; None empties it again."""
        filler = self.folder / "filler"
        filler.unlink(missing_ok=True)
        if size is not None:
            free = os.statvfs(self.folder)
            filler.write_bytes(bytes(free.f_bavail * free.f_frsize - size))

    def deny_writing(self):
        mounted = self.run(["mount", "-o", "remount,bind,ro", self.mounted_at])  # without "bind" only root may
        assert mounted.returncode == 0, mounted.stderr

    def run(self, command, **environment):
        """Run a program that sees the disk, where it is mounted."""
        enter = ["nsenter", "--user", "--mount", "--preserve-credentials", f"--target={self._keeper.pid}"]
        return run([*enter, *command], **environment)

    def close(self):
        self._keeper.communicate()


class Quota:
    """A limit to what this process and its children may write into one file: no disk, but works anywhere."""

    def __init__(self, folder):
        self.folder = self.mounted_at = folder
        self._resource = pytest.importorskip("resource")
        self._limits = self._resource.getrlimit(self._resource.RLIMIT_FSIZE)

    def leave(self, size):
        soft, hard = self._limits
        self._resource.setrlimit(self._resource.RLIMIT_FSIZE, (soft if size is None else size, hard))

    def deny_writing(self):
        if os.geteuid() == 0:
            pytest.skip("root may write everywhere")
        deny_writing(self.folder)

    def run(self, command, **environment):
        return run(command, **environment)

    def close(self):
        self.leave(None)
        self.folder.chmod(0o755)


FULL = {Tmpfs: "No space left on device", Quota: "File too large"}


def run(command, **environment):
    """Run a program to its end, without what this machine tells pip and proxies."""
    return subprocess.run(command, env=clean(environment), capture_output=True, text=True, timeout=60)


def clean(environment):
    """Return the environment of this process with changes, and without settings of pip and the course."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("PIP_", "COURSE_"))}
    return kept | {"COURSE_LANGUAGE": "en"} | {name: str(value) for name, value in environment.items()}
