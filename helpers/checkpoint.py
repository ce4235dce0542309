"""A run that survives: all that changes in it, and what tells it from others, as one dict in one file.

Started again with the file, a run ends with the bits of an unbroken one, given the same number of threads (another
number adds in another order). It goes on after the last batch that was saved if its loader has `state_dict` and
`load_state_dict`, as `data.loader`'s and torchdata's StatefulDataLoader have, and at the start of an epoch if not.
Only random numbers of the global generators are repeated: not those of persistent workers, and not those that a
dataset or a sampler draws from a generator of its own. torchdata's loader draws one more of them when it goes on.
"""

import functools
import json
import random
import time

import numpy as np
import torch

from helpers import distributed
from helpers.language import spoken
from helpers.storage import CheckpointError, Storage

FORMAT = "cnn-course checkpoint 2"
LOOK_EVERY = 20  # steps between the looks of several processes at rank 0's clock, since looking waits for all
# What schedulers and modes change as a run goes, among attributes that otherwise are its settings.
MOVING = {"lr", "momentum", "betas", "last_epoch", "T_cur", "T_i", "training"}


class Checkpoint:
    """Saves a run after each epoch, every so many seconds, and when Ctrl+C ends it.

    Args:
        path: the file, or None to do nothing at all.
        settings: numbers and words that tell the run from others, by name, beside those that its parts show.
        seconds: the time between two saves within an epoch; 0 for one after every step.

    Raises:
        CheckpointError: from every method, where the file cannot be read or written or is of another run.
    """

    def __init__(self, path, settings=None, seconds=30):
        self._storage = None if path is None else Storage(path)
        self._given, self._seconds = settings or {}, seconds

    def resume(self, model, optimizer, scheduler, loader, recorder, **settings):
        """Take up what the file holds, or write a first file if there is none. All processes must call it.

        Args:
            model, optimizer, scheduler, loader, recorder: the parts of the run, on their device.
            settings: numbers, words and objects with such attributes that the parts don't show.
        """
        if self._storage is None:
            return
        self._common = _stateful(model=model, optimizer=optimizer, scheduler=scheduler)
        self._of_rank = _stateful(loader=loader, recorder=recorder, random=RandomNumbers(model))
        settings = self._given | settings | {"processes": distributed.world_size(), "loader": loader, "format": FORMAT}
        self._settings = settings_of(model, optimizer, scheduler, **settings)
        self._steps, self._saved = 0, time.monotonic()
        content = distributed.broadcast(self._read() if distributed.rank() == 0 else None)
        if content is None:
            self.save(epoch_ended=True)  # now, so that a path that cannot be written to is told now
            return
        for name, part in self._common.items():
            part.load_state_dict(content[name])
        for name, part in self._of_rank.items():
            part.load_state_dict(content["ranks"][distributed.rank()][name])
        if distributed.rank() == 0:
            told = spoken("going on from {path}, after {n:.4g} epochs")
            print(told.format(path=self._storage.path, n=recorder.done), flush=True)

    def save(self, epoch_ended=False):
        """Write the run, within an epoch only if the loader can go on there. All processes must call it."""
        if self._storage is None or not (epoch_ended or "loader" in self._of_rank):
            return
        content = {"settings": self._settings} | {name: part.state_dict() for name, part in self._common.items()}
        content["ranks"] = distributed.all_gather({name: part.state_dict() for name, part in self._of_rank.items()})
        if distributed.rank() == 0:
            self._storage.write(content)
        self._saved = time.monotonic()

    def save_if_due(self):
        """Save after a step if the last time is long enough ago."""
        if self._storage is None:
            return
        self._steps += 1
        due = time.monotonic() - self._saved >= self._seconds
        if distributed.world_size() > 1:
            due = self._steps % LOOK_EVERY == 0 and distributed.broadcast(due)
        if due:
            self.save()

    def _read(self):
        """Return the content of the file, None if there is none."""
        content = self._storage.read()
        if content is None:
            return None
        found = content["settings"]
        for name in [*self._settings, *found]:
            here, there = (settings.get(name, spoken("absent")) for settings in (self._settings, found))
            if here != there:
                told = spoken(
                    "{path} was saved by another run, where {name} is {there}, not {here}: "
                    "give the settings of that run to go on with it, or another path to start anew"
                )
                raise CheckpointError(told.format(path=self._storage.path, name=name, there=there, here=here))
        return content


def settings_of(model, optimizer, scheduler, **parts):
    """Return all settings of a run as texts by name: plain values, and those among the attributes of its parts."""
    moving = MOVING if scheduler else {"training"}
    parts |= {"optimizer": type(optimizer).__name__}
    parts |= {f"optimizer.{name}": value for name, value in optimizer.defaults.items()}
    parts |= {f"optimizer group {number}": group for number, group in enumerate(optimizer.param_groups)}
    parts |= {"scheduler": scheduler} | {f"model.{name}": module for name, module in model.named_modules()}
    parts |= {f"shape of model.{name}": list(getattr(value, "shape", ())) for name, value in model.state_dict().items()}
    weights = getattr(parts.get("loss_function"), "state_dict", dict)()
    parts |= {f"loss_function.{name}": value.tolist() for name, value in weights.items()}
    texts = {}
    for name, part in parts.items():
        texts[name] = _text(part) or getattr(part, "__name__", type(part).__name__)
        for key, value in _attributes(part).items():
            if _text(value) and not key.startswith("_") and key not in moving:
                texts[f"{name}.{key}"] = _text(value)
    return texts


def _text(value):
    """Return a value as text, None if it is more than numbers, words and lists of them."""
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return None


def _attributes(part):
    if isinstance(part, functools.partial):
        return part.keywords
    return part if isinstance(part, dict) else getattr(part, "__dict__", {})


def _stateful(**parts):
    """Return those of the parts that have a state to save."""
    return {name: part for name, part in parts.items() if hasattr(part, "load_state_dict")}


class RandomNumbers:
    """The states of all global random generators of a run, in types that torch.load reads with weights_only."""

    def __init__(self, model):
        self._device = next(model.parameters()).device

    def state_dict(self):
        name, keys, *rest = np.random.get_state()
        states = {"torch": torch.get_rng_state(), "python": random.getstate(), "numpy": (name, keys.tolist(), *rest)}
        if self._device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(self._device)
        if self._device.type == "mps":
            states["mps"] = torch.mps.get_rng_state()
        return states

    def load_state_dict(self, states):
        """Set them; a device that the states don't know keeps its own."""
        torch.set_rng_state(states["torch"])
        random.setstate(states["python"])
        np.random.set_state(states["numpy"])
        if self._device.type == "cuda" and "cuda" in states:
            torch.cuda.set_rng_state(states["cuda"], self._device)
        if self._device.type == "mps" and "mps" in states:
            torch.mps.set_rng_state(states["mps"])
