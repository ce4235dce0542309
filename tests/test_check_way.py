"""Where the way is the task, `check` sees which way an answer went."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.exercises import AFFINE, Wrong, WrongWay, calls, operations


def twice(x):
    return 2 * x


def vectors():
    return [(torch.tensor([1.0, -2.0, 3.0]),), (torch.tensor([[0.5, 4.0]]),)]


def test_operations_are_counted_by_name():
    x = torch.tensor([1.0, -2.0])
    with operations() as ran:
        _ = torch.relu(x) + F.relu(x) + x.relu() + nn.ReLU()(x) + x.clone().relu_()
        _ = x - 1, 1 - x, x.tolist(), float(x[0]), x.shape, x % 2
    assert ran["relu"] == 5
    assert ran["tolist"] == ran["item"] == ran["remainder"] == 1
    assert set(ran) - AFFINE == {"relu", "tolist", "item", "remainder"}


def test_calls_are_counted_whatever_the_name():
    grad = torch.autograd.grad
    x = torch.ones(2, requires_grad=True)
    with calls(torch.autograd.grad, torch.autograd.backward, sorted) as made:
        grad((x * x).sum(), x)
        (x * x).sum().backward()
        sorted([1])
    assert made == {torch.autograd.grad: 1, torch.autograd.backward: 1, sorted: 1}


@contextmanager
def with_two_relus():
    with operations() as ran:
        yield
    if set(ran) - AFFINE - {"relu"}:
        raise WrongWay("Only ReLUs.")
    if ran["relu"] < 2:
        raise WrongWay("Two of them.")


def size(x):
    return torch.relu(x) + torch.relu(-x)


WAYS = {
    "Only ReLUs.": [
        abs,
        torch.abs,
        lambda x: (x * x).sqrt(),
        lambda x: size(x).abs(),
        lambda x: [abs(float(v)) for v in x[0]],
    ],
    "Two of them.": [lambda x: x * torch.tensor([1.0, -1.0])],
}
WAYS["Only ReLUs."] += [lambda x: np.abs(x.numpy()), lambda x: torch.where(x > 0, x, -x), lambda x: x.maximum(-x)]
REFUSED = [(sentence, answer) for sentence, answers in WAYS.items() for answer in answers]


@pytest.mark.parametrize(("sentence", "answer"), REFUSED)
def test_another_way_is_refused(judge, sentence, answer):
    rows = [[2.0, -3.0]]
    feedback = judge(size, answer, inputs=lambda: [(torch.tensor(rows),)], way=with_two_relus)
    assert feedback.verdict == "not yet"
    assert sentence in feedback.text


def by_layers(x):
    layer = nn.Linear(1, 2, bias=False)
    layer.weight = nn.Parameter(torch.tensor([[1.0], [-1.0]]))
    left, right = layer(x[..., None]).unbind(-1)
    return torch.relu(left) + torch.relu(right)


def by_places(x):
    y = torch.empty_like(x).fill_(0)
    for place in range(x.shape[-1]):
        y[..., place] = size(x[..., place])
    return y


DEMANDED = [size, by_layers, by_places, lambda x: F.relu(x) + F.relu(-x), lambda x: sum(map(nn.ReLU(), (x, -x)))]


@pytest.mark.parametrize("answer", DEMANDED)
def test_the_demanded_way_passes(judge, answer):
    assert judge(size, answer, inputs=vectors, way=with_two_relus)


def test_a_forgotten_return_is_told_before_the_way(judge):
    assert "returned None" in judge(size, print, inputs=vectors, way=with_two_relus).text
    assert judge(size, lambda x: ..., inputs=vectors, way=with_two_relus).verdict == "not tried"


def test_a_mistake_is_named_before_the_way(judge):
    wrongs = (Wrong(lambda x: x.sign(), "Only the sign."),)
    assert judge(size, torch.sign, inputs=vectors, way=with_two_relus, wrongs=wrongs).text == "Only the sign."


def test_a_way_may_end_the_call_and_a_swallowed_end_counts(judge):
    @contextmanager
    def never():
        raised = []

        def forbidden(x):
            raised.append(x)
            raise WrongWay("Without it.")

        kept, torch.sort = torch.sort, forbidden
        try:
            yield
        finally:
            torch.sort = kept
        if raised:
            raise WrongWay("Without it.")

    def swallows(x):
        try:
            torch.sort(x)
        except Exception:
            return 2 * x

    assert "Without it." in judge(twice, lambda x: torch.sort(x), inputs=vectors, way=never).text
    assert "Without it." in judge(twice, swallows, inputs=vectors, way=never).text
    assert judge(twice, twice, inputs=vectors, way=never)
