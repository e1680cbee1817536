"""Views: augmentations as pure functions of (image id, view index), the same for every method.

The teacher's embedding of a view can therefore be computed once, and a view has the same bytes
whether it is made alone, in a batch or in another order. Each policy is a file of this folder.

Small drawings are resized once and kept (`resize`, then `views`). Of photographs, each view is cut
from the full image (`photo_views`; `photos` makes the plain images).
"""

import importlib
from collections.abc import Sequence
from types import ModuleType

import numpy as np
from torch import Tensor

from rise.errors import ConfigError
from rise.views._plain import photos, resize

__all__ = ["kept_small", "photo_views", "photos", "resize", "views"]


def kept_small(policy: str) -> bool:
    """Say whether a policy works on images resized once by area, rather than on full images.

    Raises:
        ConfigError: the policy is unknown.
    """
    return bool(_policy(policy).DECLARATION["small"])


def views(plain: Tensor, keys: np.ndarray, index: np.ndarray | int, policy: str) -> Tensor:
    """Make one view of each small image.

    Args:
        plain: float32 (B, 3, S, S) in [0, 1], as `resize` returns it.
        keys: uint64 (B,), one for each image.
        index: number of the view, from 0: one for all, or (B,).
        policy: one that works on small images.

    Returns:
        float32 (B, 3, S, S) in [0, 1], in steps of 1/255.
    """
    made: Tensor = _policy(policy).views(plain, keys, index)
    return made


def photo_views(
    images: Sequence[np.ndarray], keys: np.ndarray, index: np.ndarray | int, policy: str, size: int
) -> Tensor:
    """Make one view of each full image.

    Args:
        images: uint8 (H, W, 3) each; sizes may differ.
        keys: uint64 (B,), one for each image.
        index: number of the view, from 0: one for all, or (B,).
        policy: one that works on full images.
        size: of the views.

    Returns:
        float32 (B, 3, size, size) in [0, 1].
    """
    made: Tensor = _policy(policy).views(images, keys, index, size)
    return made


def _policy(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"rise.views.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(f"there is no view policy {name!r} in rise/views") from error
