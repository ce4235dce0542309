"""The data, intact; test_faults.py damages it."""

import shutil

import pytest
import torch

from helpers import data


@pytest.mark.parametrize(("train", "count"), [(True, 60_000), (False, 10_000)])
def test_the_whole_set_is_there(train, count):
    images, labels = data.fashion_mnist(train).tensors
    assert images.shape == (count, 1, 28, 28)
    assert images.dtype == torch.uint8
    assert torch.equal(labels.bincount(), torch.full((10,), count // 10))


def test_it_is_what_torchvision_unpacks_and_reads(tmp_path):
    from torchvision.datasets import FashionMNIST

    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name in data.ARCHIVES:
        shutil.copy(data.folder() / "FashionMNIST" / "raw" / name, raw)
    theirs = FashionMNIST(str(tmp_path), train=False, download=True)
    images, labels = data.fashion_mnist(train=False).tensors
    assert torch.equal(images[:, 0], theirs.data)
    assert torch.equal(labels, theirs.targets)
    assert tuple(theirs.classes)[1:3] == ("Trouser", "Pullover")


def test_mean_and_deviation_are_those_of_the_training_pixels():
    pixels = data.fashion_mnist().tensors[0].float() / 255
    assert abs(pixels.mean() - data.MEAN) < 1e-4
    assert abs(pixels.std() - data.STD) < 1e-4


@pytest.mark.parametrize("examples", [0, -1, 10_001])
def test_a_wrong_number_of_examples_is_quoted(examples):
    with pytest.raises(ValueError, match=f"between 1 and 10000, got {examples}"):
        data.fashion_mnist(train=False, examples=examples)


def test_preprocessing_standardises_resizes_and_mirrors_in_training_only():
    images = data.fashion_mnist(train=False, examples=64).tensors[0]
    assert data.Preprocess(112)(images).shape == (64, 1, 112, 112)
    plain, flipping = data.Preprocess().eval(), data.Preprocess(flip=True)
    assert torch.equal(plain(images), flipping.eval()(images))
    mirrored = (flipping.train()(images) == plain(images).flip(3)).flatten(1).all(1)
    assert 10 < mirrored.sum() < 54
    assert torch.allclose(data.Preprocess(112)(images.flip(3)), data.Preprocess(112)(images).flip(3), atol=1e-5)


def test_cifar10_says_when_something_stands_in_for_it(tmp_path, monkeypatch, capsys):
    real = data.folder() / "FashionMNIST"
    (tmp_path / "FashionMNIST").symlink_to(real)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    dataset = data.cifar10(train=False, transform=lambda image: image)
    assert "stands in" in capsys.readouterr().out
    image, label = dataset[0]
    assert len(dataset) == 10_000
    assert (image.size, image.mode) == ((32, 32), "RGB")
    assert label == data.fashion_mnist(train=False).tensors[1][0]
