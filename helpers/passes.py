"""Passes over a loader that can be left after any batch and taken up there again, with all random numbers."""

import random

import numpy as np
import torch

from helpers import distributed

CPU = torch.device("cpu")


class Passes:
    """Walks over a loader so many times and knows where it is.

    A loader cannot be wound forward, but it can be made to repeat itself: start the pass from the random
    states that it started from, fetch the batches that were done without computing on them, and set the
    random states of the moment of leaving. Loader workers with `persistent_workers` keep random states of
    their own, so only a pass without random transforms is repeated exactly there.

    Args:
        loader: yields batches; has a length.
        epochs: how many passes.
        device: the torch.device whose random numbers belong to the run.
        team: the processes that walk together, in the same order.
    """

    def __init__(self, loader, epochs, device=CPU, team=distributed.ALONE):
        self._loader, self._epochs, self._device, self._team = loader, epochs, device, team
        self._epoch, self._batch = 0, 0  # whole passes done, batches done in this one
        self._start = self._now = None  # random states of the pass's start, and of each process on loading

    @property
    def done(self):
        """Batches done since the start of the run."""
        return self._epoch * len(self._loader) + self._batch

    def __iter__(self):
        """Yield (epoch, batches) for each pass that is left; batches yields (number, batch), from 1."""
        while self._epoch < self._epochs:
            yield self._epoch, self._batches()
            self._epoch, self._batch, self._start = self._epoch + 1, 0, None

    def _batches(self):
        done = self._batch
        if self._start is None:
            self._start = self._team.first(random_states(self._loader, self._device))
        set_random_states(self._start, self._loader, self._device)
        for number, batch in enumerate(self._loader, 1):
            if number == 1:
                self._team.part_ways()
            if number == done:
                self._set_now()
            if number > done:
                self._batch = number
                yield number, batch

    def state_dict(self):
        """Return the place after the batch yielded last. Every process of a team must ask for it."""
        now = self._team.gather(random_states(self._loader, self._device))
        if self._batch == len(self._loader):
            return {"epoch": self._epoch + 1, "batch": 0, "start": None, "now": now}
        return {"epoch": self._epoch, "batch": self._batch, "start": self._start, "now": now}

    def load_state_dict(self, state):
        """Go on from such a place, and set the random states that were there."""
        self._epoch, self._batch, self._start = state["epoch"], state["batch"], state["start"]
        self._now = state["now"]
        self._set_now()

    def _set_now(self):
        # A larger team than the one that saved begins with equal random numbers, until its next pass.
        set_random_states(self._now[self._team.rank % len(self._now)], self._loader, self._device)


def random_states(loader, device):
    """Return the states of all random numbers of a run, in types that torch.load reads with weights_only."""
    name, keys, *rest = np.random.get_state()
    states = {
        "torch": torch.get_rng_state(),
        "python": random.getstate(),
        "numpy": (name, keys.tolist(), *rest),
        "loader": [generator.get_state() for generator in generators(loader)],
    }
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def set_random_states(states, loader, device):
    """Set what random_states returned; a device that the states don't know keeps its own."""
    torch.set_rng_state(states["torch"])
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    for generator, state in zip(generators(loader), states["loader"], strict=True):
        generator.set_state(state)
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    if device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])


def generators(part):
    """List the torch.Generators that a loader, its dataset and its samplers hold, each once."""
    own = getattr(part, "generator", None)
    found = [own] if isinstance(own, torch.Generator) else []
    for name in ("batch_sampler", "sampler", "dataset"):
        inner = getattr(part, name, None)
        if inner is not None:
            found += generators(inner)
    return list(dict.fromkeys(found))
