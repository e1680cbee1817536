"""The teacher's embeddings of a batch's views: looked up in the bank, or computed on the spot."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from rise.datasets.decoded import DecodedDataset
from rise.teachers.build_embedding_cache import check_bank, open_bank
from rise.teachers.tower import Tower, open_tower, seen


class Embeddings(Protocol):
    """What gives the teacher's unit embeddings of training images."""

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """Embeddings float32 (B, D), rounded to float16 before.

        chosen: (B,) among the training images; view: (B,); x: what the student sees of them.
        """
        ...


@dataclass(frozen=True)
class Banked:
    """float16 (n, V, D) of the training images; V = 1 where the teacher sees plain images."""

    array: np.ndarray

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """See Embeddings."""
        return torch.from_numpy(self.array[chosen, view % self.array.shape[1]].astype(np.float32))


@dataclass(frozen=True)
class Online:
    """The tower itself, fed as the bank feeds it; `same` if with the student's very images."""

    tower: Tower
    pack: DecodedDataset
    rows: np.ndarray
    sees: dict[str, Any]  # "tower" of the identity
    same: bool

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """See Embeddings."""
        if not self.same:
            x = seen(self.pack, self.rows[chosen], view, self.tower.size, self.sees)
        return self.tower.embed(x).float()


def open_embeddings(
    request: dict[str, Any],
    pack: DecodedDataset,
    source: list[str],
    rows: np.ndarray,
    device: torch.device,
) -> tuple[Embeddings, int]:
    """The embeddings of training rows, by the unit's mode, and how many numbers each has.

    Raises:
        DataError: bank or teacher are missing, damaged or not the unit's.
    """
    identity = request["identity"]
    if identity["teacher_mode"] == "online":
        tower, sees = open_tower(request, device), identity["tower"]
        same = sees["view"] == "augmented" and tower.size == identity["student"]["image_size"]
        return Online(tower, pack, rows, sees, same), tower.width
    bank = Path(request["bank"])
    check_bank(bank, identity, pack)
    array = _of_rows(pack, bank, source, rows)
    return Banked(array), array.shape[-1]


def _of_rows(pack: DecodedDataset, bank: Path, source: list[str], train: np.ndarray) -> np.ndarray:
    """The bank's embeddings of the training rows; only source domains' files are opened."""
    parts = []
    for domain in source:
        rows = pack.rows(domain)
        wanted = train[pack.columns["domain"][train] == pack.domains.index(domain)]
        parts.append(open_bank(bank, domain)[np.searchsorted(rows, wanted)])
    return np.concatenate(parts)
