"""Each lesson in a real JupyterLab: run all cells, move a slider, see the picture change."""

import pytest

from tests.browser import lab
from tests.test_lessons import LESSONS


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with lab.running_lab(tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    with lab.browser() as chromium:
        yield chromium


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_lives(path, address, chromium):
    lesson = lab.Lesson(chromium, address(path.name))
    try:
        lesson.run_all(timeout=600)
        assert lesson.errors() == []
        handle = lesson.page.locator(".widget-slider .noUi-handle").first
        picture = lesson.page.locator("img.widget-image").first
        before = picture.get_attribute("src")
        handle.focus()
        handle.press("ArrowRight")
        lesson.page.wait_for_function(
            "([image, before]) => image.src != before", arg=[picture.element_handle(), before]
        )
        assert lesson.console == []
    finally:
        lesson.close()
