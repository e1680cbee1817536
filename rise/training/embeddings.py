"""The teacher's embeddings of a batch's views: read from the cache, or computed on the spot."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rise.datasets.decoded import DecodedDataset
from rise.experiment.job import Job
from rise.teachers.embedding_cache import open_cache, read_cache


class Embeddings(Protocol):
    """A source of the teacher's unit embeddings of training images."""

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        ...

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """Return the embeddings of views, float32 (B, D), rounded to float16 first.

        Args:
            chosen: positions (B,) among the training images.
            view: (B,), the view of each.
            x: these views, as the student sees them.
        """
        ...


@dataclass(frozen=True)
class Cached:
    """Cached embeddings float16 (n, V, D) of the training images; V = 1 for plain images."""

    array: np.ndarray

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        return int(self.array.shape[-1])

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """Read the embeddings of views; see Embeddings."""
        return torch.from_numpy(self.array[chosen, view % self.array.shape[1]].astype(np.float32))


def open_embeddings(
    job: Job, decoded: DecodedDataset, source: list[str], rows: np.ndarray, device: torch.device
) -> Embeddings:
    """Open the embeddings of training rows, cached or computed in every step.

    Raises:
        DataError: cache or teacher are missing, damaged or not the unit's.
    """
    if job.identity.teacher_mode == "online":
        # Imported by name: reading a cache does not depend on the tower's code.
        made: Embeddings = importlib.import_module("rise.training.online").open_online(
            job, decoded, rows, device
        )
        return made
    files = read_cache(job.cache, job.identity, decoded)
    return Cached(_of_rows(decoded, job.cache, {name: files[name] for name in source}, rows))


def _of_rows(
    decoded: DecodedDataset, cache: Path, source: dict[str, str], train: np.ndarray
) -> np.ndarray:
    """Read the embeddings of the training rows; only source domains' files are opened."""
    parts = []
    for domain, sha256 in source.items():
        rows = decoded.rows(domain)
        wanted = train[decoded.columns["domain"][train] == decoded.domains.index(domain)]
        parts.append(open_cache(cache, domain, sha256)[np.searchsorted(rows, wanted)])
    return np.concatenate(parts)
