"""Torch's random streams, named by purpose and counter like those of `rise.utils.rng`."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from rise.utils.rng import Key, seed_of


def torch_stream(purpose: str, *key: Key) -> torch.Generator:
    """Make a CPU torch generator for this purpose and key."""
    return torch.Generator().manual_seed(seed_of(purpose, *key))


@contextmanager
def global_stream(purpose: str, *key: Key) -> Iterator[None]:
    """Seed torch's global CPU generator inside the block and put its state back afterwards.

    For library code that takes no generator: the default initialisation of layers, dropout.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of(purpose, *key))
        yield
