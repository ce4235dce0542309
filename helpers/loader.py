"""Batches of a dataset, a whole one at a time, from a loader that knows where it is."""

import torch

from helpers import distributed
from helpers.language import spoken


class Loader:
    """Walks over a dataset in batches; each walk is an epoch. Made by `data.loader`.

    Its `state_dict` says which batch comes next, and `load_state_dict` makes the next walk begin there. That is the
    protocol of torchdata's StatefulDataLoader.
    """

    def __init__(self, dataset, batch_size, shuffle, drop_last, seed, rank, world_size):
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self.seed, self.rank, self.world_size, self.num_examples = seed, rank, world_size, len(dataset)
        self._epoch, self._batch, self._is_loaded = 0, 0, False  # of the batch that comes next

    def __len__(self):
        """Count the batches of an epoch in which this process has a part."""
        whole, rest = divmod(self.num_examples, self.batch_size)
        return whole + (rest > self.rank and not self.drop_last)

    def __iter__(self):
        if self._batch and not self._is_loaded:  # the epoch before was left early: this is a new one
            self._epoch, self._batch = self._epoch + 1, 0
        self._is_loaded = False
        order = self._order()
        for batch in range(self._batch, len(self)):
            self._batch = batch + 1
            examples = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            yield self.dataset[examples[self.rank :: self.world_size].tolist()]
        self._epoch, self._batch = self._epoch + 1, 0

    def _order(self):
        if not self.shuffle:
            return torch.arange(self.num_examples)
        # A large prime, so that runs with neighbouring seeds don't see the same orders an epoch apart.
        generator = torch.Generator().manual_seed((self.seed + 1_000_003 * self._epoch) % 2**63)
        return torch.randperm(self.num_examples, generator=generator)

    def state_dict(self):
        return {"epoch": self._epoch, "batch": self._batch}

    def load_state_dict(self, state):
        self._epoch, self._batch, self._is_loaded = state["epoch"], state["batch"], True


def loader(dataset, batch_size, *, shuffle=False, drop_last=False, seed=0, rank=None, world_size=None):
    """Make a Loader that takes whole batches from tensors at once, instead of image by image.

    On several processes (torchrun) each takes its part of every batch, every world_size-th example from its rank on,
    and reads no other. A shuffled loader then always drops a short last batch: training needs equal parts.

    Args:
        dataset: a dataset that takes a list of indices, such as a TensorDataset or a Subset of one.
        batch_size: examples per batch, of all processes together; the last batch is shorter where it doesn't divide
            the set.
        shuffle: a new order for each epoch, drawn from a generator of the loader's own.
        drop_last: leave out a short last batch.
        seed: of that generator.
        rank, world_size: number of this process and of all; None for what torchrun says, 0 and 1 without it.

    Raises:
        ValueError: batch_size is less than 1, or no multiple of the number of processes.
    """
    rank = distributed.rank() if rank is None else rank
    world_size = distributed.world_size() if world_size is None else world_size
    if batch_size < 1:
        raise ValueError(spoken("batch_size must be at least 1, got {this}").format(this=batch_size))
    if batch_size % world_size:
        told = spoken("batch_size must be a multiple of the number of processes, {n}, got {this}")
        raise ValueError(told.format(n=world_size, this=batch_size))
    drop_last = drop_last or (shuffle and world_size > 1)
    return Loader(dataset, batch_size, shuffle, drop_last, seed, rank, world_size)
