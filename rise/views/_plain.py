"""Images without augmentation: small drawings averaged by area, photographs resized."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from rise.errors import ConfigError


def photos(images: Sequence[np.ndarray], size: int) -> Tensor:
    """Resize full images: uint8 (H, W, 3) each -> float32 (B, 3, size, size) in [0, 1].

    The result is exactly size x size; the aspect ratio is not kept (OoDBag/RISE, data_helper.py
    121-124). Interpolation is bilinear with antialiasing, as in torchvision's Resize of PIL images.
    """
    return torch.stack([scaled(image, size) for image in images])


def scaled(image: np.ndarray, size: int) -> Tensor:
    """Resize uint8 (H, W, 3) to float32 (3, size, size) in [0, 1], rounded to 1/255 as PIL does.

    torch's uint8 kernel is Pillow's: bilinear, with antialiasing when it shrinks.
    """
    # Copied, because the kernel takes neither a read-only memory map nor a crop with strides.
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None]
    if image.shape[:2] != (size, size):
        x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    return x[0].contiguous().float() / 255


def resize(images: np.ndarray, size: int) -> Tensor:
    """Average small images by area: uint8 (B, H, W, 3) -> float32 (B, 3, size, size) in [0, 1].

    Raises:
        ConfigError: the images are smaller than `size`.
    """
    if size > images.shape[1]:
        raise ConfigError(
            f"images of {images.shape[1]} px cannot be averaged to {size} px; set image_size to "
            f"{images.shape[1]} or less, or take another view policy"
        )
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    return F.avg_pool2d(x, x.shape[2] // size) / 255
