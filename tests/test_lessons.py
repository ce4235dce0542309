"""Rules over the notebook files that nbval does not see, and the rules of CONTRIBUTING.md."""

import itertools
import re
import statistics

import nbformat
import pytest

from helpers.exercises import in_lesson
from tests.support import LESSONS, ROOT

TAGS = {"nbval-ignore-output"}
lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def text(path):
    return "\n".join(cell.source for cell in cells(path, "markdown"))


@lesson
def test_the_file_is_valid_and_carries_no_widget_state(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    assert "vnd.jupyter.widget-view" not in path.read_text(encoding="utf-8")


@lesson
def test_every_cell_was_run_in_order_and_kept_its_output(path):
    """nbval does not compare the count, and passes anything for a cell without outputs."""
    code = cells(path, "code")
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        last = cell.source.strip().splitlines()[-1]
        shows = last.startswith(("print(", "explore(", "check(", "plots.show("))
        assert cell.outputs or not shows, f"no output stored for: {last}"


@lesson
def test_no_output_is_an_error_or_a_warning(path):
    for cell in cells(path, "code"):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output


@lesson
def test_only_known_tags_and_no_hiding_places(path):
    """An expected error is caught in the cell: nbval's raises-exception passes when nothing raises."""
    for cell in cells(path, "code"):
        assert set(cell.metadata.get("tags", [])) <= TAGS
        assert not re.search(r"^\s*[%!]|#\s*(NBVAL|PYTEST)", cell.source, re.MULTILINE), cell.source
        assert not cell.source.rstrip().endswith(";"), cell.source


def folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


@lesson
def test_folded_code_says_what_it_draws_and_that_it_may_be_skipped(path):
    for cell in cells(path, "code"):
        if folded(cell):
            assert re.match(r"# (Draws|Counts|Measures) .+; you may skip this\.$", cell.source.splitlines()[0]), (
                cell.source
            )


@lesson
def test_cells_are_short(path):
    """Without the folded ones, which nobody needs to read."""
    code = [cell for cell in cells(path, "code") if not folded(cell)]
    lines = [sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in code]
    assert max(lines) <= 20
    assert statistics.median(lines) <= 6
    assert len(lines) < 25


@lesson
def test_a_prediction_is_taken_and_set_beside_the_outcome(path):
    sources = [cell.source for cell in cells(path, "code")]
    taken = [
        name for source in sources if "check(" not in source for name in re.findall(r"^(\w+) = \.\.\.", source, re.M)
    ]
    assert taken
    for name in taken:
        shown = [source for source in sources if re.search(r"\b(beside|mark|number)\(", source)]
        assert any(re.search(rf"\b{name}\b", source) for source in shown), name


@lesson
def test_every_picture_has_a_text_alternative(path):
    for cell in cells(path, "code"):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                assert len(data["text/plain"]) > 30
                assert "Figure(" not in data["text/plain"]


@lesson
def test_every_picture_has_its_words_under_it(path):
    """Most pages that a notebook is turned into drop text alternatives."""
    for cell in cells(path, "code"):
        for output, below in itertools.pairwise([*cell.outputs, {}]):
            if "image/png" in output.get("data", {}):
                assert "text/markdown" in below.get("data", {}) or below.get("output_type") == "stream", cell.source


@lesson
def test_stored_outputs_name_no_machine(path):
    """Neither a place in somebody's file system nor an address in memory."""
    for cell in cells(path, "code"):
        for output in cell.outputs:
            printed = str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
            assert not re.search(r"/home/|/root/|/Users/|/work/|/tmp/|site-packages|at 0x[0-9a-f]{6}", printed), printed


@lesson
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text(path)):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@lesson
def test_exercises_are_those_of_the_lesson(path):
    """Each exercise of the lesson's file is asked once, with its difficulty and minutes in the text."""
    asked = re.findall(r'^check\("([\w.]+)"', "\n".join(c.source for c in cells(path, "code")), re.MULTILINE)
    own = in_lesson(path.stem)
    assert asked == [exercise.name for exercise in own]
    assert len(own) >= 3
    stated = re.findall(r"^\*\*\d+\. [^*]+\*\* \((easy|medium|hard), (\d+) minutes?\)", text(path), re.MULTILINE)
    assert stated == [(exercise.difficulty, str(exercise.minutes)) for exercise in own]


@lesson
def test_a_lesson_says_what_it_is_and_ends(path):
    first, *_, last = [cell.source for cell in cells(path, "markdown")]
    assert re.match(rf"# {int(path.stem[:2])} · ", first)
    assert re.search(r"\d+ minutes", first)
    assert "in three lines" in last.lower()
    assert len(re.findall(r"^- ", last, re.MULTILINE)) == 3


@pytest.mark.parametrize("table", ["README.md", "README.zh.md", "notebooks/00_start_here.ipynb"])
def test_the_tables_of_lessons_tell_the_minutes_of_the_lessons(table):
    """Both tables name every lesson, README also lesson 0, with its own minutes."""
    told = re.findall(r"\((?:notebooks/)?(\d\d_\w+)\.ipynb\).*\| (\d+) \|", (ROOT / table).read_text(encoding="utf-8"))
    own = [(path.stem, re.search(r"(\d+) minutes", text(path))[1]) for path in LESSONS]
    assert told == own[len(own) - len(told) :]
    assert len(own) - len(told) <= 1
