"""The suite itself: it runs as it was started."""

import os
import subprocess
import sys

import pytest

from tests.support import ROOT

LOOK = "import signal\n\ndef test_look():\n    assert signal.getsignal(signal.{0}) is signal.SIG_IGN\n"


@pytest.mark.skipif(os.name != "posix", reason="the shell of POSIX starts it")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_what_was_told_to_ignore_a_signal_goes_on_ignoring_it(name, tmp_path):
    """A run under nohup survives its terminal, one in the background the Ctrl+C that is not meant for it."""
    (tmp_path / "test_it.py").write_text(LOOK.format(name))
    look = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "conftest", "-o", "addopts=", tmp_path]
    command = ["sh", "-c", f"trap '' {name[3:]}; exec \"$@\"", "sh", *look]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
