"""The first lesson in Chinese, in a JupyterLab that speaks Chinese, as `course.py lab --language zh` opens it."""

import re

import pytest
from playwright.sync_api import expect

from tests.support import lab

FIRST = "00_start_here.ipynb"
FINISHED = re.compile("^走完了 [0-9]+ 步$")


@pytest.fixture(scope="module")
def lesson(chromium, tmp_path_factory):
    with lab.running_lab(tmp_path_factory.mktemp("chinese"), language="zh") as address:
        lesson = lab.Lesson(chromium, address(FIRST))
        yield lesson
        lesson.close()


def test_the_lesson_and_all_around_it_speak_chinese(lesson):
    expect(lesson.page.get_by_role("menuitem", name="文件")).to_be_visible()
    expect(lesson.page.locator(".jp-Notebook h1").first).to_contain_text("从这里开始")
    lesson.run_all()
    assert lesson.errors() == []
    (panel,) = lesson.panels()
    expect(panel.status).to_have_text(FINISHED)
    press_both_buttons(panel)
    before = panel.ask("hash(panel.picture)")
    panel.controls.first.press("Home")
    assert panel.wait()
    expect(panel.status).to_have_text(FINISHED)
    assert panel.ask("hash(panel.picture)") != before
    assert panel.shows_its_picture()
    answer_wrongly(lesson)
    assert lesson.console == []


def press_both_buttons(panel):
    """Start a run that will not get far, and stop it."""
    panel.set_pause(60)
    panel.press("运行")
    expect(panel.status).to_have_text(re.compile("^正在运行，第 [0-9]+ 步$"))
    panel.press("停止")
    expect(panel.status).to_have_text("已停止")
    panel.set_pause(0)


def answer_wrongly(lesson):
    """Give an exercise the answer of those who take what the lesson said before, and see what `check` says."""
    cell = lesson.place_of("loss_of_a_guess = ...")
    lesson.write(cell, 'check("start.guess", 2.302585)')
    lesson.run_cell(cell)
    expect(lesson.output(cell)).to_contain_text("✗ 还不对。 这是十个类别的损失")
