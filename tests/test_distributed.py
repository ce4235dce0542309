"""Two processes do together what one does alone: gloo on the CPU."""

import os
import re
import subprocess
import sys
from contextlib import nullcontext

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, DistributedSampler

from helpers import data, device, distributed, training
from helpers.checkpoint import CheckpointError
from tests.support.runs import CPU, Run, assert_same_bits, dataset, in_two_processes, result

# Two halves of a sum are added in another order than the whole: float32 keeps about 7 digits.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-6}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no forkserver")


class Recording(nn.Module):
    """Passes inputs on and notes them, those of training and those of testing."""

    def __init__(self):
        super().__init__()
        self.seen = {True: [], False: []}

    def forward(self, inputs):
        self.seen[self.training].append(inputs)
        return inputs


def plain_run(folder, rank):
    """Train without dropout, in batches of 8 of 51 examples, and test on 31 in batches of 10."""
    torch.manual_seed(rank)  # so other weights in each process, were they not those of rank 0
    model = nn.Sequential(Recording(), nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    loader = data.loader(dataset(51), 8, shuffle=True, drop_last=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    test_loader = data.loader(dataset(31), 10)
    history = training.fit(model, loader, optimizer, test_loader=test_loader, epochs=3, hardware=CPU)
    epochs = [(e.loss, e.accuracy, e.test_loss, e.test_accuracy) for e in history.epochs]
    return {"numbers": {**model.state_dict(), "epochs": torch.tensor(epochs)}, "seen": model[0].seen}


def test_two_processes_do_what_one_does(tmp_path):
    alone = plain_run(tmp_path, 0)
    (first, printed), (second, silence) = in_two_processes(plain_run, tmp_path)
    for name, value in alone["numbers"].items():
        torch.testing.assert_close(first["numbers"][name], value, **TOLERANCE)
        assert torch.equal(first["numbers"][name], second["numbers"][name])
    for batch, even, odd in zip(alone["seen"][True], first["seen"][True], second["seen"][True], strict=True):
        assert torch.equal(even, batch[0::2])
        assert torch.equal(odd, batch[1::2])
    tested = torch.cat(first["seen"][False] + second["seen"][False])
    assert sorted(tested.tolist()) == sorted(3 * dataset(31).tensors[0].tolist())
    assert len(re.findall("^epoch ./3: ", printed, re.MULTILINE)) == 3
    assert silence == ""


def batch_norm_run(folder, rank):
    """Return what both processes say about one model whose batch norm saw different parts."""
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    loader = data.loader(dataset(48), 8, shuffle=True)
    history = training.fit(model, loader, optimizer, test_loader=loader, hardware=CPU)
    return {"test": history.epochs[0].test_loss, **model.state_dict()}


def test_batch_norm_has_the_same_running_means_everywhere(tmp_path):
    (first, _), (second, _) = in_two_processes(batch_norm_run, tmp_path)
    assert first["test"] == second["test"]
    assert torch.equal(first["1.running_mean"], second["1.running_mean"])


def uneven_run(folder, rank):
    """Train on a short last batch of which only rank 0 gets a part."""
    model = nn.Linear(4, 3)
    with pytest.raises(ValueError, match=r"the processes have \[2, 1\] batches, and need equally many"):
        training.fit(model, data.loader(dataset(5), 4), torch.optim.SGD(model.parameters()), hardware=CPU)


def test_uneven_parts_are_told(tmp_path):
    in_two_processes(uneven_run, tmp_path)


class Stopping:
    """The course's loader; it ends the run in its second epoch, if asked, as Ctrl+C in the middle of a step would."""

    def __init__(self, stops):
        self._loader, self._stops, self._passes = data.loader(dataset(), 10, shuffle=True), stops, 0
        self.state_dict, self.load_state_dict = self._loader.state_dict, self._loader.load_state_dict

    def __len__(self):
        return len(self._loader)

    def __iter__(self):
        self._passes += 1
        for number, batch in enumerate(self._loader):
            if self._stops and self._passes == 2 and number == 20:
                raise KeyboardInterrupt
            yield batch


def broken_run(folder, rank):
    """Return the results of a run that was not interrupted and of one that was, with dropout."""

    def new_run(stops=False):
        return Run(Stopping(stops), epochs=3)

    run, stopped, resumed = new_run(), new_run(stops=True), new_run()
    torch.manual_seed(0)
    unbroken = result(run, run.fit())
    torch.manual_seed(0)
    assert stopped.fit(folder / "run").interrupted
    torch.manual_seed(99)
    return {"unbroken": unbroken, "resumed": result(resumed, resumed.fit(folder / "run"))}


def test_two_processes_go_on_from_their_checkpoint_with_the_same_bits(tmp_path):
    (first, printed), (second, _) = in_two_processes(broken_run, tmp_path)
    assert_same_bits(first["resumed"], first["unbroken"])
    assert_same_bits(second["resumed"], second["unbroken"])
    assert not torch.equal(first["resumed"]["random"], second["resumed"]["random"])  # dropout of their own
    assert re.search(r"going on from .*, after 1\.333 epochs", printed)  # they look at the clock at every 20th step
    with pytest.raises(CheckpointError, match="where processes is 2, not 1"):
        Run(Stopping(False)).fit(tmp_path / "run")


def test_torchrun_trains_from_the_command_line(tmp_path):
    quick = "--width 0.0625 --size 65 --epochs 1 --examples 165 --batch-size 34 --device cpu --checkpoint"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "helpers.cli", "train", *quick.split(), str(tmp_path / "run")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert len(re.findall(r"test accuracy 0\.\d{4} after", ended.stdout)) == 1
    assert os.listdir(tmp_path) == ["run"]


def test_without_torchrun_nothing_is_shared(monkeypatch):
    model = nn.Linear(1, 1)
    for environment in ({}, {"RANK": "0", "WORLD_SIZE": "1"}):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert distributed.replicate(model) is model
        assert distributed.all_reduce(1, torch.tensor(2.5)) == [1.0, 2.5]
        assert distributed.all_gather("state") == ["state"]
        assert distributed.broadcast("state") == "state"
        assert not torch.distributed.is_initialized()


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_each_process_picks_a_gpu_of_its_own(two_gpus, monkeypatch):
    assert device.pick().device == torch.device("cuda")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert device.pick().device == torch.device("cuda", 1)
    assert device.pick("cuda:0").device == torch.device("cuda", 0)
    assert device.pick("cpu").device == torch.device("cpu")


def test_more_processes_than_gpus_are_told(two_gpus, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(ValueError, match="there is no GPU 2 among 2: torchrun can start 2 processes here"):
        device.pick()


@pytest.mark.parametrize(
    ("loader", "is_told"),
    [
        (DataLoader(range(8), batch_size=2), True),
        (DataLoader(range(8), batch_size=2, shuffle=True), True),
        (DataLoader(range(8), sampler=DistributedSampler(range(8), num_replicas=2, rank=0)), False),
        (DataLoader(range(8), batch_sampler=[[0, 1], [2, 3]]), False),
        ([[0, 1]], False),
    ],
)
def test_a_loader_that_gives_every_process_all_examples_is_told(loader, is_told, monkeypatch):
    distributed.require_parts(loader)  # one process may see all
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="would train on all .*DistributedSampler") if is_told else nullcontext():
        distributed.require_parts(loader)
