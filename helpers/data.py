"""The data of the course: Fashion-MNIST from the archives in `data/`, and loaders of whole batches."""

import contextlib
import gzip
import hashlib
import os
import struct
import tempfile
import zlib
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset, TensorDataset

from helpers.language import spoken
from helpers.loader import loader  # noqa: F401  (so that lessons find it beside the data)

CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
MEAN, STD = 0.2860, 0.3530  # of the training pixels scaled to 0..1
# The official archives and the md5 sums that torchvision expects of them.
ARCHIVES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


class DataError(Exception):
    """An archive is missing or is not what it should be; the message names the file and the remedy."""


def folder():
    """Return the data folder: COURSE_DATA if set, else `data/` of the repository."""
    return Path(os.environ.get("COURSE_DATA") or Path(__file__).parent.parent / "data")


def fashion_mnist(train=True, examples=None):
    """Load Fashion-MNIST straight from its archives; nothing is downloaded or written.

    Args:
        train: True for the 60,000 training images, False for the 10,000 test images.
        examples: take only so many, in the archive's order (it is already mixed); None for all.

    Returns:
        TensorDataset of images, uint8 of shape (N, 1, 28, 28), and labels, int64 of shape (N,).

    Raises:
        DataError: an archive is missing, cut, damaged or unreadable.
        ValueError: examples is not between 1 and the size of the set.
    """
    part = "train" if train else "t10k"
    images = _read(f"{part}-images-idx3-ubyte.gz", header=16).view(-1, 1, 28, 28)
    labels = _read(f"{part}-labels-idx1-ubyte.gz", header=8).long()
    if examples is not None and not 1 <= examples <= len(labels):
        told = spoken("examples must be between 1 and {most}, got {this}")
        raise ValueError(told.format(most=len(labels), this=examples))
    return TensorDataset(images[:examples], labels[:examples])


def verify():
    """Check the md5 sum of all four archives; raise DataError for the first that is wrong."""
    for name in ARCHIVES:
        _read_archive(name)


def torchvision_folder():
    """Return a folder in which torchvision finds Fashion-MNIST unpacked: it downloads, checks and writes nothing.

    That is the data folder or, where it cannot be written, one in the user's cache. torchvision can unpack, too,
    but takes what an interruption or a full disk left of a file for the whole.

    Raises:
        DataError: an archive is missing, cut, damaged or unreadable, or there is nowhere to unpack.
    """
    archives = {name: _read_archive(name) for name in ARCHIVES}
    cache = _cache()
    for root in (folder(), cache):
        try:
            for name, archive in archives.items():
                _unpack(archive, root / "FashionMNIST" / "raw" / name.removesuffix(".gz"))
            return root
        except OSError as error:
            reason = error.strerror
    told = spoken(
        "Fashion-MNIST can be unpacked neither in {folder} nor in {cache} ({reason}): make room for 55 MB there, "
        "or set XDG_CACHE_HOME to a folder that has it."
    )
    raise DataError(told.format(folder=folder(), cache=cache, reason=reason))


def _cache():
    """Return the course's folder in the user's cache, or among the temporary files of a user without a home."""
    for place in (os.environ.get("XDG_CACHE_HOME"), os.path.expanduser("~/.cache"), tempfile.gettempdir()):
        if place and os.path.isabs(place):  # an unknown user's "~" stays "~", which would be a folder of that name
            break
    return Path(place) / "cnn-course"


def _unpack(archive, path):
    """Write an archive's content to a path that at any moment holds nothing or the whole, also if others do so, too."""
    if _holds(path, archive):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("part-" + path.name)
    try:
        part.touch()
        with open(part, "r+b") as file:  # not emptied: another process may be writing the same bytes
            file.write(gzip.decompress(archive))
            file.truncate()
        os.replace(part, path)
    except FileNotFoundError:  # the other was faster
        if not _holds(path, archive):
            raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _holds(path, archive):
    """Tell whether a file is what the archive packs, by the check sum and the size at an archive's end."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    return struct.pack("<II", zlib.crc32(content), len(content)) == archive[-8:]


def _read_archive(name):
    path = folder() / "FashionMNIST" / "raw" / name
    remedy = spoken("Restore it with `git checkout -- data`, or set COURSE_DATA to a folder that has it.")
    try:
        content = path.read_bytes()
    except OSError as error:
        told = spoken("{path} cannot be read ({reason}). {remedy}")
        raise DataError(told.format(path=path, reason=error.strerror, remedy=remedy)) from None
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != ARCHIVES[name]:
        told = spoken("{path} is damaged: its md5 sum should be {right}, found {found}. {remedy}")
        raise DataError(told.format(path=path, right=ARCHIVES[name], found=found, remedy=remedy))
    return content


def _read(name, header):
    """Unpack an archive of the IDX format (bytes behind a header) into a flat uint8 tensor."""
    return torch.frombuffer(bytearray(gzip.decompress(_read_archive(name))), dtype=torch.uint8, offset=header)


class Preprocess(nn.Module):
    """Turn a batch of grey bytes into what a network takes: scaled, standardised, resized, on the device.

    Put before a network, it works on the whole batch at once. In training mode it also mirrors half of
    the images, if `flip` is set. Input: uint8 (N, 1, H, W). Output: float32 (N, 1, size, size).
    """

    def __init__(self, size=28, flip=False):
        super().__init__()
        self.size, self.flip = size, flip

    def forward(self, images):
        if self.flip and self.training:  # while they are small
            mirrored = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
            images = torch.where(mirrored, images.flip(3), images)
        x = (images.float() / 255 - MEAN) / STD
        if x.shape[-1] != self.size:
            x = F.interpolate(x, size=(self.size, self.size), mode="bilinear")
        return x

    def extra_repr(self):
        return f"size={self.size}, flip={self.flip}"


def cifar10(train=True, transform=None):
    """Open CIFAR10 if its files are in the data folder, else a stand-in of the same shapes, and say so.

    The stand-in is Fashion-MNIST, padded from 28 to 32 pixels, with its grey in all three channels.

    Args:
        train: True for the training images, False for the 10,000 test images.
        transform: function of a PIL image, such as torchvision's ToTensor(), or None.

    Returns:
        A dataset whose item i is (image, label), a PIL image of 32 × 32 unless transformed, and an int.
    """
    from torchvision import datasets  # takes a second, and only one lesson needs it

    try:
        return datasets.CIFAR10(folder() / "CIFAR10", train=train, transform=transform)
    except RuntimeError:  # torchvision's answer where the files are missing or damaged
        print(spoken("CIFAR10 is not in the data folder. Fashion-MNIST stands in for it, padded to 3 × 32 × 32."))
        return StandIn(train, transform)


class StandIn(Dataset):
    """Fashion-MNIST in the shape of CIFAR10, item by item as torchvision gives it."""

    classes = CLASSES

    def __init__(self, train, transform=None):
        images, labels = fashion_mnist(train).tensors
        self.images, self.targets, self.transform = F.pad(images[:, 0], (2, 2, 2, 2)), labels.tolist(), transform

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        image = Image.fromarray(self.images[index].numpy()).convert("RGB")
        return image if self.transform is None else self.transform(image), self.targets[index]

    def __repr__(self):
        return f"Stand-in for CIFAR10: {len(self):,} Fashion-MNIST images, padded to 3 × 32 × 32"
