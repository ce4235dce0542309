"""The course without a notebook."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import cli, data
from tests.support.faults import hear_signals

TINY = ["train", "--width", "0.0625", "--size", "65", "--epochs", "1", "--examples", "512", "--device", "cpu"]
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX has such streams")


def start(arguments, **options):
    """Start the command as a program of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-m", "helpers.cli", *arguments], **pipes | options)


def test_train_prints_progress_and_the_final_accuracy(tmp_path, capsys):
    command = [*TINY, "--checkpoint", str(tmp_path / "run")]
    assert cli.main(command) == 0
    captured = capsys.readouterr()
    assert "65×65 input, 512 images an epoch, on cpu" in captured.out
    accuracy = re.search(r"^test accuracy (0\.\d{4}) after \d+ s$", captured.out, re.MULTILINE)[1]
    assert f"test accuracy {accuracy}" in re.search(r"^epoch 1/1: .*$", captured.out, re.MULTILINE)[0]
    assert "step" in captured.err
    assert cli.main(command) == 0
    again = capsys.readouterr().out
    assert f"going on from {tmp_path / 'run'}, after 1 epochs" in again
    assert f"test accuracy {accuracy} after 0 s" in again


@pytest.mark.parametrize(("option", "said"), [("--seed 5", "seed is 0, not 5"), ("--size 66", "size is 65, not 66")])
def test_a_finished_run_with_another_setting_is_not_taken_for_it(option, said, tmp_path, capsys):
    command = [*TINY, "--checkpoint", str(tmp_path / "run")]
    assert cli.main(command) == 0
    assert cli.main([*command, *option.split()]) == 1
    assert f"was saved by another run, where {said}" in capsys.readouterr().err


def test_a_file_that_is_no_checkpoint_ends_in_one_sentence(tmp_path, capsys):
    (tmp_path / "notes").write_text("mine")
    assert cli.main(["train", "--size", "65", "--width", "0.0625", "--checkpoint", str(tmp_path / "notes")]) == 1
    assert re.search(r"^error: .*notes is damaged or no checkpoint of this course", capsys.readouterr().err)
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--epochs 0", "epochs must be at least 1, got 0"),
        ("--size 64", "at least 65"),
        ("--size 100000", "size must be at most 1024, got 100000"),
        ("--width 0", "at least one channel"),
        ("--width inf", "width must be at most 2, got inf"),
        ("--width nan", "width must be at most 2, got nan"),
        ("--width 1e9", "width must be at most 2, got 1000000000.0"),
        ("--width 200", "width must be at most 2, got 200.0"),
        ("--batch-size 0", "batch_size must be at least 1, got 0"),
        ("--examples 0", "examples must be between 1 and 60000, got 0"),
        ("--examples 64 --batch-size 128", "the loader is empty"),
        ("--seed 99999999999999999999", "seed must be at most"),
        ("--lr nan --width 0.0625 --size 65 --examples 640", "the loss became"),
        ("--width 0.0625 --size 65 --examples 640 --lr 1e12 --device cpu", "the loss became"),
    ],
)
def test_wrong_arguments_end_in_one_sentence(arguments, message, capsys):
    assert cli.main(["train", *arguments.split()]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert message in last


def test_too_little_memory_is_told(monkeypatch, capsys):
    monkeypatch.setattr(cli, "run", lambda options: __import__("torch").empty(2**50))
    assert cli.main(["train"]) == 1
    assert capsys.readouterr().err == (
        "error: there is not enough memory: give a smaller --width, --size or --batch-size\n"
    )


@posix
def test_a_reader_that_has_seen_enough_is_no_error():
    process = start(TINY)
    assert "AlexNet" in process.stdout.readline()
    process.stdout.close()
    assert process.wait(100) == 1
    assert "Error" not in process.stderr.read()


@posix
def test_a_full_disk_behind_the_output_is_told():
    with open("/dev/full", "w") as full:
        process = start(["check"], stdout=full)
        _, errors = process.communicate(timeout=100)
    assert process.returncode == 1
    assert errors == "error: the output cannot be written (No space left on device)\n"


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="this system does not show what a program loads")
@pytest.mark.parametrize("library", ["libtorch", "multiarray_umath"])
def test_ctrl_c_while_packages_load_is_told(library):
    process = start(["train"], preexec_fn=hear_signals)
    maps = Path(f"/proc/{process.pid}/maps")
    while library not in maps.read_text():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=100)
    assert (process.returncode, output, errors) == (130, "", "error: interrupted\n")


def test_a_terminal_without_special_signs_gets_question_marks():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    process = start(TINY, env=environment)
    output, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    assert "65?65 input" in output


def test_check_is_content_here(capsys):
    assert cli.main(["check"]) == 0
    printed = capsys.readouterr().out
    for word in ("Python", "torch ", "computes on", "float", "cores", "memory", "4 archives intact"):
        assert word in printed
    assert printed.endswith("ready\n")


BROKEN = "raise ImportError('libfoo.so: cannot open shared object file')"
COMPLAINT = "cannot be imported (libfoo.so: cannot open shared object file): run `python3 course.py lab` again"


def test_check_names_a_broken_torch_and_the_remedy(tmp_path):
    (tmp_path / "torch.py").write_text(BROKEN)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    process = start(["check"], env=os.environ | {"PYTHONPATH": path})
    printed, errors = process.communicate(timeout=100)
    assert process.returncode == 1
    assert f"missing: torch {COMPLAINT}" in printed
    assert printed.endswith("not ready\n")
    assert "Traceback" not in errors


def test_training_without_torch_ends_in_one_sentence(tmp_path):
    (tmp_path / "torch.py").write_text(BROKEN)
    process = start(TINY, env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})
    _, errors = process.communicate(timeout=100)
    message = "error: libfoo.so: cannot open shared object file: `python3 course.py check` says what is missing\n"
    assert (process.returncode, errors) == (1, message)


def test_check_names_any_broken_package_and_the_remedy(tmp_path, monkeypatch, capsys):
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "broken-1.0.dist-info").mkdir()
    (tmp_path / "broken-1.0.dist-info" / "METADATA").write_text("Name: broken\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(cli, "PACKAGES", ("broken", "matplotlib"))
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "broken        1.0, broken\n" in printed
    assert f"missing: broken {COMPLAINT}\n" in printed
    assert "4 archives intact" in printed


def test_check_names_what_is_missing_and_the_remedy(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr(cli, "PACKAGES", ("torch", "no-such-package"))
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "missing: no-such-package is not installed: run" in printed
    assert re.search(r"missing: .*train-images.* cannot be read .* git checkout", printed.replace("`", " "))
    assert printed.endswith("not ready\n")


def test_the_data_error_of_train_is_one_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert cli.main(["train"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert issubclass(data.DataError, Exception)
