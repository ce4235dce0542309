"""One live panel in JupyterLab, as its learner sees it and as its kernel has it."""

import re

from playwright.sync_api import expect

from tests.support import until

# The panels that live in the tab that is shown.
PANEL = (
    ".jp-NotebookPanel:not(.lm-mod-hidden) .widget-vbox:not(.jupyter-widgets-disconnected)"
    ":has([role=status]):has(img.widget-image)"
)
PANELS = "__import__('helpers.explore').explore.panels()"  # the same in the kernel


class Panel:
    """One panel in the page, and its other half in the kernel."""

    def __init__(self, lesson, number):
        self.lesson, self._number = lesson, number
        self.box = lesson.page.locator(PANEL).nth(number)
        self.status, self.image = self.box.locator("[role=status]"), self.box.locator("img.widget-image")
        self.controls = self.box.locator(".noUi-handle, select, input[type=checkbox]")
        self.cell = lesson.cell_of(self.box)
        self.has_runs = self.box.get_by_role("button", name="Stop").count() == 1
        self._first_image = self.image.element_handle()

    def ask(self, code):
        """Evaluate Python about the `panel` in the kernel."""
        return self.lesson.ask(f"(lambda panel: ({code}))({PANELS}[{self._number}])")

    def press(self, button):
        """Press Run or Stop and wait until the kernel has handled it."""
        self.box.get_by_role("button", name=button).click()
        self.lesson.settle()

    def run_slowly(self):
        """Press Run and see that it runs: it will not get far."""
        self.set_pause(60)
        self.press("Run")
        expect(self.status).to_have_text(re.compile("^running, step"))

    def wait(self, seconds=60):
        """Wait until no run is left and the page shows how it ended; tell whether that came true in time."""
        self.lesson.settle()
        over, status = self.ask(f"panel.wait({seconds}), panel.status")
        if over:
            expect(self.status).to_have_text(status)
        return over

    def wait_for_a_second_step(self):
        """Wait until a run shows more than its first step, or is over; on a busy machine that takes its time."""
        until(
            lambda: self.ask("panel.wait(0)") or re.match("running, step (?!1$)", self.ask("panel.status")), seconds=60
        )

    def set_pause(self, seconds):
        """Set the rest after each step of the runs to come."""
        self.ask(f"setattr(panel, 'pause', {seconds})")

    def shows_its_picture(self):
        """Tell whether a whole picture is in the same <img> as at first: a new one would flicker."""
        return self._first_image.evaluate("async i => { await i.decode(); return i.isConnected && i.naturalWidth > 0 }")
