"""course.py: what it does before anything is installed."""

import ast
import http.server
import socket
import subprocess
import sys
import threading
import time

import pytest

import course
from tests.support import ROOT


def test_it_needs_the_standard_library_only_and_an_old_python_can_read_it():
    tree = ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 7))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


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


def test_the_lab_opens_the_first_lesson_and_keeps_its_token(monkeypatch):
    commands = []
    monkeypatch.setattr(course, "run", commands.append)
    course.main(["lab", "--no-browser", "--port", "8899"])
    (command,) = commands
    assert command[:2] == ["jupyterlab", "notebooks/00_start_here.ipynb"]
    assert {"--no-browser", "--port=8899"} <= set(command)
    assert not any("token" in word or "password" in word for word in command)


def test_arguments_reach_pytest_and_the_command_line(monkeypatch):
    commands = []
    monkeypatch.setattr(course, "run", commands.append)
    course.main(["test", "-k", "data", "-x"])
    course.main(["train", "--epochs", "3"])
    assert commands == [["pytest", "-k", "data", "-x"], ["helpers.cli", "train", "--epochs", "3"]]


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A course without .venv, and a record of the programs that it starts instead of them."""
    started = []

    def call(*command):
        started.append(command)
        course.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        course.PYTHON.touch()
        return 0

    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(course, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(course, "STAMP", tmp_path / ".venv" / "installed")
    monkeypatch.setattr(course, "call", call)
    monkeypatch.setattr(course, "wants_cpu_wheels", lambda: False)
    return started


def test_a_second_start_installs_nothing(fresh):
    course.set_up()
    make, install, compile_all = fresh
    assert "venv" in make
    assert install[-2:] == ("-r", "requirements.txt")
    assert "compileall" in compile_all
    course.set_up()
    assert len(fresh) == 3


def test_changed_requirements_install_again(fresh, monkeypatch):
    course.set_up()
    monkeypatch.setattr(course, "fingerprint", lambda: "another")
    course.set_up()
    assert len(fresh) == 6


def test_cpu_wheels_come_first_where_wanted(fresh, monkeypatch):
    monkeypatch.setattr(course, "wants_cpu_wheels", lambda: True)
    course.set_up()
    _, first, second, _ = fresh
    assert course.CPU_WHEELS in first
    assert [word.split(">")[0] for word in first[-2:]] == ["torch", "torchvision"]
    assert second[-2:] == ("-r", "requirements.txt")


def test_a_failed_installation_leaves_no_stamp(fresh, monkeypatch):
    monkeypatch.setattr(course, "pip", lambda *arguments: 1)
    with pytest.raises(course.CourseError, match="Installing failed"):
        course.set_up()
    assert not course.STAMP.exists()


def test_a_half_cleared_or_damaged_venv_does_not_count_as_installed(fresh, monkeypatch):
    def interrupt(*command):
        raise KeyboardInterrupt

    course.set_up()
    course.STAMP.write_bytes(b"\xff")
    monkeypatch.setattr(course, "call", interrupt)
    with pytest.raises(KeyboardInterrupt):
        course.set_up()
    assert not course.STAMP.exists()


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


def test_the_two_lists_of_packages_agree():
    assert "- -r requirements.txt" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line][-1] == "-e ."
    assert all("<" in line or "==" in line for line in course.requirements())


@pytest.mark.parametrize("named", [None, "/no/such/browser"])
def test_without_a_browser_the_remedy_is_told(named, monkeypatch):
    monkeypatch.setattr(course.shutil, "which", lambda name: None)
    monkeypatch.delenv("COURSE_BROWSER", raising=False)
    if named:
        monkeypatch.setenv("COURSE_BROWSER", named)
    found = f"COURSE_BROWSER is {named}" if named else "no Chromium or Chrome was found"
    with pytest.raises(course.CourseError, match=f"{found}.*apt-get install chromium.*set COURSE_BROWSER"):
        course.find_browser()
