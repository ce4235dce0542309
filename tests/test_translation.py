"""Catalogs of translations: those that are finished are whole and right; lessons in another language are the same."""

import nbformat
import pytest
from babel.messages.catalog import Catalog, Message

from helpers import exercises, texts, translation
from tests.support import ROOT
from tools import catalog_rules, catalogs

FINISHED = (ROOT / "locale" / "zh_CN" / "FINISHED").read_text(encoding="utf-8").split()
STARTED = [name for name in catalogs.LESSONS if catalogs.place(name, "zh").exists()]
finished = pytest.mark.parametrize("lesson", FINISHED)


@finished
def test_a_finished_catalog_has_every_message_and_keeps_the_rules(lesson):
    found = catalogs.faults(lesson, "zh")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lesson", STARTED)
def test_a_lesson_in_chinese_is_the_english_one_but_for_its_texts(lesson):
    own = nbformat.from_dict(translation.notebook(lesson, "zh"))
    english = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4)
    nbformat.validate(own)
    assert [(cell.id, cell.cell_type, cell.metadata) for cell in own.cells] == [
        (cell.id, cell.cell_type, cell.metadata) for cell in english.cells
    ]
    for ours, theirs in zip(own.cells, english.cells, strict=True):
        if theirs.cell_type == "code":
            assert texts.skeleton("".join(ours.source)) == texts.skeleton(theirs.source)
            assert len(ours.outputs) == len(theirs.outputs)
            assert not any(text in str(ours.outputs) for text in ("you gave no", "Not tried yet", "are right so far"))


@pytest.fixture
def known(monkeypatch):
    """Let one caption and one task have translations."""
    caption = "Sixteen training images with their classes."
    task = exercises.in_lesson("00_start_here")[0].task
    words = {caption: "十六张训练图像和它们的类别。", task: "损失是多少？"}
    monkeypatch.setattr(translation, "translations", lambda lesson, language: words if language == "zh" else {})
    return words


def test_outputs_come_along_with_their_captions(known):
    own = str(translation.notebook("00_start_here", "zh"))
    english = str(translation.notebook("00_start_here", "en"))
    caption, ours, *_ = [*known, *known.values()][::2]
    assert english.count(caption) == own.count(ours) >= 4  # the code, the picture's words twice, and below it
    assert caption not in own


def test_what_helpers_say_in_outputs_comes_along_too():
    """As the code gives it: the English output is that of somebody who has not answered."""
    outputs = {cell["id"]: str(cell.get("outputs")) for cell in translation.notebook("00_start_here", "zh")["cells"]}
    assert "测得：2.33   (你没有预测)" in outputs["6019cf3d"]
    (checked,) = [text for text in outputs.values() if "start.guess" in text]
    assert "○ 还没有作答。 卡住了？试试 hint(" in checked
    assert "Stuck" not in checked


def test_feedback_speaks_the_language_that_was_chosen(monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    assert repr(exercises.check("start.guess", ...)) == "○ 还没有作答。 卡住了？试试 hint('start.guess')"
    assert repr(exercises.check("start.guess", 4.605)).startswith("✓ 对了。 每个类别得到 p = 1/100")
    assert "这里有 100 个" in exercises.check("start.guess", 2.302585).text
    assert "要的是：一个数；你给的是：形状为 (1, 2) 的一组数" in exercises.check("start.guess", [[1, 2]]).text
    assert exercises.hint("start.guess").text.startswith("第 1 条提示，共 2 条：100 个类别")
    assert "（简单，1 分钟）" in exercises.solution("start.guess").text
    with pytest.raises(ValueError, match="没有名为 'start.gess' 的练习；现有的练习是 "):
        exercises.hint("start.gess")


def test_exercises_speak_the_language_that_was_chosen(known, monkeypatch):
    original = exercises.find("start.guess")
    assert original.task in known
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    assert exercises.find("start.guess").task == "损失是多少？"
    assert exercises.find("start.guess").why == original.why
    assert "损失是多少？" in exercises.solution("start.guess").text


@pytest.mark.parametrize(
    ("english", "own", "fault"),
    [
        ("Set $x = 1$ here.", "令 $x = 2$。", "formulas differ"),
        ("Call `f`.", "调用 `g`。", "code differ"),
        ("See [it](a.ipynb).", "见 [它](b.ipynb)。", "links differ"),
        ("In 70,000 images.", "在 7,000 张图中。", "numbers differ"),
        ("Move η.", "移动它。", "symbols differ"),
        ("Eight of 10.", "10个里的八个。", "no space"),
        ("A word $x$ here.", "一个词$x$。", "no space"),
        ("Of 10.", "共 10 。", "a space beside"),
        ("Stop, then go.", "停,再走。", "half-width"),
        ("See `f`: it runs.", "见 `f`: 它在运行。", "half-width"),
        ("Your number.", "您的数。", "spelling"),
        ("Very *sure*.", "非常*确定*。", "emphasis"),
        ("**Stop.** Go.", "**停。**走。", "not shown"),
        ("**1. Count** (easy, 1 minute). How?", "**1. 数**（中等，1 分钟）。多少？", "easy is"),
        ("Draws it; you may skip this.", "画图，可跳过。", "must match"),
        ("The loss falls.", "它在下降。", "loss is"),
        ("Pooling.", "池化。", "not used"),
    ],
)
def test_the_rules_find(english, own, fault):
    assert any(fault in found for found in catalog_rules.faults(Message(english, own)))


@pytest.mark.parametrize(
    ("english", "own"),
    [
        ("**Predict.** The loss of 10 (see `f`): $x$?", "**预测**。10 的损失（见 `f`）：$x$？"),
        ("Shape (N, 10), 50% of it.", "形状为 (N, 10)，占 50%。"),
        (r"$$\text{data}\to x$$", r"$$\text{数据}\to x$$"),
        ("topk(3, dim=1) gives three.", "topk(3, dim=1) 给出三个。"),
    ],
)
def test_the_rules_let_pass(english, own):
    assert catalog_rules.faults(Message(english, own)) == []


def test_a_message_may_do_without_a_term_if_it_says_so():
    assert catalog_rules.faults(Message("At a loss.", "不知所措。", user_comments=["free: loss"])) == []


def test_an_update_keeps_translations_and_marks_those_whose_english_has_changed(monkeypatch, tmp_path):
    def lesson(*english):
        monkeypatch.setattr(
            catalogs, "messages", lambda name: [("paragraph", f"cell-{i}", t) for i, t in enumerate(english)]
        )
        return catalogs.update("00_made_up", "zh")

    monkeypatch.setattr(catalogs, "place", lambda name, language: tmp_path / f"{name}.po")
    same, old, gone = "It stays as it is here.", "Ten of the images are right.", "Something else altogether!"
    catalog = lesson(same, old, gone)
    for text, own in ((same, "不变。"), (old, "十张是对的。"), (gone, "别的。")):
        catalog[text].string = own
    with (tmp_path / "00_made_up.po").open("wb") as file:
        catalogs.write_po(file, catalog)
    new = "Nine of the images are right."
    lesson(same, new)
    written = (tmp_path / "00_made_up.po").read_bytes()
    catalog = lesson(same, new)
    assert (tmp_path / "00_made_up.po").read_bytes() == written
    assert isinstance(catalog, Catalog)
    assert {message.id: (message.string, message.fuzzy) for message in catalog if message.id} == {
        same: ("不变。", False),
        new: ("十张是对的。", True),
    }
    assert "Nine of the images" in "".join(catalogs.faults("00_made_up", "zh"))
