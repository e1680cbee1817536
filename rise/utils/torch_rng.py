"""Torch's random streams, named by purpose and counter like those of `rise.utils.rng`."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from rise.utils.rng import Key, seed_of


def torch_stream(purpose: str, *key: Key) -> torch.Generator:
    """Make a CPU torch generator for this purpose and key."""
    return torch.Generator().manual_seed(seed_of(purpose, *key))


@contextmanager
def global_stream(purpose: str, *key: Key) -> Iterator[None]:
    """Seed the global generators of torch, NumPy and Python in the block; put them back after it.

    For code that takes no generator: the default initialisation of layers, dropout, a method's own
    `np.random.beta`.
    """
    seed = seed_of(purpose, *key)
    python, legacy = random.getstate(), np.random.get_state()
    # torch.manual_seed seeds the GPU too; a job computes on one.
    on_gpu = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = [torch.cuda.current_device()] if on_gpu else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)
