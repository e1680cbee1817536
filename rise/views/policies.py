"""Views: augmentations as pure functions of (image id, view index), the same for every method.

The teacher's answer to a view can therefore be computed once, and a view computed alone, in a batch
or in another order has the same bytes.

Small drawings are resized once and kept (`resize`, then `views`); of photographs every view is cut
from the full image (`photo_views`, and `photos` for the plain ones).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from rise.errors import ConfigError, unknown
from rise.views.emoji import emoji
from rise.views.rise_official import released, scaled

POLICIES = ("emoji", "none", "released")


def kept_small(policy: str) -> bool:
    """Whether a policy works on images that were resized once by area (else on full images).

    Raises:
        ConfigError: unknown policy.
    """
    if policy not in POLICIES:
        raise ConfigError(unknown("view policy", policy, POLICIES))
    return policy == "emoji"


def views(plain: Tensor, keys: np.ndarray, index: np.ndarray | int, policy: str) -> Tensor:
    """One view of each small image.

    Args:
        plain: float32 (B, 3, S, S) in [0, 1], as `resize` gives it.
        keys: uint64 (B,), one an image.
        index: number of the view, from 0: one for all, or (B,).
        policy: "emoji" or "none" (the plain image).

    Returns:
        float32 (B, 3, S, S) in [0, 1], in steps of 1/255 unless plain.

    Raises:
        ConfigError: unknown policy, or one of full images.
    """
    if policy == "none":
        return plain
    if policy != "emoji":
        raise ConfigError(unknown("view policy", policy, ["emoji", "none"]))
    return emoji(plain, keys, index)


def photo_views(
    images: Sequence[np.ndarray], keys: np.ndarray, index: np.ndarray | int, policy: str, size: int
) -> Tensor:
    """One view of each full image.

    Args:
        images: uint8 (H, W, 3) each, sizes may differ.
        keys: uint64 (B,), one an image.
        index: number of the view, from 0: one for all, or (B,).
        policy: "released" or "none" (the plain image).
        size: of the views.

    Returns:
        float32 (B, 3, size, size) in [0, 1].

    Raises:
        ConfigError: unknown policy, or one of small images.
    """
    if policy == "none":
        return photos(images, size)
    if policy != "released":
        raise ConfigError(unknown("view policy", policy, ["none", "released"]))
    return released(images, keys, index, size)


def photos(images: Sequence[np.ndarray], size: int) -> Tensor:
    """Plain full images: uint8 (H, W, 3) each -> float32 (B, 3, size, size) in [0, 1].

    Resized to exactly size x size, aspect ratio not kept (OoDBag/RISE, data_helper.py 121-124), by
    bilinear interpolation with antialiasing as torchvision's Resize does it on PIL images.
    """
    return torch.stack([scaled(image, size) for image in images])


def resize(images: np.ndarray, size: int) -> Tensor:
    """Area-averaged images: uint8 (B, H, W, 3) -> float32 (B, 3, size, size) in [0, 1]."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    return F.avg_pool2d(x, x.shape[2] // size) / 255
