"""Two processes do together what one does alone: gloo on the CPU."""

import contextlib
import os
import re
import socket
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from helpers import data, device, distributed, training
from tests.test_checkpoint import Run, assert_same_bits, dataset, fork_server, result

CPU = device.pick("cpu", torch.float32)
# Two halves of a sum are added in another order than the whole: float32 keeps about 7 digits.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-6}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")


def as_team(job, folder):
    """Run job(folder, rank) in two processes as torchrun would, and return what they return and print, by rank."""
    context = fork_server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    members = [context.Process(target=member, args=(job, folder, rank, port)) for rank in range(2)]
    for process in members:
        process.start()
    for process in members:
        process.join(120)
    assert [process.exitcode for process in members] == [0, 0]
    return [(torch.load(folder / f"{rank}.pt"), (folder / f"{rank}.txt").read_text()) for rank in range(2)]


def member(job, folder, rank, port):
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()})
    torch.set_num_threads(1)
    with open(folder / f"{rank}.txt", "w") as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        torch.save(job(folder, rank), folder / f"{rank}.pt")


class Recording(nn.Module):
    """Passes inputs on and notes them in training."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, inputs):
        if self.training:
            self.seen.append(inputs)
        return inputs


def plain_run(folder, rank):
    """Train without dropout, in batches of 7 and a last one of 1, in an order from the global generator."""
    torch.manual_seed(rank)  # so other weights and another order in each process, were they not the first one's
    model = nn.Sequential(Recording(), nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    loader = DataLoader(dataset(50), 7, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    test_loader = data.loader(dataset(31), 10)
    history = training.fit(model, loader, optimizer, test_loader=test_loader, epochs=3, hardware=CPU)
    curve = [(point.epoch, point.loss, point.accuracy) for point in history.curve]
    epochs = [(e.loss, e.accuracy, e.test_loss, e.test_accuracy) for e in history.epochs]
    numbers = {**model.state_dict(), "curve": torch.tensor(curve), "epochs": torch.tensor(epochs)}
    return {"numbers": numbers, "seen": model[0].seen}


def test_two_processes_do_what_one_does(tmp_path):
    alone = plain_run(tmp_path, 0)
    (first, printed), (second, silence) = as_team(plain_run, tmp_path)
    for name, value in alone["numbers"].items():
        torch.testing.assert_close(first["numbers"][name], value, **TOLERANCE)
        assert torch.equal(first["numbers"][name], second["numbers"][name])
    for batch, even, odd in zip(alone["seen"], first["seen"], second["seen"], strict=True):
        assert torch.equal(even, batch[0::2])
        assert torch.equal(odd, batch[1::2] if len(batch) > 1 else batch)  # borrowed, with no weight
    assert len(re.findall("^epoch ./3: ", printed, re.MULTILINE)) == 3
    assert silence == ""


class Stopping(DataLoader):
    """Ends the run in its second pass, if asked, as Ctrl+C in the middle of a step would."""

    stops = False

    def __iter__(self):
        self.passes = getattr(self, "passes", 0) + 1
        for number, batch in enumerate(super().__iter__()):
            if self.stops and self.passes == 2 and number == 20:
                raise KeyboardInterrupt
            yield batch


def broken_run(folder, rank):
    """Return the results of a run that was not interrupted and of one that was, with dropout."""

    def new_run(stops=False):
        run = Run(Stopping(dataset(), 10, shuffle=True), epochs=3)
        torch.manual_seed(rank)
        run.loader.stops = stops
        return run

    unbroken, stopped, resumed = new_run(), new_run(stops=True), new_run()
    unbroken = result(unbroken, unbroken.fit())
    torch.manual_seed(rank)
    assert stopped.fit(folder / "run").interrupted
    torch.manual_seed(99)
    return {"unbroken": unbroken, "resumed": result(resumed, resumed.fit(folder / "run"))}


def test_a_team_goes_on_from_its_checkpoint_with_the_same_bits(tmp_path):
    (first, printed), (second, _) = as_team(broken_run, tmp_path)
    assert_same_bits(first["resumed"], first["unbroken"])
    assert_same_bits(second["resumed"], second["unbroken"])
    assert not torch.equal(first["resumed"]["random"], second["resumed"]["random"])  # dropout of their own
    assert "going on from" in printed
    assert "50 of 90 steps left to do" in printed  # a team looks at the clock at every 20th step


def test_torchrun_trains_from_the_command_line(tmp_path):
    quick = "--width 0.0625 --size 65 --epochs 1 --examples 165 --batch-size 33 --device cpu --checkpoint"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "helpers.cli", "train", *quick.split(), str(tmp_path / "run")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert len(re.findall(r"test accuracy 0\.\d{4} after", ended.stdout)) == 1
    assert os.listdir(tmp_path) == ["run"]


def test_without_torchrun_there_is_no_team(monkeypatch):
    assert distributed.join(CPU.device) is distributed.ALONE
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert distributed.join(CPU.device) is distributed.ALONE
    assert not torch.distributed.is_initialized()


def test_more_processes_than_gpus_are_told():
    with pytest.raises(ValueError, match="process 2 of this machine has no GPU: start at most 2"):
        distributed._take_gpu(2, gpus=2)
