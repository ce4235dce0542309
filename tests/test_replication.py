"""The tool that shifts seeds and counts claims, on a notebook of a few lines."""

import os
import random

import nbformat
import numpy as np
import pytest
import torch

from benchmarks import results
from helpers import data
from tools import replication, seeds

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the tool forks")

CELLS = [
    "import torch\nfour = torch.Generator().manual_seed(4)\nerror = 'mine'",
    "assert four.initial_seed() % 1000 == 4\nassert four.initial_seed() // 1000 % 2 == 0\nassert undefined\nok = True",
    "for number in range(3):\n    assert number < 2",
    "assert ok and error == 'mine'",
    "raise ValueError('too bad')\nassert True",
]
HELD = {
    "[0] four.initial_seed() % 1000 == 4": 1,
    "[0] four.initial_seed() // 1000 % 2 == 0": 0.5,
    "[0] undefined": 0,
    "[1] number < 2": 0,
    "[2] ok and error == 'mine'": 1,
    "[3] True": 0,
}


@pytest.fixture
def lesson(tmp_path):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("0"), *cells]), tmp_path / "n.ipynb")
    return str(tmp_path / "n.ipynb")


def test_claims_are_counted_and_none_stops_its_cell(lesson, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(results, "FILE", tmp_path / "results.json")
    assert replication.main(["--lesson", lesson, "--shifts", "4", "--threads", "1", "2"])
    (entry,) = results.json.loads(results.FILE.read_text(encoding="utf-8"))
    assert entry["shares"] == {f"[{int(key[1]) + 2}]{key[3:]}": share for key, share in HELD.items()}
    assert entry["lowest"] == 0
    assert entry["errors"] == {"[5] ValueError: too bad": 8}
    printed = capsys.readouterr().out
    assert "!     4/8  [2] four.initial_seed() // 1000 % 2 == 0  (failed 4)" in printed
    assert "!     0/8  [2] undefined  (raised 8)" in printed
    assert "!     0/8  [5] True  (not reached 8)" in printed


def draws():
    """Return a number from each kind of source that a lesson may seed, or not."""
    numbers = [torch.rand(()), torch.rand((), generator=torch.Generator())]
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    numbers += [torch.rand(()), random.random(), np.random.random(), random.Random(0).random()]
    numbers += [np.random.default_rng(0).random(), np.random.RandomState(0).random()]
    later = torch.Generator()
    later.manual_seed(0)
    numbers += [torch.rand((), generator=g) for g in (later, torch.Generator().manual_seed(0))]
    ((order,),) = data.loader(torch.utils.data.TensorDataset(torch.arange(100)), 100, shuffle=True)
    return [float(number) for number in (*numbers, order[0])]


def test_every_source_of_random_numbers_is_shifted():
    def shifted(offset):
        seeds.shift_seeds(offset)
        return draws()

    as_stored, one, again = (replication.in_fork(shifted, offset) for offset in (0, 1000, 1000))
    assert as_stored[2:] == replication.in_fork(draws)[2:]
    assert one == again
    assert not any(a == b for a, b in zip(one, as_stored, strict=True))


def test_a_lesson_that_is_not_there_is_told():
    with pytest.raises(SystemExit, match="no lesson '99'.*two digits"):
        replication.lessons("99")
