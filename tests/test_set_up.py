"""Setting up for real, with one tiny package: in odd folders, with the user's own settings, twice at once, in vain."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.faults import assert_sentence
from tests.support.tiny import TinyCourse, make_wheel

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the faults are made by means of POSIX")
ODD = "我的 课程 $x {y} a'b"  # what an installer may take for a variable, a field, two words or a quote
ELSEWHERE = {"PREFIX": "there", "ROOT": "there", "TARGET": "there", "SRC": "there"}
OTHERWISE = {"USER": "1", "DRY_RUN": "1", "REQUIRE_HASHES": "1", "PYTHON": "/no/python", "REQUIRE_VIRTUALENV": "1"}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    return make_wheel(tmp_path_factory.mktemp("shop") / "wheels")


@pytest.fixture
def course(tmp_path, wheels):
    return TinyCourse(tmp_path / "course", wheels)


@pytest.fixture(scope="module")
def ready(tmp_path_factory, wheels):
    """A course in an odd folder that is set up; the test that uses it leaves it so."""
    course = TinyCourse(tmp_path_factory.mktemp("odd") / ODD, wheels)
    status, printed, errors = course.start()
    assert status == 0, printed + errors
    assert "Setting up the course in" in printed
    assert errors == ""
    return course


def assert_runs(course, started):
    status, printed, errors = started
    assert status == 0, printed + errors
    assert f"tiny runs from {course.folder}/.venv/" in printed
    return printed, errors


def test_it_works_in_an_odd_folder_and_later_starts_install_nothing(ready):
    printed, errors = assert_runs(ready, ready.start())
    assert printed.startswith("tiny runs")
    assert errors == ""


@pytest.mark.parametrize("form", ["variables", "a file"])
def test_settings_of_pip_that_lead_elsewhere_do_not_count(form, course, tmp_path):
    settings = {
        name: str(tmp_path / value) if value == "there" else value for name, value in (ELSEWHERE | OTHERWISE).items()
    }
    if form == "variables":
        own = {f"PIP_{name}": value for name, value in settings.items()}
    else:
        lines = [f"{name.lower().replace('_', '-')} = {value}" for name, value in settings.items()]
        (tmp_path / "pip.conf").write_text("\n".join(["[install]", *lines, "[global]", "no-index = 1"]))
        own = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_NO_INDEX": "0"}
    assert_runs(course, course.start(**own))
    assert not (tmp_path / "there").exists()


def test_a_setting_of_where_packages_come_from_counts(course, tmp_path):
    """Here one that has none: the wheels are found in the file only."""
    (tmp_path / "pip.conf").write_text(f"[install]\nfind-links =\n  /no/such/folder\n  {course.wheels}\n")
    assert_runs(course, course.start(PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), PIP_FIND_LINKS=""))


def test_a_moved_course_goes_on_without_installing(ready):
    home = ready.folder
    ready.folder = home.with_name("moved")
    home.rename(ready.folder)
    try:
        printed, _ = assert_runs(ready, ready.start(PIP_FIND_LINKS=""))
        assert printed.startswith("tiny runs")
        packages = next((ready.folder / ".venv" / "lib").glob("python*/site-packages"))
        assert (packages / "course.pth").read_text(encoding="utf-8") == str(ready.folder)
    finally:
        ready.folder.rename(home)
        ready.folder = home


@pytest.mark.parametrize("change", ["pyproject.toml", "constraints.txt", "course.py"])
def test_a_changed_file_that_names_no_package_installs_nothing(change, ready):
    path = ready.folder / change
    before = path.read_bytes()
    path.write_bytes(before + b"\n# changed\n")
    assert assert_runs(ready, ready.start(PIP_FIND_LINKS=""))[0].startswith("tiny runs")
    path.write_bytes(before)


def test_changed_requirements_that_are_met_need_no_network(ready):
    ready.require("tiny>=0.5,<2")
    printed, errors = assert_runs(ready, ready.start(PIP_FIND_LINKS=""))
    assert printed.startswith("Updating")
    assert errors == ""
    ready.require("tiny>=1,<2")
    assert_runs(ready, ready.start(PIP_FIND_LINKS=""))


def test_an_update_that_fails_leaves_what_is_there(ready):
    ready.require("tiny>=1.5,<2")
    for _ in range(2):
        _, errors = assert_runs(ready, ready.start())
        assert_sentence(
            errors, "Installing failed: ERROR: ", "tiny<2,>=1.5", "Going on with the packages that are here."
        )
    ready.require("tiny>=1,<2")
    printed, errors = assert_runs(ready, ready.start())
    assert printed.startswith("tiny runs")
    assert errors == ""


def test_an_update_in_place(course, tmp_path):
    assert_runs(course, course.start())
    make_wheel(course.wheels.parent / "newer", "1.5", "print('tiny runs from', __file__, 'newer')")
    course.require("tiny>=1.5,<2")
    course.wheels = course.wheels.parent / "newer"
    printed, _ = assert_runs(course, course.start())
    assert "newer" in printed


OTHERS = sorted(Path.home().glob(".pyenv/versions/3.1[1-4]*/bin/python"))


@pytest.mark.skipif(len(OTHERS) < 2, reason="there is one Python only")
def test_another_python_uses_the_environment_that_is_there(ready):
    other = next(path for path in OTHERS if path.resolve() != Path(sys.executable).resolve())
    process = ready.begin(python=str(other), PIP_FIND_LINKS="")
    assert process.communicate(timeout=60)[0].startswith("tiny runs")


def replace_python(course, target):
    """Let the environment's Python be another program, as after an upgrade of the system; return how to undo it."""
    links = [path for path in (course.folder / ".venv" / "bin").glob("python*") if path.is_symlink()]
    before = [os.readlink(path) for path in links]

    def point(targets):
        for path, to in zip(links, targets, strict=True):
            path.unlink()
            path.symlink_to(to)

    point([target] * len(links))
    return lambda: point(before)


@pytest.mark.parametrize("python", ["/bin/false", *map(str, OTHERS[-1:])])
def test_without_a_network_an_environment_whose_python_has_changed_is_not_lost(python, ready):
    undo = replace_python(ready, python)
    status, _, errors = ready.start(PIP_FIND_LINKS="")
    assert status == 1
    assert_sentence(errors, "Installing failed", "then start again")
    undo()
    assert assert_runs(ready, ready.start(PIP_FIND_LINKS=""))[0].startswith("tiny runs")


def test_an_environment_whose_python_is_gone_is_made_anew(course):
    assert_runs(course, course.start())
    replace_python(course, "/no/such/python")
    assert "Setting up" in assert_runs(course, course.start())[0]
    assert not (course.folder / ".venv-old").exists()
    # Nor does half of an installation count, as a killed pip leaves it: files, but no RECORD of them.
    next(course.folder.glob(".venv/lib/python*/site-packages/tiny-*/RECORD")).unlink()
    (course.folder / ".venv" / "installed").unlink()
    assert "Setting up" in assert_runs(course, course.start())[0]


def test_installed_but_not_importable_is_told_and_not_stamped(course, tmp_path):
    course.wheels = make_wheel(tmp_path / "broken", code="")
    (module,) = (tmp_path / "broken").glob("*.whl")
    subprocess.run([sys.executable, "-c", BREAK, str(module)], check=True)
    status, _, errors = course.start()
    assert status == 1
    assert_sentence(errors, "What requirements.txt names was installed", "ImportError: no libtiny")
    assert not course.stamped


BREAK = """
import sys, zipfile
files = {name: zipfile.ZipFile(sys.argv[1]).read(name) for name in zipfile.ZipFile(sys.argv[1]).namelist()}
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, content in files.items():
        wheel.writestr(name, b"raise ImportError('no libtiny')" if name == "tiny.py" else content)
"""


def test_a_path_that_no_environment_can_have_is_told(tmp_path, wheels):
    status, _, errors = TinyCourse(tmp_path / "a:b", wheels).start()
    assert status == 1
    assert_sentence(errors, "Python could not make", "its path holds a ':'", "move the course")


@pytest.mark.parametrize("delay", [0, 2])
def test_of_two_first_starts_one_waits_for_the_other(delay, course):
    first = course.begin()
    time.sleep(delay)
    second = course.begin()
    ended = [(*process.communicate(timeout=120), process.returncode) for process in (first, second)]
    for printed, errors, status in ended:
        assert status == 0, errors
        assert "tiny runs from" in printed
        assert errors == ""
    assert sum("Setting up" in printed for printed, _, _ in ended) == 1
    if delay == 0:
        assert sum("waiting until it is done" in printed for printed, _, _ in ended) == 1


def test_a_killed_start_gives_the_lock_back_and_the_next_one_repairs(course):
    first = course.begin()
    assert "Setting up" in first.stdout.readline()
    time.sleep(0.5)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert not course.stamped
    assert "Setting up" in assert_runs(course, course.start())[0]


def test_a_read_only_course_that_was_never_set_up_is_told(tmp_path, wheels):
    course = TinyCourse(tmp_path / "course", wheels)
    shutil.rmtree(course.folder / ".venv", ignore_errors=True)
    (course.folder / ".venv.lock").mkdir()  # no user can open it to write
    status, _, errors = course.start()
    assert status == 1
    assert_sentence(errors, "cannot be set up in", "copy it into a folder of your own")
