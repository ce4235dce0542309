"""A run that was killed, interrupted or moved ends with the bits of one that was not."""

import multiprocessing
import os
import random
import signal
import sys
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from helpers import checkpoint, data, device, distributed, training
from helpers.checkpoint import CheckpointError

CPU = device.pick("cpu", torch.float32)
KILLS = 20

pytestmark = pytest.mark.usefixtures("ctrl_c")


def dataset(examples=300):
    inputs = torch.randn(examples, 4, generator=torch.Generator().manual_seed(0))
    return TensorDataset(inputs, inputs[:, :3].argmax(1))


class Run:
    """A tiny run with everything that has a state: momentum, a schedule, dropout, batch norm, a shuffled loader."""

    def __init__(self, loader=None, epochs=3, width=16, lr=0.1):
        torch.manual_seed(0)
        self.loader = loader or data.loader(dataset(), 7, shuffle=True)  # a last batch of 6
        self.epochs = epochs
        self.model = nn.Sequential(
            nn.Linear(4, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.5), nn.Linear(width, 3)
        )
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr, momentum=0.9)
        steps = epochs * len(self.loader)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, lr, total_steps=steps)

    def fit(self, path=None, seconds=0):
        return training.fit(
            self.model,
            self.loader,
            self.optimizer,
            test_loader=data.loader(dataset(50), 20),
            epochs=self.epochs,
            scheduler=self.scheduler,
            hardware=CPU,
            checkpoint=path,
            checkpoint_seconds=seconds,
        )


def result(run, history):
    """Return all that two equal runs have in common: weights, buffers, curves, test results, but no times."""
    epochs = [(e.loss, e.accuracy, e.test_loss, e.test_accuracy) for e in history.epochs]
    curve = [(point.epoch, point.loss, point.accuracy) for point in history.curve]
    return {"weights": run.model.state_dict(), "curve": curve, "epochs": epochs, "random": torch.get_rng_state()}


def assert_same_bits(a, b):
    assert a["curve"] == b["curve"]
    assert a["epochs"] == b["epochs"]
    assert torch.equal(a["random"], b["random"])
    for name, value in a["weights"].items():
        assert torch.equal(value, b["weights"][name]), name


def fork_server():
    """Return a context whose processes start in milliseconds; to fork this process could hang in OpenMP."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "torch._dynamo"])  # optimizers import the latter, for seconds
    return context


def run_in_child(started, path, output):
    """Run to the end in a process of its own, which somebody may kill."""
    torch.set_num_threads(1)
    run = Run(epochs=6)
    started.set()
    torch.save(result(run, run.fit(path, seconds=0.005)), output)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_random_moments_a_run_ends_with_the_same_bits(tmp_path):
    context = fork_server()
    moments = random.Random(0)

    def start(path, output):
        started = context.Event()
        child = context.Process(target=run_in_child, args=(started, path, output))
        child.start()
        assert started.wait(60)
        return child

    unbroken, begin = start(None, tmp_path / "unbroken"), time.monotonic()
    unbroken.join(60)
    pause = (time.monotonic() - begin) / KILLS  # so that the kills fall into the whole of a run, however fast this is
    kills = 0
    for _ in range(KILLS):
        child = start(tmp_path / "run", tmp_path / "killed")
        time.sleep(moments.uniform(0, 1.5 * pause))
        child.kill()
        child.join(60)
        kills += child.exitcode == -signal.SIGKILL
    last = start(tmp_path / "run", tmp_path / "killed")
    last.join(60)
    assert last.exitcode == unbroken.exitcode == 0
    assert kills > KILLS / 2  # the run may be over before the last ones
    assert_same_bits(torch.load(tmp_path / "killed"), torch.load(tmp_path / "unbroken"))


class Interrupting(DataLoader):
    """A loader during whose batches Ctrl+C is pressed: at the numbers given, counted over all passes."""

    at = ()

    def __iter__(self):
        for batch in super().__iter__():
            self.fetched = getattr(self, "fetched", 0) + 1
            if self.fetched in self.at:
                signal.raise_signal(signal.SIGINT)
            yield batch


class Noisy(TensorDataset):
    """Draws from all three global generators for each example."""

    def __getitem__(self, index):
        inputs, target = super().__getitem__(index)
        return inputs + torch.rand(4) + random.random() + np.random.random(), target


def loaders():
    """Name some ways to draw batches: from the global generator, from one's own, with replacement, in a worker."""
    own = torch.Generator().manual_seed(1)
    weighted = WeightedRandomSampler(torch.ones(40), 40, generator=own)
    return {
        "global": {"shuffle": True},
        "own": {"shuffle": True, "generator": own},
        "weighted": {"sampler": weighted, "drop_last": True},
        "worker": {"shuffle": True, "num_workers": 1},
    }


# In the middle of a pass, in its last batch, in the first of the next.
PLACES = [(name, at) for name in ("global", "own", "weighted") for at in (3, 6, 7)]


@pytest.mark.parametrize(("name", "at"), [*PLACES, ("worker", 3)])
def test_interrupted_it_goes_on_with_the_same_bits(name, at, tmp_path):
    def new_run():
        random.seed(0)
        np.random.seed(0)
        return Run(Interrupting(Noisy(*dataset(40).tensors), 7, **loaders()[name]), epochs=3)

    unbroken = new_run()
    expected = result(unbroken, unbroken.fit())
    first = new_run()
    first.loader.at = (at,)
    history = first.fit(tmp_path / "run", seconds=1000)
    assert history.interrupted
    assert history.curve[-1].epoch == at / len(first.loader)  # the step was not cut short
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    second = new_run()
    torch.manual_seed(99)
    history = second.fit(tmp_path / "run")
    assert not history.interrupted
    assert_same_bits(result(second, history), expected)


def test_ctrl_c_twice_stops_at_once_and_saves_nothing(tmp_path):
    class Impatient(Interrupting):
        def __iter__(self):
            for batch in super().__iter__():
                if self.fetched in self.at:
                    signal.raise_signal(signal.SIGINT)
                yield batch

    run = Run(Impatient(dataset(40), 10))
    run.loader.at = (3,)
    history = run.fit(tmp_path / "run", seconds=1000)
    assert history.interrupted
    assert history.curve[-1].epoch == 0.5
    assert checkpoint.read(tmp_path / "run")["parts"]["passes"]["batch"] == 0


def test_a_finished_run_has_nothing_left_to_do(tmp_path, capsys):
    run = Run()
    expected = result(run, run.fit(tmp_path / "run", seconds=1000))
    content = (tmp_path / "run").read_bytes()
    again = Run()
    assert_same_bits(result(again, again.fit(tmp_path / "run")), expected)
    assert "nothing left to do" in capsys.readouterr().out
    assert (tmp_path / "run").read_bytes() == content
    assert os.listdir(tmp_path) == ["run"]


def spoil(content, how):
    middle = len(content) // 2
    return {
        "cut": content[:middle],
        "empty": b"",
        "text": b"not a checkpoint",
        "one bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
    }[how]


@pytest.mark.parametrize("how", ["cut", "empty", "text", "one bit"])
def test_a_damaged_file_is_told_and_left_as_it_is(how, tmp_path):
    path = tmp_path / "run"
    Run(epochs=1).fit(path, seconds=1000)
    path.write_bytes(spoil(path.read_bytes(), how))
    assert_refused(path, Run(epochs=1), "is damaged or no checkpoint of this course .*: move it away, or give another")


class Hostile:
    """Would run a command of its choice when an ordinary pickle is read."""

    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize("content", [{"weights": torch.ones(3)}, torch.ones(3), Hostile()])
def test_a_foreign_file_is_told_and_left_as_it_is(content, tmp_path):
    torch.save(content, tmp_path / "run")
    assert_refused(tmp_path / "run", Run(), "is damaged or no checkpoint of this course")


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"epochs": 4}, "epochs is 3, not 4"),
        ({"width": 8}, r"shape of 0.weight is \[16, 4\], not \[8, 4\]"),
        ({"lr": 0.2}, "learning rate is 0.1, not 0.2"),
        ({"loader": data.loader(dataset(), 10, shuffle=True)}, "batches an epoch is 43, not 30"),
        ({"loader": data.loader(dataset(), 7)}, "random generators of the loader is 1, not 0"),
    ],
)
def test_the_file_of_another_run_is_told_and_left_as_it_is(other, difference, tmp_path):
    Run().fit(tmp_path / "run", seconds=1000)
    assert_refused(tmp_path / "run", Run(**other), f"was saved by another run, where {difference}: give the settings")


def assert_refused(path, run, message):
    before, weights = path.read_bytes(), run.model[0].weight.clone()
    with pytest.raises(CheckpointError, match=message) as caught:
        run.fit(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert torch.equal(run.model[0].weight, weights)
    assert os.listdir(path.parent) == [path.name]


def test_a_path_that_cannot_be_written_is_told_before_training(tmp_path):
    run = Run()
    with pytest.raises(CheckpointError, match=r"run cannot be written \(.*No such file.*\): give a path"):
        run.fit(tmp_path / "missing" / "run")
    assert run.scheduler.last_epoch == 0


def test_a_state_that_could_not_be_loaded_is_told_before_training(tmp_path):
    run = Run()
    run.scheduler.strange = np.float64(0.1)
    with pytest.raises(CheckpointError, match="could not be read again: let the states of optimizer and scheduler"):
        run.fit(tmp_path / "run")
    assert os.listdir(tmp_path) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run"
    checkpoint.write(path, {"format": checkpoint.FORMAT, "number": 1})

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(CheckpointError, match="No space left"):
        checkpoint.write(path, {"format": checkpoint.FORMAT, "number": 2})
    assert checkpoint.read(path)["number"] == 1
    assert os.listdir(tmp_path) == ["run"]


def test_without_a_path_nothing_is_done():
    with checkpoint.Checkpoint(None, {}, None, 1, team=distributed.ALONE) as saved:
        saved.after(None)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
