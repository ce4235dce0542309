"""Ctrl+C between two steps of a training run, never within one."""

import signal
import threading

from helpers import distributed


class Interrupt:
    """Lets Ctrl+C, within a `with` statement, wait for the end of the step at work; pressed twice it stops at once.

    It ends the statement, not the program: the history is marked, and what was done is saved, unless it was pressed
    twice, or also ended the loader's workers (where they are not forked), so that the step was not finished. Several
    processes stop at once and save nothing, since each would end at another step.

    Args:
        history: the History to mark as interrupted.
        save: called without arguments, between two steps.
    """

    def __init__(self, history, save):
        self._history, self._save, self._presses, self._handler = history, save, 0, None

    def __enter__(self):
        if distributed.world_size() == 1 and threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._press)
        return self

    def _press(self, *_):
        self._presses += 1
        if self._presses > 1:
            raise KeyboardInterrupt

    def stop_if_pressed(self):
        """Raise KeyboardInterrupt if Ctrl+C was pressed meanwhile."""
        if self._presses:
            raise KeyboardInterrupt

    def __exit__(self, kind, error, trace):
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        # Ctrl+C also ends the loader's workers, and the loader then complains, maybe within a step: no time to save.
        complaints = (RuntimeError, OSError, EOFError) if self._presses else ()
        interruptions = (KeyboardInterrupt, *complaints)
        if kind is None or not issubclass(kind, interruptions):
            return False
        self._history.interrupted = True
        if self._presses == 1 and issubclass(kind, KeyboardInterrupt):
            self._save()
        return True
