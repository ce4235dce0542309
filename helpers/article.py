"""The article's own library, d2l 0.17.0, made to run on today's IPython: `from helpers.article import d2l`.

Three repairs. IPython 9 removed `IPython.display.set_matplotlib_formats`, which every `d2l.Animator` calls.
d2l starts four loader processes whatever the machine; none is safer in a notebook. And it looks for the
data in `../data` only, which must be writable; here it finds it wherever the course has it.
"""

import IPython.display
import torchvision
from matplotlib_inline.backend_inline import set_matplotlib_formats
from torch.utils.data import DataLoader
from torchvision import transforms

from helpers import data

if not hasattr(IPython.display, "set_matplotlib_formats"):
    IPython.display.set_matplotlib_formats = set_matplotlib_formats

from d2l import torch as d2l  # noqa: E402 (the line above must come first)


def load_data_fashion_mnist(batch_size, resize=None):
    """Return loaders of the training and the test images, as d2l's function of this name does.

    Args:
        batch_size: images per batch.
        resize: height and width to enlarge the images to, None for 28.
    """
    steps = [transforms.Resize(resize)] if resize else []
    steps = transforms.Compose([*steps, transforms.ToTensor()])
    root = data.torchvision_folder()
    train, test = (
        torchvision.datasets.FashionMNIST(root, train=part, transform=steps, download=True) for part in (True, False)
    )
    return DataLoader(train, batch_size, shuffle=True), DataLoader(test, batch_size, shuffle=False)


d2l.get_dataloader_workers = lambda: 0
d2l.load_data_fashion_mnist = load_data_fashion_mnist

__all__ = ["d2l"]
