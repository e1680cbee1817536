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
from rise.teachers.embedding_cache import check_cache, open_cache


class Embeddings(Protocol):
    """What gives the teacher's unit embeddings of training images."""

    @property
    def width(self) -> int:
        """Numbers of an embedding."""
        ...

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """Embeddings float32 (B, D), rounded to float16 before.

        chosen: (B,) among the training images; view: (B,); x: what the student sees of them.
        """
        ...


@dataclass(frozen=True)
class Cached:
    """float16 (n, V, D) of the training images; V = 1 where the teacher sees plain images."""

    array: np.ndarray

    @property
    def width(self) -> int:
        """See Embeddings."""
        return int(self.array.shape[-1])

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """See Embeddings."""
        return torch.from_numpy(self.array[chosen, view % self.array.shape[1]].astype(np.float32))


def open_embeddings(
    job: Job, decoded: DecodedDataset, source: list[str], rows: np.ndarray, device: torch.device
) -> Embeddings:
    """Open the embeddings of training rows, by the unit's mode.

    Raises:
        DataError: cache or teacher are missing, damaged or not the unit's.
    """
    if job.identity.teacher_mode == "online":
        # By name: who reads a cache does not depend on the tower's code.
        made: Embeddings = importlib.import_module("rise.training.online").open_online(
            job, decoded, rows, device
        )
        return made
    check_cache(job.cache, job.identity, decoded)
    return Cached(_of_rows(decoded, job.cache, source, rows))


def _of_rows(
    decoded: DecodedDataset, cache: Path, source: list[str], train: np.ndarray
) -> np.ndarray:
    """Embeddings of the training rows; only source domains' files are opened."""
    parts = []
    for domain in source:
        rows = decoded.rows(domain)
        wanted = train[decoded.columns["domain"][train] == decoded.domains.index(domain)]
        parts.append(open_cache(cache, domain)[np.searchsorted(rows, wanted)])
    return np.concatenate(parts)
