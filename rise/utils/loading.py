"""Images made ahead of their use by worker processes: torch's DataLoader, and nothing of our own.

Which process makes an image changes none of its bytes, because views are pure functions.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from rise.errors import NoRoomError, RiseError, TrainingError
from rise.utils.disk import size_text
from rise.utils.torch_rng import torch_stream

Key = TypeVar("Key")
KEYS = 2  # made ahead by each worker
SHARED = Path("/dev/shm")  # what workers send lies there
# No batch takes this long: a worker that is silent has hung.
PATIENCE_SECONDS = 900.0


@dataclass(frozen=True)
class _Made(Dataset[Tensor | RiseError], Generic[Key]):
    """The dataset that the workers read: a key's images, or why there are none."""

    make: Callable[[Key], Tensor]

    def __getitem__(self, key: Key) -> Tensor | RiseError:
        """Make the images of a key."""
        try:
            return self.make(key)
        except RiseError as error:  # raised there, the loader would make another error of it
            return error


def ahead(
    make: Callable[[Key], Tensor],
    keys: Iterable[Key],
    workers: int,
    size: int,
    pin: bool = False,
) -> Iterator[Tensor]:
    """Yield the images of each key, in order, made ahead of their use: two keys for each worker.

    The processes end with the iterator: drop it to stop early. Each has one CPU thread.

    Args:
        make: a pure function.
        keys: drawn in this process; they may have no end.
        workers: the number of processes; with 0, this process makes images when they are needed.
        size: bytes that the images of a key take, at most.
        pin: put them in page-locked memory, from which a GPU copies while it computes.

    Raises:
        NoRoomError: shared memory is too small for that many workers.
        TrainingError: a worker was killed or has hung.
    """
    if workers == 0:
        return map(make, keys)
    _check_shared_memory(workers, size)
    loader = DataLoader(
        _Made(make),
        batch_size=None,  # a key is a batch
        sampler=keys,
        num_workers=workers,
        prefetch_factor=KEYS,
        # Forked, they share the memory map and what torch's import takes.
        multiprocessing_context="fork",
        pin_memory=pin,
        # Otherwise it draws from the global generator, though nothing here is random.
        generator=torch_stream("loader"),
        timeout=PATIENCE_SECONDS,
    )
    return _received(iter(loader))


def _received(made: Iterator[Tensor | RiseError]) -> Iterator[Tensor]:
    try:
        for one in made:
            if isinstance(one, RiseError):
                raise one
            yield one
    except RuntimeError as error:  # so torch calls both
        if "DataLoader" not in str(error):
            raise
        raise TrainingError(
            "a process that makes views was killed or has hung (out of memory, or of shared "
            "memory: docker run --shm-size=8g); lower workers: and run again, which goes on from "
            "the last checkpoint"
        ) from error


def _check_shared_memory(workers: int, size: int) -> None:
    """Refuse what would kill a worker, or let it wait for ever."""
    needed = (KEYS * workers + 1) * size
    if not SHARED.is_dir() or (free := shutil.disk_usage(SHARED).free) >= needed:
        return
    raise NoRoomError(
        f"{SHARED}: {workers} processes that make views need {size_text(needed)} of shared memory "
        f"and {size_text(free)} are free; lower workers:, or give more (docker run --shm-size=8g)"
    )
