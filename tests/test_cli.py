"""The course without a notebook."""

import re

import pytest

from helpers import cli, data


def test_train_prints_progress_and_the_final_accuracy(tmp_path, capsys):
    quick = "--width 0.125 --size 65 --epochs 3 --examples 1280 --batch-size 32 --lr 0.02 --device cpu"
    command = ["train", *quick.split(), "--checkpoint", str(tmp_path / "run")]
    assert cli.main(command) == 0
    captured = capsys.readouterr()
    assert "65×65 input, 1,280 images an epoch, on cpu" in captured.out
    accuracy = float(re.search(r"^test accuracy (0\.\d{4}) after \d+ s$", captured.out, re.MULTILINE)[1])
    assert accuracy > 0.2
    assert "step" in captured.err
    assert cli.main(command) == 0
    again = capsys.readouterr().out
    assert f"going on from {tmp_path / 'run'}: nothing left to do" in again
    assert f"test accuracy {accuracy:.4f} after 0 s" in again


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
        ("--width 0", "at least one channel"),
        ("--batch-size 0", "batch_size must be at least 1, got 0"),
        ("--examples 0", "examples must be between 1 and 60000, got 0"),
        ("--examples 64 --batch-size 128", "the loader is empty"),
        ("--width 0.0625 --size 65 --examples 640 --lr 1e12 --device cpu", "the loss became"),
    ],
)
def test_wrong_arguments_end_in_one_sentence(arguments, message, capsys):
    assert cli.main(["train", *arguments.split()]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert message in last


def test_check_is_content_here(capsys):
    assert cli.main(["check"]) == 0
    printed = capsys.readouterr().out
    for word in (
        "Python",
        "torch ",
        "computes on",
        "float",
        "cores",
        "memory",
        "4 archives intact",
    ):
        assert word in printed
    assert printed.endswith("ready\n")


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
