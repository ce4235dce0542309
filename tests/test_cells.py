"""A cell that runs again stops what it made before, and closes it where it can be sure."""

import gc
import weakref

import pytest
from ipywidgets import FloatSlider, Label
from ipywidgets.widgets.widget import _instances as widgets

from helpers import cells, explore
from tests.support.dots import counting, draw, make, running


class Shell:
    """A kernel that runs cells; their front end names them, or doesn't."""

    def __init__(self):
        self.execution_count, self.user_ns, self._request = 0, {}, {}

    def get_parent(self):
        return self._request

    def run(self, cell=None, code=""):
        """Start a cell: what is made from now on is made by it."""
        self.execution_count += 1
        header = {"msg_id": f"message {self.execution_count}"}
        self._request = {"header": header, "content": {"code": code}, "metadata": {"cellId": cell} if cell else {}}


@pytest.fixture
def shell(monkeypatch):
    shell = Shell()
    monkeypatch.setattr(cells, "_runs", {})
    monkeypatch.setattr(cells, "get_ipython", lambda: shell)
    yield shell
    for panel in explore.panels():
        panel.close()


def test_a_cell_that_runs_again_closes_its_former_panels(shell):
    shell.run("a")
    first, second = running(counting()), counting()
    assert explore.panels() == [first, second]  # one cell may make many, in a loop, too
    shell.run("b")
    other = running(counting())
    shell.run("a", code="edited")
    third = counting()
    assert first.wait(1)
    assert first.comm is second.comm is None
    assert explore.panels() == [third, other]
    assert other.status.startswith("running")


def test_it_closes_them_before_the_new_one_is_computed_and_though_that_fails(shell):
    shell.run("a")
    panel = running(counting())
    shell.run("a")
    with pytest.raises(ZeroDivisionError):
        make(drawing=lambda figure: 1 / 0)
    assert panel.wait(1)
    assert panel.comm is None
    assert explore.panels() == []


def test_without_names_the_same_code_is_the_same_cell_but_may_be_a_twin(shell):
    shell.run(code="explore(...)")
    first = running(counting())
    shell.run(code="other")
    other = counting()
    shell.run(code="explore(...)")
    twin = counting()
    assert first.wait(1)
    assert first.status == "stopped"
    running(first)  # for if its picture still stands, its sliders still move it
    assert explore.panels() == [twin, other]
    first.stop()


def test_what_no_cell_made_is_let_alone(shell):
    panel = running(counting())
    make()
    assert panel.status.startswith("running")
    panel.stop()
    assert panel.wait(1)
    panel.close()


@pytest.mark.parametrize("names", [{"cell": "a"}, {"code": "explore(...)"}])
def test_runs_again_leave_nothing_behind(shell, names):
    figures, counts = [], []

    def noting(figure):
        figures.append(weakref.ref(figure))
        return draw(figure)

    for i in range(12):
        shell.run(**names)
        shell.user_ns["panel"] = shell.user_ns[f"_{i}"] = panel = make(drawing=noting)  # as Out does
        panel.children[0].value = 5
        counts.append(len(widgets))
    assert panel.wait()
    gc.collect()
    assert counts[-1] == counts[4]
    assert sum(figure() is not None for figure in figures) <= cells.GUESSED


def test_a_call_that_fails_leaves_nothing_behind(shell):
    counts = []
    for _ in range(5):
        shell.run("a")
        with pytest.raises(ZeroDivisionError):
            make(drawing=lambda figure: 1 / 0)
        counts.append(len(widgets))
    assert len(set(counts)) == 1


def test_sliders_that_something_else_uses_live_on(shell):
    shell.run("sliders")
    held, listed, shared, own = (FloatSlider(value=2, min=0, max=10) for _ in range(4))
    shell.user_ns.update(held=held, several=[listed], label=Label())
    shell.run("other")
    other = make(sliders={"value": shared})

    def four(a, b, c, d):
        yield a

    for again in range(2):
        shell.run("a")
        panel = make(four, sliders={"a": held, "b": listed, "c": shared, "d": own})
        assert [slider.comm is not None for slider in (held, listed, shared, own)] == [True] * 4, again
    shell.run("a")
    assert panel.wait()
    new = make()
    assert [slider.comm is not None for slider in (held, listed, shared, own)] == [True, True, True, False]
    held.value = shared.value = 7
    assert new.wait()
    assert other.wait()
    assert panel.status == "ready"  # the closed one doesn't answer any more
    assert panel.picture == b""


def test_a_closed_panel_shows_nothing_more(shell):
    before = set(widgets)
    shell.run("a")
    panel = running(counting())
    panel.close()
    assert set(widgets) == before
    assert explore.panels() == []
    panel.close()
    assert panel.wait(1)
    assert panel.picture == b""
