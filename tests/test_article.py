"""The article's own library runs here, on the data that rides along."""

import matplotlib as mpl
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset

from helpers.article import d2l


@pytest.fixture(autouse=True)
def in_notebooks(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath / "notebooks")
    backend = mpl.get_backend()
    mpl.use("agg")
    yield
    mpl.use(backend)


def test_the_articles_data_call_works():
    train_iter, test_iter = d2l.load_data_fashion_mnist(128, resize=224)
    assert (len(train_iter), len(test_iter)) == (469, 79)
    assert train_iter.num_workers == 0
    images, labels = next(iter(test_iter))
    assert images.shape == (128, 1, 224, 224)
    assert labels.dtype == torch.int64


def test_the_articles_training_works(capsys):
    train_iter, test_iter = d2l.load_data_fashion_mnist(32)
    few = [DataLoader(Subset(part.dataset, range(160)), 32) for part in (train_iter, test_iter)]
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    d2l.train_ch6(net, *few, num_epochs=2, lr=0.1, device=torch.device("cpu"))
    assert "examples/sec on cpu" in capsys.readouterr().out
