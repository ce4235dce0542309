"""Each lesson in a real JupyterLab: every control of every panel by keyboard, Run, Stop, a cell again."""

from playwright.sync_api import expect

from tests.support import LESSONS

PATIENCE = 1  # seconds until a run is stopped: its first steps have then shown that the values are good
FEW_PICTURES = "setattr(__import__('helpers.explore').explore, 'FRAME', 0.5)"  # here steps count, not watching
WORKERS = "[thread for thread in __import__('threading').enumerate() if thread.name == 'panel']"

WIDGETS = "__import__('ipywidgets').widgets.widget._instances"


def pytest_generate_tests(metafunc):
    metafunc.parametrize("path", metafunc.cls.lessons, ids=lambda path: path.stem)


class EveryLesson:
    def test_every_panel_lives(self, path, opened):
        lesson = opened(path.name)
        lesson.run_all(timeout=600)
        assert lesson.errors() == []
        stop_runs(lesson)
        run_a_panels_cell_again(lesson)
        lesson.ask(FEW_PICTURES)
        for panel in lesson.panels():
            sweep(panel)
        assert lesson.ask(f"len({WORKERS})") == 0
        assert lesson.errors() == []
        assert lesson.console == []


class TestEvenLessons(EveryLesson):  # two halves, so that two workers of xdist can share them
    lessons = LESSONS[::2]


class TestOddLessons(EveryLesson):
    lessons = LESSONS[1::2]


def stop_runs(lesson):
    """Press Run and Stop of every panel that has them."""
    for panel in lesson.panels():
        if panel.has_runs:
            panel.run_slowly()
            panel.press("Stop")
            expect(panel.status).to_have_text("stopped")
            assert panel.wait(5)


def run_a_panels_cell_again(lesson):
    """Run the cell of one panel again, during a run if it has any: the run ends, the new panel takes its place."""
    panels = lesson.panels()
    panel = next((panel for panel in panels if panel.has_runs), panels[0])
    if panel.has_runs:
        panel.run_slowly()
    before = lesson.ask(f"len({WIDGETS})")
    lesson.run_cell(panel.cell, timeout=600)
    assert lesson.ask(f"len({WIDGETS})") == before
    assert not lesson.ask(f"any(thread.join(5) or thread.is_alive() for thread in {WORKERS})")
    assert len(lesson.panels()) == len(panels)


def sweep(panel):
    """Move each control to both ends, or to all choices of a menu."""
    panel.set_pause(0)
    names, pictures = list(panel.ask("panel.values")), set()
    expect(panel.controls).to_have_count(len(names))
    for name, control in zip(names, panel.controls.all(), strict=True):
        values, places = set(), ends(control)
        for place in places:
            now, picture = move(panel, control, place)
            values.add(now[name])
            pictures.add(picture)
        assert len(values) == len(places), f"{places} took {name} to {values} only"
    assert len(pictures) > 1


def ends(control):
    """List where a control can go: keys to both its ends, and numbers of the choices of a menu in between.

    JupyterLab keeps the arrow keys for itself before a closed menu can have them, but not Home and End.
    """
    if control.get_attribute("type") == "checkbox":
        return ["Space", "Space"]
    return ["End", *range(1, control.locator("option").count() - 1), "Home"]


def move(panel, control, place):
    """Move a control as `ends` says: the run ends well and the picture is there; return the values and its hash."""
    if isinstance(place, int):
        control.select_option(index=place)
    else:
        control.press(place)
    if not panel.wait(PATIENCE if panel.has_runs else 60):
        panel.wait_for_a_second_step()
        panel.press("Stop")
        assert panel.wait(), "the run did not stop"
    values, status, picture = panel.ask("panel.values, panel.status, hash(panel.picture)")
    assert not status.startswith("error"), f"{values}: {status}"
    assert panel.shows_its_picture(), values
    return values, picture
