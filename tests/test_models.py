"""The networks: the article's numbers, and errors for what cannot be built."""

import doctest

import pytest
import torch

from helpers import models


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(models).failed == 0
    assert doctest.testmod(models).attempted > 0


def test_alexnet_is_the_articles():
    net = models.alexnet()
    assert len(net) == 21
    assert models.count_parameters(net) == 46_764_746


@pytest.mark.parametrize("size", [65, 80, 112, 193, 224, 227])
def test_alexnet_fits_its_size(size):
    net = models.alexnet(size, width=1 / 16).eval()
    assert net(torch.zeros(2, 1, size, size)).shape == (2, 10)
    assert net[:13](torch.zeros(1, 1, size, size)).shape[-1] == models.feature_side(size)


def test_what_cannot_be_built_is_told():
    with pytest.raises(ValueError, match="at least 65.*got 64"):
        models.alexnet(64)
    with pytest.raises(ValueError, match=r"at least one channel of 96, got 0\.01"):
        models.alexnet(width=0.01)
    with pytest.raises(ValueError, match=r"at least two widths.*got \(3,\)"):
        models.mlp(3)


def test_init_he_keeps_the_size_of_the_signal():
    torch.manual_seed(0)
    net = models.init_he(models.mlp(256, 256, 256, 256, 256, 256))
    outputs = net(torch.randn(500, 256))
    assert 0.7 < outputs.square().mean().sqrt() / 2**0.5 < 1.4
    assert not any(layer.bias.any() for layer in net if hasattr(layer, "bias"))


def test_init_xavier_draws_the_weights_and_leaves_the_biases():
    torch.manual_seed(0)
    layer = models.mlp(200, 300)[0]
    bias = layer.bias.clone()
    assert models.init_xavier(layer) is layer
    assert torch.equal(layer.bias, bias)
    assert layer.weight.std().item() == pytest.approx((2 / (200 + 300)) ** 0.5, rel=0.05)


def test_whitened_filters_give_outputs_of_equal_size_without_correlation_and_stay_as_they_are():
    images = torch.randn(100, 1, 40, 40, generator=torch.Generator().manual_seed(0)).cumsum(3)  # neighbours alike
    layer = torch.nn.Conv2d(1, 8, kernel_size=5, stride=2)
    assert models.freeze_whitened(layer, images) is layer
    outputs = layer(images).transpose(0, 1).flatten(1)
    assert torch.allclose(outputs[:4].cov(), torch.eye(4), atol=1e-3)
    assert torch.equal(layer.weight[4:], -layer.weight[:4])
    assert not layer.bias.any()
    assert models.count_parameters(layer) == 0


@pytest.mark.parametrize("filters", [1, 7])
def test_an_odd_number_of_whitened_filters(filters):
    layer = models.freeze_whitened(torch.nn.Conv2d(1, filters, kernel_size=3), torch.randn(10, 1, 8, 8))
    assert len(layer.weight) == filters
    assert layer.weight.isfinite().all()


def test_dropout_of_alexnet():
    layers = models.alexnet(65, 1 / 16, dropout=0.2)
    assert [layer.p for layer in layers if isinstance(layer, torch.nn.Dropout)] == [0.2, 0.2]


def test_kept_bytes_counts_a_tensor_once_and_no_parameters():
    layer, images = torch.nn.Linear(10, 10), torch.zeros(3, 10)
    assert models.kept_bytes(lambda: layer(images), layer.parameters()) == 3 * 10 * 4
    assert models.kept_bytes(lambda: layer(images) + layer(images), layer.parameters()) == 3 * 10 * 4
