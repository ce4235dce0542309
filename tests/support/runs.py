"""Training runs that are small and have everything that has a state, and processes to run them in."""

import contextlib
import multiprocessing
import os
import socket

import torch
from torch import nn
from torch.utils.data import TensorDataset

from helpers import data, device, training
from helpers.checkpoint import Checkpoint

CPU = device.pick("cpu", torch.float32)


def dataset(examples=300):
    inputs = torch.randn(examples, 4, generator=torch.Generator().manual_seed(0))
    return TensorDataset(inputs, inputs[:, :3].argmax(1))


class Run:
    """A tiny run with momentum, a schedule, dropout, batch norm and a shuffled loader with a short last batch."""

    def __init__(self, loader=None, epochs=3, width=16, lr=0.1, p=0.5, seed=0, decay=0.0):
        torch.manual_seed(seed)
        self.loader = loader or data.loader(dataset(), 7, shuffle=True, seed=seed)
        self.epochs = epochs
        self.model = nn.Sequential(
            nn.Linear(4, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(p), nn.Linear(width, 3)
        )
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=lr, momentum=0.9, weight_decay=decay)
        steps = epochs * len(self.loader)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, lr, total_steps=steps)

    def fit(self, path=None, seconds=0, settings=None, **options):
        return training.fit(
            self.model,
            self.loader,
            self.optimizer,
            test_loader=data.loader(dataset(50), 20),
            epochs=self.epochs,
            scheduler=self.scheduler,
            hardware=CPU,
            checkpoint=Checkpoint(path, settings, seconds),
            **options,
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


def in_two_processes(job, folder):
    """Run job(folder, rank) twice as torchrun would, and return what each returns and prints, by rank."""
    context = fork_server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes = [context.Process(target=_process, args=(job, folder, rank, port)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    return [(torch.load(folder / f"{rank}.pt"), (folder / f"{rank}.txt").read_text()) for rank in range(2)]


def _process(job, folder, rank, port):
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()})
    torch.set_num_threads(1)
    with open(folder / f"{rank}.txt", "w") as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        torch.save(job(folder, rank), folder / f"{rank}.pt")
