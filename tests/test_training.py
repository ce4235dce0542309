"""The training loop: steps, averages, divergence, interruption, one's own models and data, bad arguments."""

import copy
import math
import time

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from helpers import data, device, training
from tests.support.runs import CPU


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
    assert [step.num_examples for step in steps[:7]] == [8] * 6 + [2]
    assert [int(step.num_labels) for step in steps[:7]] == [8] * 6 + [2]
    assert float(steps[-1].loss) == loss.item()


def test_train_is_lazy(model, dataset):
    before = copy.deepcopy(model.state_dict())
    steps = training.train(model, data.loader(dataset, 8), sgd(model), hardware=CPU)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    next(steps)
    assert not torch.equal(before["0.weight"], model.state_dict()["0.weight"])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_model_computes_in_the_format_of_the_hardware_and_the_loss_in_float32(dtype, model, dataset):
    seen = []
    model[2].register_forward_hook(lambda layer, inputs, output: seen.append(output.dtype))

    def loss_function(outputs, targets):
        seen.append(outputs.dtype)
        return F.cross_entropy(outputs, targets)

    hardware, loader = device.pick("cpu", dtype), data.loader(dataset, 50)
    next(training.train(model, loader, sgd(model), loss_function=loss_function, hardware=hardware))
    training.evaluate(model, loader, loss_function=loss_function, hardware=hardware)
    assert seen == [dtype, torch.float32] * 2
    assert model[2].weight.dtype == torch.float32


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
    assert [point.epoch for point in history.curve] == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    assert not history.interrupted


def test_the_clock_stands_still_between_epochs(model, dataset):
    class Slow:
        """A test set that takes its time."""

        def __iter__(self):
            time.sleep(0.5)
            return iter([dataset.tensors])

    history = training.fit(model, data.loader(dataset, 50), sgd(model), test_loader=Slow(), epochs=3, hardware=CPU)
    assert all(epoch.seconds < 0.4 for epoch in history.epochs[1:])


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
    with pytest.raises(training.Diverged, match=r"became (inf|nan) with a learning rate of 1e\+20; try a smaller"):
        training.fit(model, data.loader(dataset, 10), sgd(model, lr=1e20), epochs=5, hardware=CPU)


def test_divergence_is_a_floating_point_error():
    assert issubclass(training.Diverged, FloatingPointError)


def test_without_a_checkpoint_random_numbers_go_on(model, dataset):
    """Training a second time in one program must not repeat the first's random numbers."""
    loader = DataLoader(dataset, 10, shuffle=True)
    training.fit(model, loader, sgd(model), epochs=2, hardware=CPU)
    first = torch.rand(3)
    training.fit(model, loader, sgd(model), epochs=2, hardware=CPU)
    assert not torch.equal(first, torch.rand(3))


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


X = torch.randn(12, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(12) % 2
FLAT = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
BCE = F.binary_cross_entropy_with_logits


def flat(outputs, *more):
    return nn.Sequential(nn.Flatten(), nn.Linear(192, outputs), *more)


def train_on(model, inputs, targets, loss_function=F.cross_entropy, **options):
    """Train and test on three batches of four; return the history."""
    loader = data.loader(TensorDataset(inputs, targets), 4)
    options = {"test_loader": loader, "epochs": 2, "hardware": CPU} | options
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    return training.fit(model, loader, optimizer, loss_function=loss_function, **options)


THIRD = torch.arange(12) % 4 == 0
VOXELS = X.view(12, 1, 3, 8, 8)
WITH_LABELS = {
    "3-D convolutions": (nn.Sequential(nn.Conv3d(1, 2, 3), nn.Flatten(), nn.LazyLinear(2)), VOXELS, LABELS),
    "segmentation": (nn.Conv2d(3, 5, 1), X, torch.randint(5, (12, 8, 8))),
    "booleans": (flat(2), X, LABELS.bool()),
    "32 bits": (flat(2), X, LABELS.int()),
    "ignored by default": (flat(2), X, LABELS.masked_fill(THIRD, -100)),
    "ignored by number": (flat(2), X, LABELS.masked_fill(THIRD, 255), nn.CrossEntropyLoss(ignore_index=255)),
    "ignored in secret": (flat(2), X, LABELS.masked_fill(THIRD, 9), lambda o, t: F.cross_entropy(o, t, ignore_index=9)),
}


@pytest.mark.parametrize("kind", WITH_LABELS)
def test_accuracy_is_the_share_of_right_labels(kind):
    model, inputs, targets, *loss_function = WITH_LABELS[kind]
    model(inputs)  # lazy layers learn their size
    history = train_on(model, inputs, targets, *loss_function)
    counted = (targets >= 0) & (targets < 5)
    with torch.no_grad():
        right = (model(inputs).argmax(1) == targets)[counted].double().mean()
    assert math.isclose(history.test_accuracy, right, abs_tol=1e-9)
    assert 0 <= history.curve[-1].accuracy <= 1


WITHOUT_LABELS = {
    "regression": (flat(1), X, X.sum((1, 2, 3))[:, None], F.mse_loss),
    "whole numbers, one output": (flat(1, nn.Flatten(0)), X, LABELS * 3, F.mse_loss),
    "booleans, one output": (flat(1, nn.Flatten(0)), X, LABELS.bool(), BCE),
    "several labels": (flat(5), X, torch.randint(2, (12, 5)), BCE),
    "one-hot": (flat(2), X, F.one_hot(LABELS)),
    "a tuple": (
        nn.LSTM(64, 2, batch_first=True),
        X.flatten(2),
        X[:, 0, 0, :2],
        lambda o, t: F.mse_loss(o[0][:, -1], t),
    ),
}


@pytest.mark.parametrize("kind", WITHOUT_LABELS)
def test_without_labels_there_is_a_loss_and_no_accuracy(kind, capsys):
    history = train_on(*WITHOUT_LABELS[kind])
    assert math.isfinite(history.epochs[-1].test_loss)
    assert history.test_accuracy is None
    assert {point.accuracy for point in history.curve} == {None}
    assert "accuracy" not in capsys.readouterr().out


def test_regression_learns(dataset):
    model, inputs = nn.Linear(4, 1), dataset.tensors[0]
    loader = data.loader(TensorDataset(inputs, inputs.sum(1, keepdim=True)), 10)
    history = training.fit(model, loader, sgd(model, 0.1), loss_function=F.mse_loss, epochs=20, hardware=CPU)
    assert history.epochs[-1].loss < 0.01


IMPOSSIBLE = {
    "a tuple": (nn.LSTM(64, 2), X.flatten(2), LABELS, F.cross_entropy, "cannot compare outputs, a tuple, with targets"),
    "one output": (
        flat(1, nn.Flatten(0)),
        X,
        LABELS,
        F.cross_entropy,
        r"needs outputs of .* got shape \(4,\) of float32",
    ),
    "one column": (flat(1), X, LABELS.bool(), BCE, r"cannot compare outputs, shape \(4, 1\) of float32, with"),
    "no mean": (flat(2), X, LABELS, nn.CrossEntropyLoss(reduction="none"), r"must return one number.* shape \(4,\)"),
    "lazy": (nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), X, LABELS, F.cross_entropy, r"1\.weight has no size yet"),
}


@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_what_does_not_fit_together_is_told_in_one_sentence(kind):
    *arguments, message = IMPOSSIBLE[kind]
    with pytest.raises(ValueError, match=message) as raised:
        train_on(*arguments)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("batch", "found"),
    [
        ({"image": X, "label": LABELS}, "got a dict"),
        ((X, X, LABELS), "got a tuple of Tensor, Tensor, Tensor"),
        ([[X, X], LABELS], "got a list of list, Tensor"),
        (X, "got a Tensor"),
    ],
)
def test_a_batch_that_is_no_pair_is_told(batch, found):
    with pytest.raises(ValueError, match=rf"a batch must be a pair of tensors.*{found}: let the dataset"):
        training.fit(FLAT, [batch], sgd(FLAT), hardware=CPU)


@pytest.mark.parametrize("call", ["optimizer", "scheduler"])
def test_who_wants_more_at_each_step_than_the_loop_gives_is_told(call):
    model, loader = flat(2), [(X, LABELS)]
    optimizer = torch.optim.LBFGS(model.parameters()) if call == "optimizer" else sgd(model)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer) if call == "scheduler" else None
    wants = "LBFGS wants closure" if call == "optimizer" else "ReduceLROnPlateau wants metrics"
    with pytest.raises(ValueError, match=f"{wants} at each step"):
        training.fit(model, loader, optimizer, scheduler=scheduler, hardware=CPU)


class Batches:
    """Six batches that claim to be more, fewer, or nothing."""

    def __init__(self, length):
        self._length = length

    def __iter__(self):
        for _ in range(6):
            yield X, LABELS

    def __len__(self):
        if self._length is None:
            raise TypeError
        return self._length


@pytest.mark.parametrize("loader", [Batches(3), Batches(60), Batches(None), [(X, LABELS)] * 6])
def test_whatever_length_a_loader_claims_an_epoch_ends_where_it_ends(loader):
    model = flat(2)
    history = training.fit(model, loader, sgd(model, 0.01), epochs=3, hardware=CPU)
    assert len(history.epochs) == 3
    places = [point.epoch for point in history.curve]
    assert places == sorted(set(places))
    assert [round(6 * place) for place in places if place > 1] == list(range(7, 19))  # from then on it is known


def test_an_iterator_that_has_come_to_its_end_is_told():
    model = flat(2)
    with pytest.raises(ValueError, match="the loader gave no batch: it must give some in every epoch"):
        training.fit(model, iter([(X, LABELS)] * 3), sgd(model, 0.01), epochs=2, hardware=CPU)
