"""The class's hub as it is: two learners move a slider each, and nothing of one is within the other's reach."""

import json
import os
import subprocess
import sys

import pytest

from tests.support import ROOT, machine

MISSING = machine.why_not() or (
    "" if (ROOT / ".venv" / "bin" / "configurable-http-proxy").exists() else "classroom/hub/install.sh has not run"
)


@pytest.fixture(scope="module")
def report():
    if MISSING:
        pytest.skip(f"no hub: {MISSING}")
    ended = subprocess.run(
        machine.command(sys.executable, "-m", "tests.support.two"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["ann", "bo"])
def test_each_learner_moves_a_slider(name, report):
    seconds, errors = report[name]
    assert errors == []
    assert seconds < 5


def test_nobody_comes_in_by_another_door(report):
    assert report["visit"] == 403
    assert report["wrong password"] == "the hub did not let ann in"
    assert report["root"] == "the hub did not let root in"
    assert report["doors"] == ["", "Forbidden"]  # that of ipykernel's own pipe, deaf without its key, and the server's


def test_nothing_of_others_can_be_read_and_nothing_of_all_written(report):
    threads, *attempts, own = report["look"]
    assert threads == "threads 1"
    assert len(attempts) == 8
    assert all(attempt.startswith("may not") for attempt in attempts), attempts
    assert own == "may read its own lesson"


def test_an_update_leaves_a_changed_lesson_and_brings_the_other(report):
    assert report["update"] == ["my own line", "a new line"]


@pytest.mark.skipif(not (ROOT / ".venv" / "bin" / "jupyterhub").exists(), reason="classroom/hub/install.sh has not run")
def test_without_a_certificate_it_is_not_open_to_the_network():
    command = [ROOT / ".venv" / "bin" / "jupyterhub", "-f", ROOT / "classroom" / "hub" / "jupyterhub_config.py"]
    ended = subprocess.run(
        command, env=os.environ | {"CLASS_ADDRESS": "0.0.0.0"}, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert "0.0.0.0 is open to the network" in ended.stderr
    assert "set CLASS_CERTIFICATE and CLASS_KEY" in ended.stderr
