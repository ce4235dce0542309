"""What of a cell is text, and that putting other text in its place changes nothing else."""

import nbformat
import pytest

from helpers import texts
from tests.support import LESSONS

MARKDOWN = """\
## Two words
A paragraph that is
wrapped, with $x = 1$.
- An item
  of two lines
- `code`
1. Another

| a row | 2 |
|---|---|
$$x = 1$$
$$\\text{data} \\to x$$
```python
verbatim = 1
```
"""
CODE = """\
# Counts what is there;
# it may be skipped.
def count(things):
    \"\"\"Count.\"\"\"
    return len(things)  # none is 0


plots.show(figure, "Below: " "η.")  # (N, 10)
explore(run, draw, caption="A picture.", eta=FloatSlider(description="η speed"), mode="# fast")
raise FloatingPointError(f"at η = {eta:g} it is gone")
"""


def found(cell_type, source):
    return [(piece.kind, piece.text) for piece in texts.pieces(cell_type, source)]


def test_the_messages_of_markdown():
    assert found("markdown", MARKDOWN) == [
        ("heading", "Two words"),
        ("paragraph", "A paragraph that is wrapped, with $x = 1$."),
        ("list item", "An item of two lines"),
        ("list item", "Another"),
        ("table row", "| a row | 2 |"),
        ("formula", "$$\\text{data} \\to x$$"),
    ]


def test_the_messages_of_code():
    assert found("code", CODE) == [
        ("comment", "Counts what is there; it may be skipped."),
        ("docstring", "Count."),
        ("comment", "none is 0"),
        ("caption", "Below: η."),
        ("caption", "A picture."),
        ("description", "η speed"),
        ("end of a run, with {values}", "at η = {eta:g} it is gone"),
    ]


def test_a_translation_takes_the_place_of_its_text_alone():
    own = {"Two words": "两个词", "An item of two lines": "一项", "Another": "又一项"}
    changed = texts.replaced("markdown", MARKDOWN, own)
    expected = MARKDOWN.replace("Two words", "两个词").replace("An item\n  of two lines", "一项")
    assert changed == expected.replace("Another", "又一项")
    own = {"Counts what is there; it may be skipped.": "数一数。", "Count.": "数。", "Below: η.": '下："η"。'}
    own |= {"at η = {eta:g} it is gone": "η = {eta:g} 时没有了"}
    lines = texts.replaced("code", CODE, own).splitlines()
    assert lines[0] == "# 数一数。"
    assert lines[2] == '    """数。"""'
    assert lines[6] == 'plots.show(figure, "下：\\"η\\"。")  # (N, 10)'
    assert lines[7:] == [CODE.splitlines()[8], 'raise FloatingPointError(f"η = {eta:g} 时没有了")']


def test_other_code_has_another_skeleton():
    assert texts.skeleton("f(1)  # one") == texts.skeleton("f(1)")
    assert texts.skeleton('f(caption="one")') == texts.skeleton('f(caption="two")')
    assert texts.skeleton('f(mode="one")') != texts.skeleton('f(mode="two")')
    assert texts.skeleton('f(caption=f"one {x}")') == texts.skeleton('f(caption=f"{x} two")')
    assert texts.skeleton('f(caption=f"one {x}")') != texts.skeleton('f(caption=f"one {y}")')


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_text_that_took_the_place_of_other_is_found_again(path):
    for cell in nbformat.read(path, as_version=4).cells:
        pieces = texts.pieces(cell.cell_type, cell.source)
        marked = {
            piece.text: f"word {piece.text} word" for piece in pieces if piece.kind not in ("table row", "formula")
        }
        changed = texts.replaced(cell.cell_type, cell.source, marked)
        assert [piece.text for piece in texts.pieces(cell.cell_type, changed)] == [
            marked.get(piece.text, piece.text) for piece in pieces
        ]
        if cell.cell_type == "code":
            assert texts.skeleton(changed) == texts.skeleton(cell.source)
