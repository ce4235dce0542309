"""course.py: what it does before anything is installed."""

import ast
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import course
from tests.support import ROOT


def test_it_needs_the_standard_library_only_and_an_old_python_can_read_it():
    for name in ("course.py", "helpers/__init__.py", "helpers/language.py"):
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 7))
        nodes = list(ast.walk(tree))
        imported = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        assert imported - {"classroom", "helpers"} <= sys.stdlib_module_names  # which are beside it


def test_without_a_command_it_explains_itself():
    run = subprocess.run([sys.executable, "course.py"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert "course.py lab" in run.stdout


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 15, 0)])
def test_another_python_gets_one_sentence(version, monkeypatch):
    monkeypatch.setattr(course.sys, "version_info", version)
    with pytest.raises(course.CourseError, match=r"needs Python 3\.11 to 3\.14, but this is Python 3\.\d+\.\d+"):
        course.main(["lab"])


def test_a_port_that_cannot_be_is_told():
    with pytest.raises(course.CourseError, match="Port 70000 cannot be used .*--port"):
        course.main(["lab", "--port", "70000"])


@pytest.fixture
def started(monkeypatch):
    """What course.py would start, in an environment that is there."""
    commands = []

    def run(command, **options):
        commands.append((command, options))
        return 0

    monkeypatch.setattr(course, "set_up", lambda *lists: None)
    monkeypatch.setattr(course, "run", run)
    return commands


def test_the_lab_opens_the_first_lesson_and_keeps_its_token(started):
    course.main(["lab", "--no-browser", "--port", "8899"])
    ((command, _),) = started
    assert command[:2] == ["jupyterlab", "notebooks/00_start_here.ipynb"]
    assert {"--no-browser", "--port=8899"} <= set(command)
    assert not any("token" in word or "password" in word for word in command)


def test_arguments_reach_pytest_and_the_command_line_each_in_its_folder(started):
    course.main(["test", "-k", "data", "-x"])
    course.main(["train", "--epochs", "3"])
    course.main(["progress"])
    assert started == [
        (["pytest", "-k", "data", "-x"], {"folder": ROOT}),
        (["helpers.cli", "train", "--epochs", "3"], {}),  # where the user stands
        (["helpers.cli", "progress"], {}),
    ]


def test_the_site_brings_what_it_needs_and_its_check_a_browser(started, monkeypatch):
    lists, brought = [], []
    monkeypatch.setattr(course, "set_up", lambda *names: lists.append(names))
    monkeypatch.setattr(course, "find_browser", lambda: None)
    monkeypatch.setattr(course, "bring_browser", lambda: brought.append(True))
    course.main(["site", "--lessons", "00"])
    assert not brought
    course.main(["site", "--check"])
    assert brought
    assert lists == [(course.LESSONS, course.SITE), (course.LESSONS, course.SITE, course.TESTS)]
    assert started[0] == (["tools.website", "--lessons", "00"], {"folder": ROOT})


def test_check_judges_by_what_lessons_need_and_tells_what_tests_need(started, monkeypatch, capsys):
    monkeypatch.setattr(course, "find_browser", lambda: None)
    monkeypatch.setattr(course, "is_installed", lambda name: name == course.LESSONS)
    assert course.main(["check"]) == 0
    assert "for tests     packages not installed; no browser (`course.py test` brings" in capsys.readouterr().out


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A course without .venv, and a record of what it would start instead of starting it."""
    started = []

    def call(*command, read=None, **variables):
        started.append([str(word) for word in command])
        course.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        course.PYTHON.touch()
        return 0

    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(course, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(course, "STAMP", tmp_path / ".venv" / "installed")
    monkeypatch.setattr(course, "call", call)
    monkeypatch.setattr(course, "pip_sources", dict)
    monkeypatch.setattr(course, "wants_cpu_wheels", lambda: False)
    return started


def installs(started):
    """Return what pip was asked to install, call by call."""
    return [command for command in started if "install" in command]


def test_a_learner_gets_what_lessons_need_and_the_tests_add_the_rest(fresh):
    course.set_up(course.LESSONS)
    (lessons,) = installs(fresh)
    assert any(word.startswith("torch>") for word in lessons)
    assert not any(word.startswith(("pytest", "playwright", "ruff", "nbval")) for word in lessons)
    course.set_up(course.LESSONS, course.TESTS)
    _, tests = installs(fresh)
    assert any(word.startswith("playwright") for word in tests)
    assert not any(word.startswith(("torch>", "torchvision>")) for word in tests)
    course.set_up(course.LESSONS, course.TESTS)
    course.set_up(course.LESSONS)
    assert len(installs(fresh)) == 2


def test_the_versions_of_the_last_green_run_are_tried_first(fresh, monkeypatch):
    causes = iter(["does not fit", ""])
    asked = []
    monkeypatch.setattr(course, "pip", lambda *arguments: asked.append(arguments) or next(causes))
    course.install_list(course.LESSONS, anew=True)
    first, second = asked
    assert first[:2] == ("-c", "constraints.txt")
    assert first[2:] == second


def test_cpu_wheels_come_first_where_wanted(fresh, monkeypatch):
    monkeypatch.setattr(course, "wants_cpu_wheels", lambda: True)
    course.set_up(course.LESSONS)
    first, second = installs(fresh)
    assert course.CPU_WHEELS in first
    assert [word.split(">")[0] for word in first[-2:]] == ["torch", "torchvision"]
    assert any(word.startswith("jupyterlab") for word in second)


def test_a_stamp_of_nonsense_does_not_count(fresh):
    course.set_up(course.LESSONS)
    course.STAMP.write_bytes(b"\xff\n\x00")
    assert not course.is_installed(course.LESSONS)


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full, so make some 7 GB of room"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "no right to write there"),
        (
            "WARNING: Retrying (Retry(total=1)) ... NewConnectionError\nERROR: No matching distribution",
            "cannot be reached",
        ),
        (
            "WARNING: a\nERROR: No matching distribution found for x\nnote",
            "ERROR: No matching distribution found for x",
        ),
        ("The virtual environment was not created because ensurepip is not available", "apt-get install python3-venv"),
        ("ImportError: libx.so: cannot open\n", "ImportError: libx.so: cannot open"),
        ("", "it did not say why"),
    ],
)
def test_the_cause_is_named(printed, told):
    assert told in course.cause([line + "\n" for line in printed.split("\n")])


def test_the_users_own_settings_stay_outside(monkeypatch, tmp_path):
    foreign = ["PYTHONPATH", "PYTHONHOME", "PYTHONIOENCODING", "PIP_TARGET", "JUPYTER_PATH", "JUPYTER_CONFIG_DIR"]
    foreign += ["JUPYTERLAB_SETTINGS_DIR", "IPYTHONDIR", "MPLBACKEND", "MATPLOTLIBRC", "VIRTUAL_ENV"]
    for name in foreign:
        monkeypatch.setenv(name, "/theirs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DATA", "mine")
    monkeypatch.setenv("COURSE_PROGRESS", "")
    monkeypatch.setenv("HTTPS_PROXY", "kept")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    with course.own_settings() as settings:
        ours = course.environment() | settings
        assert all(os.access(Path(settings[name]).parent, os.W_OK) for name in ("IPYTHONDIR", "MPLCONFIGDIR"))
    assert "/theirs" not in ours.values()
    assert ours["PYTHONPATH"] == str(ROOT)
    assert ours["COURSE_DATA"] == str(tmp_path / "mine")
    assert ours["COURSE_PROGRESS"] == ""
    assert ours["HTTPS_PROXY"] == "kept"
    assert ours["GOMP_SPINCOUNT"] == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    assert course.environment()["GOMP_SPINCOUNT"] == course.THREADS["GOMP_SPINCOUNT"]
    assert ours["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_settings_of_a_read_only_course_lie_elsewhere_and_are_removed(monkeypatch, tmp_path):
    (tmp_path / ".jupyter").touch()  # not even root can make a folder of that name
    monkeypatch.setattr(course, "ROOT", tmp_path)
    with course.own_settings() as settings:
        folder = Path(settings["JUPYTER_DATA_DIR"]).parent
        assert folder.is_dir()
        assert tmp_path not in folder.parents
    assert not folder.exists()


def test_an_index_that_answers_is_seen_and_one_that_hangs_costs_no_more_than_its_time():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert course.answers(f"http://127.0.0.1:{server.server_port}/", seconds=3)
        server.shutdown()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.monotonic()
        assert not course.answers(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.5)
        assert time.monotonic() - begin < 2


def test_nothing_is_asked_where_a_gpu_or_another_system_settles_it(monkeypatch):
    monkeypatch.setattr(course, "answers", lambda *arguments, **options: pytest.fail("asked the network"))
    monkeypatch.setattr(course.sys, "platform", "darwin")
    assert not course.wants_cpu_wheels()
    monkeypatch.setattr(course.sys, "platform", "linux")
    monkeypatch.setattr(course.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert not course.wants_cpu_wheels()


def test_the_lists_of_packages_agree():
    assert "- -r requirements.txt" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line][-1] == "-e ."
    for name in (course.LESSONS, course.SITE, course.TESTS, "requirements-class.txt"):
        assert all("<" in line or "==" in line for line in course.requirements(name))


def test_the_versions_of_the_last_green_run_are_admitted_by_the_lists():
    pinned = dict(line.split("==") for line in course.requirements("constraints.txt"))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    for name in (course.LESSONS, course.SITE, course.TESTS, "requirements-class.txt"):
        for requirement in map(Requirement, course.requirements(name)):
            assert pinned[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_project_depends_on_what_the_learners_list_names():
    """setup.py reads the list, so that it stands in one place."""
    build = (ROOT / "setup.py").read_text(encoding="utf-8")
    asked = []
    setuptools = types.SimpleNamespace(setup=lambda install_requires: asked.extend(install_requires))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "setuptools", setuptools)
        exec(compile(build, "setup.py", "exec"), {"__file__": str(ROOT / "setup.py")})
    assert asked == course.requirements(course.LESSONS)


@pytest.fixture
def browsers(monkeypatch, tmp_path):
    """A machine whose only programs are those made here; return a function that makes one, which starts or not."""
    monkeypatch.delenv("COURSE_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(course, "BROWSERS", tmp_path / "browsers")

    def make(path, status=0):
        path = tmp_path / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nexit {status}\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")
class TestBrowser:
    def test_none_is_none(self, browsers):
        assert course.find_browser() is None

    def test_one_that_does_not_start_is_passed_over(self, browsers):
        browsers("bin/chromium", status=1)  # as the one of Ubuntu, or one without its libraries
        chrome = browsers("bin/google-chrome")
        assert course.find_browser() == chrome

    def test_the_courses_own_is_found(self, browsers):
        own = browsers("browsers/chromium-1200/chrome-linux/chrome")
        assert course.find_browser() == own

    def test_a_named_one_counts_alone_and_must_start(self, browsers, monkeypatch, tmp_path):
        browsers("bin/chromium")
        named = browsers("mine")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COURSE_BROWSER", "./mine")
        assert course.find_browser() == named
        monkeypatch.setenv("COURSE_BROWSER", "/no/such/browser")
        with pytest.raises(
            course.CourseError, match=r"COURSE_BROWSER is /no/such/browser, which is no browser that starts"
        ):
            course.find_browser()

    @pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
    def test_without_one_its_tests_are_left_out_with_a_line_that_says_so_but_fail_in_ci(self, ci, outcome, tmp_path):
        (tmp_path / "test_one.py").write_text("def test_one(page):\n    pass\n")
        options = [
            "-p",
            "tests.browser.conftest",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=-rs",
            f"--rootdir={tmp_path}",
        ]
        script = f"import course, pytest; course.find_browser = lambda: None; pytest.main({[*options, str(tmp_path)]})"
        command = [sys.executable, "-B", "-c", script]
        run = subprocess.run(command, cwd=ROOT, env=os.environ | {"CI": ci}, capture_output=True, text=True)
        assert outcome in run.stdout.splitlines()[-1], run.stdout
        assert "apt-get install chromium" in run.stdout

    @pytest.mark.parametrize("works", ["playwright", "apt-get", "nothing"])
    def test_one_is_fetched_by_playwright_else_by_debian(self, works, browsers, monkeypatch, capsys):
        fetched, call = [], course.call

        def pretend(*command, **options):
            if command[-1] == "--version":
                return call(*command, **options)
            tool = next(tool for tool in ("playwright", "apt-get") if tool in command)
            fetched.append(tool)
            if tool == works:
                browsers("browsers/chromium-1/x/chrome" if tool == "playwright" else "bin/chromium")
            return 0 if tool == works else 1

        browsers("bin/apt-get")
        monkeypatch.setattr(course, "call", pretend)
        course.bring_browser()
        assert (course.find_browser() is None) == (works == "nothing")
        assert fetched[0] == "playwright"
        assert ("apt-get" in fetched) == (works != "playwright")
        assert "none is here: fetching one" in capsys.readouterr().out
