"""One JupyterLab and one Chromium for all browser tests that one worker of xdist runs."""

import os

import pytest

import course
from tests.support import lab


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def address(folder):
    with lab.running_lab(folder) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    """Return the browser. Without one, the tests that need it are left out, and pytest's last lines say so."""
    try:
        with lab.browser() as chromium:
            yield chromium
    except course.CourseError as error:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(f"The browser tests did not run: {error}")


@pytest.fixture(scope="session")
def page(chromium, address):
    """Return a function that opens a notebook of the lab: all in one page, for loading JupyterLab takes seconds."""
    lessons = []

    def show(name):
        if lessons:
            lessons[0].show(name)
        else:
            lessons.append(lab.Lesson(chromium, address(name)))
        return lessons[0]

    yield show
    for lesson in lessons:
        lesson.page.close()


@pytest.fixture
def opened(page):
    """Return the same function; the notebooks are closed after the test."""
    lessons = []

    def opened(name):
        lessons.append(page(name))
        return lessons[-1]

    yield opened
    for lesson in lessons:
        lesson.close_notebooks()
