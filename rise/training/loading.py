"""Images made ahead of their use by worker processes: torch's DataLoader, and nothing of our own.

Which process makes an image changes none of its bytes, because views are pure functions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from rise.utils.torch_rng import torch_stream

Key = TypeVar("Key")


@dataclass(frozen=True)
class _Made(Dataset[Tensor], Generic[Key]):
    """The dataset that the workers read: a key's images."""

    make: Callable[[Key], Tensor]

    def __getitem__(self, key: Key) -> Tensor:
        """Make the images of a key."""
        return self.make(key)


def ahead(
    make: Callable[[Key], Tensor], keys: Iterable[Key], workers: int, pin: bool = False
) -> Iterator[Tensor]:
    """Yield the images of each key, in order, made ahead of their use: two keys for each worker.

    The processes end with the iterator: drop it to stop early. Each has one CPU thread.

    Args:
        make: a pure function.
        keys: drawn in this process; they may have no end.
        workers: the number of processes; with 0, this process makes images when they are needed.
        pin: put them in page-locked memory, from which a GPU copies while it computes.
    """
    if workers == 0:
        return map(make, keys)
    loader = DataLoader(
        _Made(make),
        batch_size=None,  # a key is a batch
        sampler=keys,
        num_workers=workers,
        # Forked, they share the memory map and what torch's import takes.
        multiprocessing_context="fork",
        pin_memory=pin,
        # Otherwise it draws from the global generator, though nothing here is random.
        generator=torch_stream("loader"),
    )
    return iter(loader)
