"""The training loop: steps, averages, divergence, interruption, bad arguments."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from helpers import data, device, training

CPU = device.pick("cpu", torch.float32)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


@pytest.fixture
def dataset():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(50, 4, generator=generator)
    return TensorDataset(inputs, inputs[:, :3].argmax(1))


def sgd(model, lr=0.5):
    return torch.optim.SGD(model.parameters(), lr=lr)


def test_train_does_what_the_plain_loop_does(model, dataset):
    plain = copy.deepcopy(model)
    optimizer = sgd(plain)
    for _ in range(2):
        for inputs, targets in data.loader(dataset, 8):
            loss = F.cross_entropy(plain(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    steps = list(training.train(model, data.loader(dataset, 8), sgd(model), epochs=2, hardware=CPU))
    for ours, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert [step.number for step in steps] == list(range(1, 15))
    assert [step.examples for step in steps[:7]] == [8] * 6 + [2]
    assert [step.number for step in steps if step.is_last] == [7, 14]
    assert steps[-1].epoch == 1
    assert float(steps[-1].loss) == loss.item()


def test_train_is_lazy(model, dataset):
    before = copy.deepcopy(model.state_dict())
    steps = training.train(model, data.loader(dataset, 8), sgd(model), hardware=CPU)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    next(steps)
    assert not torch.equal(before["0.weight"], model.state_dict()["0.weight"])


def test_evaluate_weights_by_examples_and_restores_the_mode(dataset):
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 3))
    model.train()
    loss, accuracy = training.evaluate(model, data.loader(dataset, 7), hardware=CPU)  # a last batch of one
    assert model.training
    inputs, targets = dataset.tensors
    model.eval()
    assert math.isclose(loss, F.cross_entropy(model(inputs), targets).item(), rel_tol=1e-5)
    assert math.isclose(accuracy, (model(inputs).argmax(1) == targets).float().mean().item(), rel_tol=1e-6)


def test_fit_records_means_over_examples(model, dataset):
    loader = data.loader(dataset, 16)
    with torch.no_grad():
        frozen = training.evaluate(model, loader, hardware=CPU)
    history = training.fit(model, loader, sgd(model, lr=0), test_loader=loader, epochs=2, hardware=CPU)
    assert [epoch.epoch for epoch in history.epochs] == [1, 2]
    assert math.isclose(history.epochs[0].loss, frozen[0], rel_tol=1e-5)  # nothing moves at lr 0
    assert math.isclose(history.epochs[0].accuracy, frozen[1], rel_tol=1e-6)
    assert math.isclose(history.test_accuracy, frozen[1], rel_tol=1e-6)
    assert history.curve[-1].epoch == 2.0
    assert not history.interrupted


def test_fit_learns_and_prints_plain_lines(model, dataset, capsys):
    loader = data.loader(dataset, 10, shuffle=True)
    history = training.fit(model, loader, sgd(model), test_loader=loader, epochs=20, hardware=CPU)
    assert history.test_accuracy > 0.9
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert lines[-1].startswith("epoch 20/20: train loss ")
    assert "images/s" in lines[-1]


def test_a_scheduler_steps_after_every_batch(model, dataset):
    optimizer = sgd(model, lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    list(training.train(model, data.loader(dataset, 25), optimizer, scheduler=scheduler, hardware=CPU))
    assert scheduler.get_last_lr() == [0.25]


def test_divergence_stops_with_advice(model, dataset):
    with pytest.raises(training.Diverged, match=r"became (inf|nan) at step \d+ \(epoch \d+\).*1e\+20.*smaller"):
        training.fit(model, data.loader(dataset, 10), sgd(model, lr=1e20), epochs=5, hardware=CPU)


def test_divergence_is_a_floating_point_error():
    assert issubclass(training.Diverged, FloatingPointError)


def test_an_interrupt_leaves_model_and_history_usable(model, dataset):
    class Interrupting:
        """Interrupts in the middle of the second epoch."""

        def __init__(self):
            self.loader, self.passes = data.loader(dataset, 10), 0

        def __len__(self):
            return len(self.loader)

        def __iter__(self):
            self.passes += 1
            for number, batch in enumerate(self.loader):
                if self.passes == 2 and number == 2:
                    raise KeyboardInterrupt
                yield batch

    history = training.fit(model, Interrupting(), sgd(model), epochs=3, hardware=CPU)
    assert history.interrupted
    assert len(history.epochs) == 1
    assert history.epochs[0].test_accuracy is None
    assert all(parameter.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("run", [training.fit, lambda *a, **k: list(training.train(*a, **k))])
def test_bad_arguments_are_quoted(run, model, dataset):
    loader = data.loader(dataset, 10)
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        run(model, loader, sgd(model), epochs=0, hardware=CPU)
    empty = data.loader(dataset, 100, drop_last=True)
    with pytest.raises(ValueError, match="the loader is empty"):
        run(model, empty, sgd(model), hardware=CPU)
    beyond = data.loader(TensorDataset(dataset.tensors[0], dataset.tensors[1] + 1), 10)
    with pytest.raises(ValueError, match="labels must be between 0 and 2 for 3 outputs, got 3"):
        run(model, beyond, sgd(model), hardware=CPU)


def test_an_empty_test_loader_is_told(model, dataset):
    with pytest.raises(ValueError, match="the loader is empty"):
        training.evaluate(model, data.loader(dataset, 100, drop_last=True), hardware=CPU)


def test_regression_has_no_hits(dataset):
    model = nn.Linear(4, 1)
    inputs = dataset.tensors[0]
    loader = data.loader(TensorDataset(inputs, inputs.sum(1, keepdim=True)), 10)
    history = training.fit(model, loader, sgd(model, 0.1), loss_function=F.mse_loss, epochs=20, hardware=CPU)
    assert history.epochs[-1].loss < 0.01
    assert history.epochs[-1].accuracy == 0
