"""Answers of exercises that PyTorch can give itself, computed by another way than the one in the data."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.exercises import find


def answer(name):
    return find(name).solution


def stepped(optimizer_class, weight, gradient, **options):
    w = torch.tensor([weight], requires_grad=True)
    optimizer = optimizer_class([w], **options)
    w.grad = torch.tensor([gradient])
    optimizer.step()
    return w.item()


def test_activation_slopes():
    x = torch.tensor(-5.0, requires_grad=True)
    F.leaky_relu(x, 0.1).backward()
    assert x.grad.item() == pytest.approx(answer("activation.slope"))
    x = torch.tensor(0.0, requires_grad=True)
    y = x
    for _ in range(6):
        y = torch.sigmoid(2 * (y - y.detach()))  # the bias brings 0 to the sigmoid
    y.backward()
    assert x.grad.item() == pytest.approx(answer("activation.layers"))


def test_decay_factor():
    assert stepped(torch.optim.SGD, 1.0, 0.0, lr=0.2, weight_decay=0.3) == pytest.approx(answer("decay.factor"))


def test_decay_norm():
    """Gradient descent with decay on 36 examples of tiny true weights, for 200 draws."""
    draws = torch.Generator().manual_seed(0)
    X, w = torch.randn(200, 36, 100, generator=draws), torch.randn(200, 100, 1, generator=draws)
    y = X @ torch.full((100, 1), 0.01)
    for _ in range(20):
        w = (1 - 0.1 * 0.5) * w - 0.1 * X.mT @ (X @ w - y) / 36
    assert w.norm(dim=1).median().item() == pytest.approx(answer("decay.norm"), rel=0.03)


def test_decay_of_a_sum():
    X, y = torch.randn(20, 3, generator=torch.Generator().manual_seed(1)), torch.ones(20)
    ends = []
    for (eta, lam), reduction in (((0.05, 3.0), "mean"), (answer("decay.sum"), "sum")):
        w = torch.ones(3, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=eta, weight_decay=lam)
        for _ in range(5):
            optimizer.zero_grad()
            F.mse_loss(X @ w, y, reduction=reduction).backward()
            optimizer.step()
        ends.append(w.detach())
    torch.testing.assert_close(*ends)


def test_decay_of_adam():
    both = [stepped(kind, 0.6, -0.2, lr=0.1, weight_decay=0.5) for kind in (torch.optim.Adam, torch.optim.AdamW)]
    assert both == pytest.approx(answer("decay.adam"), abs=1e-6)


def test_decay_share():
    """Gradient descent with decay in a bowl of curvature 2.4 around a truth of 1."""
    w = 0.0
    for _ in range(500):
        w -= 0.1 * (2.4 * (w - 1) + 0.6 * w)
    assert w == pytest.approx(answer("decay.share"))


def test_dropout_as_decay():
    """The noise that dropout adds to the mean loss of weight 1 is half of λ."""
    torch.manual_seed(0)
    prediction = F.dropout(torch.full((1_000_000,), 3**0.5), 0.2)
    assert prediction.var().item() == pytest.approx(answer("dropout.decay"), abs=0.01)


def test_dropout():
    """Over many masks; the mean of a million has an error of about a thousandth."""
    torch.manual_seed(0)
    dropped = F.dropout(torch.tensor([2.0, 1.0]).expand(1_000_000, 2), 0.2)
    mean = torch.relu(dropped @ torch.tensor([1.0, -1.0])).mean()
    assert mean.item() == pytest.approx(answer("dropout.relu"), abs=0.01)
    kept = F.dropout(torch.full((1000,), 3.0), 0.4).max()
    assert kept.item() == pytest.approx(answer("dropout.value"))
    noisy = F.dropout(torch.ones(1_000_000), answer("dropout.variance"))
    assert noisy.var().item() == pytest.approx(4, rel=0.02)


def test_dropout_of_another_kind():
    draws = torch.Generator().manual_seed(2)
    h, first, second = torch.rand(8, generator=draws), *torch.randn(2, 8, 8, generator=draws)
    original = second @ (0.5 * torch.relu(first @ (0.4 * h)))
    torch.testing.assert_close(second @ torch.relu(first @ h), answer("dropout.convert") * original)


def test_convolutions():
    layer = nn.Conv2d(1, 1, 8, stride=4, padding=6)
    assert layer(torch.zeros(1, 1, 33, 33)).shape[-1] == answer("conv.side")
    assert sum(p.numel() for p in nn.Conv2d(3, 16, 5).parameters()) == answer("conv.parameters")
    assert sum(p.numel() for p in nn.Conv2d(3, 96, 11).parameters()) == answer("alexnet.colour")
    matrix = F.conv2d(torch.eye(25).reshape(25, 1, 5, 5), torch.ones(1, 1, 3, 3), padding=1)
    assert matrix.count_nonzero() == answer("conv.matrix")


def test_factor_of_a_start():
    torch.manual_seed(0)
    layer = nn.Conv2d(24, 96, 5, bias=False)
    nn.init.xavier_uniform_(layer.weight)
    before = torch.randn(50, 24, 12, 12)
    after = layer(before.relu())
    assert (after.square().mean() / before.square().mean()).item() == pytest.approx(answer("alexnet.factor"), rel=0.05)


def test_receptive_field():
    net = nn.Sequential(nn.Conv2d(1, 1, 3), nn.AvgPool2d(4, 3), nn.Conv2d(1, 1, 7))
    image = torch.randn(1, 1, 60, 60, requires_grad=True)
    out = net(image)
    out[0, 0, 5, 5].backward()
    assert (image.grad[0, 0].abs().sum(0) > 0).sum() == answer("conv.field")


def test_amdahl_and_bytes():
    assert find("faster.speedup").solution([0.2, 0.8], [math.inf, 1]) == answer("faster.amdahl")
    floats, small = torch.zeros(84, 84), torch.zeros(28, 28, dtype=torch.uint8)
    assert floats.nbytes / small.nbytes == answer("faster.bytes")
