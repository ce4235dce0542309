"""Other luck: every seed of this process shifted, so that a lesson or a test draws other random numbers.

In a test run, `python -m pytest -p tools.seeds`, the environment variable SHIFT says by how much.
"""

import numbers
import os
import random

import numpy as np
import torch


def shift_seeds(offset):
    """Add `offset` to every seed that this process gives a source of random numbers from now on."""

    def plus(seed):
        return seed + offset if isinstance(seed, numbers.Integral) else seed

    def shifted(function):
        return lambda seed=None, *rest, **options: function(plus(seed), *rest, **options)

    class Generator(torch.Generator):
        def __init__(self, *arguments, **options):  # torch makes it in __new__, from a constant seed
            self.manual_seed(self.initial_seed())

        def manual_seed(self, seed):
            return super().manual_seed(plus(seed))

    class Random(random.Random):
        def seed(self, seed=None, version=2):
            super().seed(plus(seed), version)

    class RandomState(np.random.RandomState):
        def __init__(self, seed=None):
            super().__init__(plus(seed))

    torch.Generator, random.Random, np.random.RandomState = Generator, Random, RandomState
    torch.manual_seed = torch.random.manual_seed = shifted(torch.manual_seed)
    random.seed = shifted(random.seed)
    np.random.seed, np.random.default_rng = shifted(np.random.seed), shifted(np.random.default_rng)
    torch.manual_seed(torch.initial_seed())


def pytest_configure():
    """Shift the seeds of a test run."""
    shift_seeds(int(os.environ["SHIFT"]))
