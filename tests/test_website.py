"""The course as a web page, before a browser sees it: places of controls, recordings, cells. More: browser/."""

import json

import pytest
from ipywidgets import Checkbox, Dropdown, FloatLogSlider, FloatSlider, IntSlider, IntText, SelectionSlider
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from PIL import Image

from helpers import explore, predict
from tests.support import ROOT
from tests.support.dots import make
from tools.website import record
from tools.website.making import index
from tools.website.pages import Page, with_links
from tools.website.places import control, levels
from tools.website.record import FRAMES, Recorder
from tools.website.search import Chinese


@pytest.mark.parametrize(
    ("widget", "kind", "labels", "start"),
    [
        (Checkbox(value=True), "checkbox", ["no", "yes"], 1),
        (Dropdown(options=["XOR", "ring"], value="ring"), "select", ["XOR", "ring"], 1),
        (SelectionSlider(options=[("conv1", 0), ("conv2", 3)], value=3), "range", ["conv1", "conv2"], 1),
        (IntSlider(min=1, max=5, step=2, value=3), "range", ["1", "3", "5"], 1),
        (FloatSlider(min=0.5, max=1.5, step=0.5, value=1.5), "range", ["0.50", "1.00", "1.50"], 2),
        (FloatLogSlider(min=-1, max=1, step=1, value=1), "range", ["0.1", "1", "10"], 1),
    ],
)
def test_a_control_keeps_its_places(widget, kind, labels, start):
    found = control(widget)
    assert (found.kind, found.labels, found.start) == (kind, labels, start)
    assert found.values[start] == pytest.approx(widget.value)


def test_a_control_that_no_page_can_have_is_named():
    with pytest.raises(TypeError, match="a panel with a IntText can't be recorded"):
        control(IntText())


def test_a_long_slider_keeps_its_ends_its_start_and_round_values():
    found = control(IntSlider(min=1, max=512, value=128), most=8)
    assert found.values == [1, 100, 128, 200, 300, 400, 500, 512]
    assert found.values[found.start] == 128


def test_each_control_moves_alone_first_then_pairs_then_all_together_ever_finer():
    controls = [control(IntSlider(min=0, max=9, value=2)), control(Checkbox())]
    alone, pairs, coarse, *_, all_of_them = levels(controls)
    assert set(alone) == {*((place, 0) for place in range(10)), (2, 0), (2, 1)}
    assert coarse == [(place, ticked) for place in (0, 2, 4, 6, 8, 9) for ticked in (0, 1)]
    assert pairs == coarse  # as there are but two
    assert len(all_of_them) == 20
    three = [control(IntSlider(min=0, max=2)) for _ in range(3)]
    assert {sum(place > 0 for place in position) for position in list(levels(three))[1]} == {0, 1, 2}


@pytest.fixture
def recorded(monkeypatch, tmp_path):
    """Return a function that makes a panel of dots, and gives its description and its folder."""
    monkeypatch.setattr(predict, "mark", predict.mark)  # put back after the test

    def recorded(*arguments, name="a", **options):
        recorder = Recorder(tmp_path / name, preview=False, tell=lambda text: None)
        monkeypatch.setattr(explore, "listeners", [recorder])
        make(*arguments, **options)
        return json.loads(json.dumps(recorder.panels[0])), tmp_path / name / "0"

    return recorded


def steps(last):
    """Change one state in place, and diverge beyond 40."""
    state = [0]
    for state[0] in range(last + 1):
        if state[0] > 40:
            raise FloatingPointError("too far")
        yield state


def draw(figure):
    axes = figure.subplots()
    axes.set(xlim=(0, 50), ylim=(0, 1))
    predict.mark(axes, ..., upright=True)
    (dot,) = axes.plot([], [], "o")

    def update(state):
        dot.set_data(state, [0.5])
        return (dot,)

    return update


def test_a_recording_plays_each_run_as_the_panel_would(recorded):
    panel, folder = recorded(steps, draw, sliders={"last": IntSlider(value=3, min=0, max=60)})
    assert panel["runs"]["0"] == [0, 1, None]
    assert panel["runs"]["3"] == [200, 4, None]
    assert panel["runs"]["60"][1:] == [41, "too far"]
    frames = {place: Image.open(folder / f"{place}.webp").n_frames for place in (0, 3, 60)}
    assert frames[0] == 1
    assert frames[3] == 4  # each step another picture, though the state is one list
    assert FRAMES <= frames[60] <= 2 * FRAMES + 1
    assert Image.open(folder / "60-end.webp").n_frames == 1  # for who asked for less motion
    assert not (folder / "0-end.webp").exists()
    assert Image.open(folder / "still.webp").size == Image.open(folder / "60.webp").size
    (mark,) = panel["marks"]
    assert mark["ends"] == [0, 50]
    assert mark["upright"]


def test_the_same_seed_gives_the_same_recording(recorded):
    options = {"sliders": {"last": IntSlider(value=3, min=0, max=9)}}
    (first, one), (second, other) = (recorded(steps, draw, name=name, **options) for name in "ab")
    assert first == second
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in other.iterdir()
    }


def test_combinations_are_recorded_as_far_as_there_is_room(recorded, monkeypatch):
    sliders = {name: IntSlider(value=2, min=0, max=9) for name in ("value", "other")}

    def still(value, other):
        yield value

    numbers = []
    for most in (150, 50, 20):
        monkeypatch.setattr(record, "MOST", most)
        panel, _ = recorded(still, sliders=sliders, name=str(most))
        numbers.append(len(panel["runs"]))
    assert numbers == [100, 44, 19]


def test_a_panel_whose_runs_are_large_has_fewer_places(recorded, monkeypatch):
    def still(value):
        yield value

    slider = IntSlider(value=2, min=0, max=60)
    counts = []
    for room in (1e6, 5e4):
        monkeypatch.setattr(record, "ROOM", room)
        panel, folder = recorded(still, sliders={"value": slider}, name=str(room))
        counts.append(len(panel["runs"]))
    assert counts[0] == 61
    assert record.FEW <= counts[1] < 40
    assert {path.stem for path in folder.iterdir()} == {"still", *panel["runs"]}


@pytest.mark.parametrize(("dear", "dearest", "most"), [(60, 60, 61), (0, 60, record.FEW), (0, 0, record.ENDS)])
def test_a_panel_whose_runs_are_dear_has_fewer_places(dear, dearest, most, recorded, monkeypatch):
    monkeypatch.setattr(record, "DEAR", dear)  # seconds of a core
    monkeypatch.setattr(record, "DEAREST", dearest)
    panel, _ = recorded(steps, draw, sliders={"last": IntSlider(value=0, min=0, max=60)})
    assert len(panel["runs"]) <= most
    assert (len(panel["runs"]) == 61) == (most == 61)
    assert panel["controls"][0]["labels"][-1] == "60"


@pytest.fixture
def page(tmp_path):
    """Return a function that turns cells into those of a page without panels."""
    turn = Page([], tmp_path, "lessons/x", {"01_minibatch_sgd.ipynb"}, known={})
    return lambda *cells: [new for cell in cells for new in turn.cells(from_dict(cell))]


def test_a_prediction_gets_a_field_and_its_place_beside_the_outcome(page):
    measured = new_output("execute_result", {"text/plain": "measured: 0.24   (you gave no prediction)"})
    cells = (
        new_code_cell("prediction = ...  # between 0 and 1", id="asks"),
        new_code_cell("beside(prediction, narrow)", outputs=[measured]),
    )
    field, outcome = page(*cells)
    assert field.cell_type == "markdown"
    assert '<input type="number" step="any" id="prediction-asks"' in field.source
    assert "between 0 and 1" in field.source
    shown = outcome.outputs[0].data["text/html"]
    assert shown == '<pre>measured: 0.24   (<span data-field="prediction-asks">you gave no prediction</span>)</pre>'


def test_code_that_stands_above_a_question_stays(page):
    code, field = page(new_code_cell("from helpers.predict import beside\n\nhalf = ...", id="asks"))
    assert code.source == "from helpers.predict import beside"
    assert 'id="half-asks"' in field.source


def test_each_of_several_outcomes_finds_its_own_prediction(page):
    text = "few: measured: 1 (you gave no prediction)\nmany: measured: 2 (you gave no prediction)\n"
    cells = (
        new_code_cell("few = ...\nmany = ...", id="asks"),
        new_code_cell("for p in (few, many):\n    print(beside(p, 1))", outputs=[new_output("stream", text=text)]),
    )
    shown = page(*cells)[1].outputs[0].data["text/html"]
    assert shown.index('data-field="few-asks"') < shown.index('data-field="many-asks"')


def test_an_outcome_without_its_prediction_is_an_error(page):
    text = "measured: 1 (you gave no prediction)"
    with pytest.raises(ValueError, match=r"shows 1 outcomes, but names the predictions \[\]"):
        page(new_code_cell("beside(other, 1)", outputs=[new_output("stream", text=text)]))


def test_an_exercise_folds_its_hints_and_its_solution(page):
    (cell,) = page(new_code_cell('steps = ...\ncheck("sgd.steps", steps)'))
    shown = cell.outputs[0].data["text/html"]
    assert shown.count("<details>") == 3
    assert "<summary>Hint 1 of 2</summary>" in shown
    assert "469" in shown.partition("<summary>Solution</summary>")[2]
    assert "To have your answer checked, open this lesson in JupyterLab" in shown


def test_the_map_of_exercises_is_not_on_a_page(page):
    assert page(new_code_cell("from helpers.exercises import progress\n\nprogress()")) == []


def test_folded_code_stays_folded_under_its_first_line(page):
    cell = new_code_cell("# Draws a shoe; you may skip this.\nx = 1", metadata={"jupyter": {"source_hidden": True}})
    (cell,) = page(cell)
    assert cell.metadata["tags"] == ["hide-input"]
    assert cell.metadata["mystnb"]["code_prompt_show"] == "Draws a shoe"


def test_links_lead_to_pages_or_are_words(page):
    (cell,) = page(
        new_markdown_cell("[next](01_minibatch_sgd.ipynb) [data](../data/README.md) [web](https://pytorch.org)")
    )
    assert cell.source == "[next](01_minibatch_sgd.ipynb) data [web](https://pytorch.org)"
    assert with_links("[here](#idea)", set()) == "[here](#idea)"


def test_a_page_in_chinese_takes_the_same_recording(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    known = {"A dot.": "一个点。", "last": "最后"}
    controls = [{"kind": "range", "label": "last", "labels": ["0", "9"], "start": 0}]
    runs = {"0": [0, 1, None], "1": [200, 4, "too far"]}
    panel = {"cell": "a", "caption": "A dot.", "width": 7, "height": 3, "controls": controls, "marks": [], "runs": runs}
    shown = new_output("display_data", {"text/plain": "Panel(last=0): 一个点。", "image/png": ""})
    page = Page([panel], tmp_path, "../lessons/x", set(), known)
    (cell,) = page.cells(new_code_cell("explore()", id="a", outputs=[shown]))
    player = cell.outputs[0].data["text/html"]
    for text in (
        "一个点。",
        ">最后</label>",
        "就绪",
        "第 4 步之后发散：too far",
        "运行",
        '"../lessons/x/0/still.webp"',
    ):
        assert text in player
    assert "A dot." not in player


def test_each_two_chinese_characters_are_a_word_for_the_search():
    words = Chinese({}).split("过拟合与 AlexNet 的 dropout，核")
    assert {"过拟", "拟合", "核", "AlexNet", "dropout"} <= set(words)
    assert "合与 AlexNet" not in words


def test_the_first_page_has_the_table_of_lessons_in_its_language(monkeypatch):
    lesson = ROOT / "notebooks" / "01_minibatch_sgd.ipynb"
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    page = index([lesson], [], "zh")
    assert "| [1 · 小批量随机梯度下降](01_minibatch_sgd.ipynb) | 1 |" in page
    assert "| 2 · 反向传播 | 2 |" in page
    assert "python3 course.py lab --language zh" in page
    assert '<a href="../README.html" lang="en" hreflang="en">A class</a>' in page
