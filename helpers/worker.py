"""One thread that plays the newest job only: each new job cancels the one before, and nothing stops the next."""

import threading
import time
import traceback

from helpers.language import spoken

PATIENCE = 2  # seconds that a cancelled job has to end its step; the next job no longer waits for it


class Worker:
    """Plays jobs, one at a time.

    Args:
        play: function of a `threading.Event` and of what a job was started with. It looks often whether the event
            is set, then returns; it shows what it has only while it holds `lock` and the event is not set. What
            it returns is how the job ended, in words; it may raise anything.
        tell: function that gets how the newest job ended, and where if it was by an error.
    """

    def __init__(self, play, tell):
        self._play, self._tell = play, tell
        self.lock = threading.RLock()
        self._cancel, self._cancelled_at = threading.Event(), None  # the newest job's; since when the thread is asked
        self._thread = self._job = None

    def start(self, *job):
        """Cancel the job that runs, if any, and play this one next."""
        with self.lock:
            if self._is_stuck():
                self._thread = self._cancelled_at = None  # it ends by itself, some time
            self.cancel()
            self._cancel = threading.Event()
            self._job = self._cancel, job
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="panel")
                self._thread.start()

    def cancel(self, silently=False):
        """Ask the job to end; tell whether there is any. Nobody is told how it ended if `silently`."""
        with self.lock:
            self._cancel.set()
            if silently:
                self._cancel = threading.Event()
            if self._thread is not None and self._cancelled_at is None:
                self._cancelled_at = time.monotonic()
            return self._thread is not None

    def wait(self, timeout):
        """Wait until no job is left; tell whether that came true within `timeout` seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return self._thread is None

    def _is_stuck(self):
        """Tell whether the thread has died, or has not heard for too long that it should end its job."""
        late = self._cancelled_at is not None and time.monotonic() - self._cancelled_at > PATIENCE
        return self._thread is not None and (late or not self._thread.is_alive())

    def _work(self):
        while job := self._next():
            cancel, arguments = job
            try:
                end = self._play(cancel, *arguments), ""
            except BaseException as error:  # SystemExit, too: nobody else hears what is raised in a thread
                end = describe(error)
            with self.lock:
                if cancel is self._cancel:
                    self._tell(*end)

    def _next(self):
        """Return the job to play, None if there is none or another thread has taken over."""
        with self.lock:
            if threading.current_thread() is not self._thread:
                return None
            job, self._job, self._cancelled_at = self._job, None, None
            if job is None:
                self._thread = None
            return job


def describe(error):
    """Return an error in one line, and its traceback, even of one that can't be printed."""
    try:
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        return spoken("error: {reason}").format(reason=reason), traceback.format_exc()
    except BaseException:
        return spoken("error: one that can't be printed"), ""
