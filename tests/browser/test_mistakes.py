"""What a learner does wrong, or fast, in a real JupyterLab: a clear sentence, and everything goes on."""

import re
import statistics

import nbformat
import pytest
from playwright.sync_api import expect

from tests.support import LESSONS
from tests.support.own import Own

# Presses a key on a panel's first slider so many times; returns the seconds until the first picture of each run.
FIRST_PICTURES = """async (box, moves) => {
    const handle = box.querySelector(".noUi-handle"), line = box.querySelector("[role=status]").parentNode;
    const isFirst = () => line.textContent === "running, step 1", times = [];
    const until = condition => new Promise((done, fail) => {
        setTimeout(() => fail(Error("the status line stood still for 30 s")), 30_000);
        const observer = new MutationObserver(() => { if (condition()) { observer.disconnect(); done() } });
        observer.observe(line, {childList: true, subtree: true, characterData: true});
    });
    for (let i = 0; i < moves; i++) {
        const first = until(isFirst), begin = performance.now();
        handle.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
        await first;
        times.push((performance.now() - begin) / 1000);
        await until(() => !isFirst());
    }
    return times;
}"""


@pytest.fixture(scope="class")
def own(folder, address, chromium):
    """The notebook of own.py, with its two panels in place; the tests share its kernel."""
    notebook = Own(folder, address, chromium)
    run_panels(notebook)
    yield notebook
    assert notebook.lesson.console == []
    notebook.lesson.close()


@pytest.fixture
def panel(own):
    own.run("panel")
    return own.lesson.panels()[0]


class TestMistakes:
    def test_a_learning_rate_that_diverges(self, own, panel):
        move(panel, "eta", "End")
        assert panel.wait()
        expect(panel.status).to_have_text(re.compile("^diverged after step [0-9]+: the loss became .* try a smaller"))
        assert panel.shows_its_picture()
        own.run("diverge")
        expect(own.output("diverge")).to_contain_text(re.compile(r"\nDiverged: the loss .* try a smaller .*$"))

    @pytest.mark.parametrize(
        ("name", "key", "steps"), [("p", "End", 100), ("width", "Home", 100), ("batch_size", "End", 10)]
    )
    def test_an_extreme_value_trains(self, panel, name, key, steps):
        """All dropped, one hidden unit, a batch larger than all the data."""
        value = move(panel, name, key)
        assert panel.wait()
        assert value in (1, 1000)
        expect(panel.status).to_have_text(f"finished after {steps} steps")

    def test_no_whole_batch(self, own):
        own.run("no batch")
        expect(own.output("no batch")).to_contain_text("ValueError: the loader is empty: give it at least one batch")

    def test_the_interrupt_button_during_fit(self, own):
        own.start("fit")
        expect(own.output("fit")).to_contain_text("images/s")
        own.lesson.command("notebook:interrupt-kernel")
        expect(own.output("fit")).to_contain_text(re.compile("interrupted after [0-9]+ steps; the model is as trained"))
        own.run("next")
        expect(own.output("next")).to_have_text(re.compile(r"^interrupted: True, loss [0-9.]+\s*$"))

    def test_twenty_quick_drags(self, own, panel):
        """They leave one worker, and in the end the picture of the last value."""
        move(panel, "eta", "Home")
        assert panel.wait()
        last = panel.ask("hash(panel.picture)")
        move(panel, "eta", "End")
        own.lesson.ask("workers.clear()")
        rail = panel.box.locator(".noUi-base").first.bounding_box()
        places = [14, *(place for i in range(10) for place in (i % 5, 13 - i % 4)), 0]  # of the 14 steps of the slider
        for begin, end in zip(places, places[1:], strict=False):
            own.lesson.page.mouse.move(rail["x"] + rail["width"] * begin / 14, rail["y"] + rail["height"] / 2)
            own.lesson.page.mouse.down()
            own.lesson.page.mouse.move(rail["x"] + rail["width"] * end / 14, rail["y"] + rail["height"] / 2)
            own.lesson.page.mouse.up()
        assert panel.wait()
        assert panel.ask("panel.values")["eta"] == 0.001
        assert panel.ask("hash(panel.picture)") == last
        assert own.lesson.ask("max(workers)") == 1

    def test_a_move_cancels_and_shows_at_once(self, own):
        """In the median: single moves can meet whatever else the machine does."""
        own.run("endless")
        panel = own.lesson.panels()[1]
        own.lesson.ask("closed.clear(), moved.clear()")
        shown = panel.box.evaluate(FIRST_PICTURES, 21)
        panel.press("Stop")
        assert panel.wait()
        gone = own.lesson.ask("[end - begin for begin, end in zip(moved[1:], closed)]")
        assert len(gone) == 20
        # At once for a person, even beside other work; benchmarks/slider_latency.py holds how fast it is alone.
        assert statistics.median(gone) < 0.5
        assert statistics.median(shown) < 1

    def test_a_lost_panel_says_so_and_keeps_its_picture(self, own, panel):
        """After a new kernel, and when the lesson is opened again; run again, it lives."""
        panel.run_slowly()
        own.lesson.restart()
        assert is_lost(own)
        run_panels(own)
        panel = own.lesson.panels()[0]
        panel.run_slowly()
        panel.press("Stop")
        own.lesson.command("docmanager:save")
        own.lesson.close_notebooks()
        own.lesson.show("own.ipynb")
        assert is_lost(own)
        run_panels(own)
        assert len(own.lesson.panels()) == 2

    def test_cells_out_of_order(self, opened):
        lesson = opened(LESSONS[1].name)
        cell = panel_cell(LESSONS[1])
        lesson.run_cell(cell)
        expect(lesson.output(cell)).to_contain_text(re.compile(r"NameError: name '\w+' is not defined"))
        lesson.run_cell(cell, above=True)
        assert lesson.errors() == []
        assert lesson.panels()[0].wait()
        assert lesson.console == []

    def test_two_lessons_at_once(self, opened):
        """Both run, each in its tab and with its own kernel; neither minds the other's moves."""
        paths = LESSONS[1], LESSONS[5]
        lesson = opened(paths[0].name)
        for path in paths:
            lesson.show(path.name)
            lesson.run_cell(panel_cell(path), above=True)
            lesson.panels()[0].run_slowly()
        for path in paths:
            lesson.show(path.name)
            (panel,) = lesson.panels()
            expect(panel.status).to_have_text(re.compile("^running, step"))
            panel.set_pause(0)
            for key in ("End", "Home"):
                panel.controls.first.press(key)
                assert panel.wait()
                assert re.match("finished|diverged|ready", panel.ask("panel.status"))
                assert panel.shows_its_picture()
        assert lesson.errors() == []
        assert lesson.console == []


def run_panels(own):
    """Run the cells that make the two panels."""
    for name in ("setup", "panel", "endless"):
        own.run(name)


def is_lost(own):
    """Tell whether the first panel shows its picture, says that it is an earlier one, and nothing else."""
    box = own.output("panel")
    expect(box.get_by_text("a picture of an earlier run: run the cell for a live panel")).to_be_visible()
    expect(box.locator("[role=status], button, .noUi-handle").filter(visible=True)).to_have_count(0)
    expect(box.get_by_text("The loss of each step.")).to_be_visible()
    return box.locator("img.widget-image").evaluate("async i => { await i.decode(); return i.naturalWidth > 0 }")


def move(panel, name, key):
    """Press a key on the slider of that name; return its value in the kernel."""
    panel.controls.nth(list(panel.ask("panel.values")).index(name)).press(key)
    panel.lesson.settle()
    return panel.ask("panel.values")[name]


def panel_cell(path):
    """Return the place of a lesson's first cell with a panel."""
    cells = nbformat.read(path, as_version=4).cells
    return next(place for place, cell in enumerate(cells) if cell.cell_type == "code" and "explore(\n" in cell.source)
