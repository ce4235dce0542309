"""The line that says what a panel does, and never what is no longer true."""

import html
import threading

from ipywidgets import HTML, HBox

from helpers.language import spoken

SLOW = 0.2  # seconds after which one that has no answer yet says what it waits for
# Front ends mark widgets that have lost their kernel; nothing of a panel may then look alive but its picture.
LOST = """<style>
.course-panel:not(.jupyter-widgets-disconnected) .course-lost,
.course-panel.jupyter-widgets-disconnected :is([role=status], button),
.course-panel .jupyter-widgets-disconnected::before { display: none }
.course-panel.jupyter-widgets-disconnected :is(.noUi-target, select, input) { visibility: hidden }
.course-panel.jupyter-widgets-disconnected .widget-readout { pointer-events: none }
</style>"""


class Status(HBox):
    """Buttons and the text beside them, for a panel with the class "course-panel".

    Args:
        buttons: widgets that stand before the text.
        lock: what threads hold to say something. (It can be taken again by who holds it.)
    """

    def __init__(self, buttons, lock):
        self.text, self._lock, self._line = "", lock, HTML()
        lost = spoken("a picture of an earlier run: run the cell for a live panel")
        super().__init__([*buttons, self._line, HTML(f'{LOST}<span class="course-lost">{lost}</span>')])
        self.layout.flex_flow = "row wrap"

    def say(self, text, details=""):
        """Show a text, and details for those who open them, without the characters that can't be sent."""
        with self._lock:
            self._late = None
            self.text, details = (part.encode(errors="replace").decode() for part in (text, details))
            where = spoken("where")
            more = f"<details><summary>{where}</summary><pre>{html.escape(details)}</pre></details>" if details else ""
            self._line.value = f'<span role="status">{html.escape(self.text)}</span>{more}'

    def say_if_late(self, text):
        """Show a text after a while, unless anything is said before: what is answered at once must not flicker."""
        with self._lock:
            self._late = threading.Timer(SLOW, lambda: self._say_now(late, text))
            late = self._late
            late.start()

    def _say_now(self, late, text):
        with self._lock:
            if late is self._late:
                self.say(text)
