"""A bundle of one tiny package, carried to a computer that has no index of packages."""

import os
import shutil

import pytest

from tests.support import ROOT
from tests.support.faults import assert_sentence
from tests.support.tiny import START, TinyCourse, make_wheel

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the tiny course is made by means of POSIX")
BUNDLE = START.replace('course.run(["tiny"])', 'course.bundle(["bundle", *sys.argv[2:]])')
NOWHERE = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return make_wheel(tmp_path_factory.mktemp("shop") / "wheels")


def bundle(shop, home, *arguments):
    """Bundle a tiny course that lies in `home`; return (status, errors)."""
    course = TinyCourse(home, shop)
    (home / "classroom").mkdir(exist_ok=True)
    shutil.copy(ROOT / "classroom" / "bundle.py", home / "classroom")
    process = course.begin(script=BUNDLE, arguments=arguments)
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def test_a_copy_of_it_is_set_up_without_an_index(shop, tmp_path):
    status, errors = bundle(shop, tmp_path / "course", str(tmp_path / "stick"))
    assert status == 0, errors
    assert not list((tmp_path / "stick").glob(".venv*"))
    (tmp_path / "stick").rename(tmp_path / "我的 课程 a'b")
    copy = TinyCourse(tmp_path / "我的 课程 a'b", shop)
    status, printed, errors = copy.start(**NOWHERE)
    assert status == 0, printed + errors
    assert f"tiny runs from {copy.folder}/.venv/" in printed
    assert "asking the index" not in printed


def test_wheels_that_do_not_fit_are_told_and_the_index_asked(shop, tmp_path):
    copy = TinyCourse(tmp_path / "copy", shop)
    (tmp_path / "copy" / "wheels").mkdir()
    (tmp_path / "copy" / "wheels" / "tiny-1.0-py2-none-win32.whl").touch()
    status, printed, errors = copy.start(**NOWHERE)
    assert status == 1
    assert "do not do here (ERROR: " in printed
    assert_sentence(errors, "Installing failed")


def test_a_folder_within_the_course_is_refused(shop, tmp_path):
    status, errors = bundle(shop, tmp_path / "course", str(tmp_path / "course" / "stick"))
    assert status == 1
    assert_sentence(errors, "lies in the course itself")
