"""The images of a unit: small ones kept in memory, or full ones viewed as they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rise.datasets.decoded import DecodedDataset
from rise.utils.loading import ahead
from rise.views._policies import kept_small, photo_views, photos, resize, views

AT_ONCE = 256


class Images(Protocol):
    """A unit's training images, of which it asks views."""

    def batch(self, chosen: np.ndarray, view: np.ndarray | int) -> Tensor:
        """Return views (B,) of the chosen images (B,), float32 (B, 3, size, size) in [0, 1]."""
        ...


@dataclass(frozen=True)
class SmallImages:
    """Small images, resized once and kept in memory, since every epoch sees them."""

    plain: Tensor  # (n, 3, size, size)
    keys: np.ndarray  # (n,) of the views
    policy: str

    def batch(self, chosen: np.ndarray, view: np.ndarray | int) -> Tensor:
        """Make the views; see Images."""
        return views(self.plain[torch.from_numpy(chosen)], self.keys[chosen], view, self.policy)


@dataclass(frozen=True)
class FullImages:
    """Rows of a memory-mapped dataset; nothing else is kept, so no dataset is too large."""

    decoded: DecodedDataset
    rows: np.ndarray
    keys: np.ndarray  # (n,) of the views
    size: int
    policy: str

    def batch(self, chosen: np.ndarray, view: np.ndarray | int) -> Tensor:
        """Make the views; see Images."""
        images = [self.decoded.image(int(row)) for row in self.rows[chosen]]
        return photo_views(images, self.keys[chosen], view, self.policy, self.size)


def open_images(decoded: DecodedDataset, rows: np.ndarray, size: int, policy: str) -> Images:
    """Open the training images at these rows of a dataset, in the form the view policy needs.

    Raises:
        ConfigError: unknown policy.
    """
    if kept_small(policy):
        return SmallImages(resize(decoded.images(rows), size), decoded.keys(rows), policy)
    return FullImages(decoded, rows, decoded.keys(rows), size, policy)


def plain(
    decoded: DecodedDataset, rows: np.ndarray, size: int, policy: str, workers: int = 0
) -> Iterator[Tensor]:
    """Yield images without augmentation, in order, in parts float32 (up to 256, 3, size, size).

    They are made by that many worker processes, but by none if there is only one part.
    """
    parts = [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]

    def made(part: np.ndarray) -> Tensor:
        if kept_small(policy):
            return resize(decoded.images(part), size)
        return photos([decoded.image(int(row)) for row in part], size)

    used = min(workers, len(parts)) if len(parts) > 1 else 0
    return ahead(made, parts, used, size=AT_ONCE * view_bytes(size))


def view_bytes(size: int) -> int:
    """Return the bytes of one view, float32 (3, size, size)."""
    return 3 * size * size * 4
