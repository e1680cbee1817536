"""Released: RandomResizedCrop, flip, ColorJitter, grayscale (data_helper.py 103-111).

Views are made one image at a time on purpose: their bytes cannot depend on the batch, and an image
of 96 px stays in the processor's cache through all steps. Each step equals torchvision's on float
tensors.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rise.utils.rng import uniforms
from rise.views._plain import scaled

DECLARATION = {"small": False}
TRIES = 10  # of torchvision's RandomResizedCrop
DRAWS = 2 * TRIES + 12
SCALE, RATIO = (0.8, 1.0), (3 / 4, 4 / 3)
STRENGTH, HUE, FLIP, GREY = 0.4, 0.4, 0.5, 0.1
WEIGHTS = (0.2989, 0.587, 0.114)  # of red, green, blue in torchvision's grey


class Draw(NamedTuple):
    """The parameters of one view.

    crop: (top, left, height, width) in pixels; order: of the steps brightness 0, contrast 1,
    saturation 2, hue 3; factors: of these steps, by number.
    """

    crop: tuple[int, int, int, int]
    flip: bool
    order: tuple[int, ...]
    factors: tuple[float, ...]
    grey: bool


def views(
    images: Sequence[np.ndarray], keys: np.ndarray, index: np.ndarray | int, size: int
) -> Tensor:
    """Make views of images, uint8 (H, W, 3) each -> float32 (B, 3, size, size) in [0, 1]."""
    draws = uniforms(keys, index, DRAWS)
    return torch.stack(
        [
            apply(image, draw(u, *image.shape[:2]), size)
            for image, u in zip(images, draws, strict=True)
        ]
    )


def draw(u: np.ndarray, height: int, width: int) -> Draw:
    """Turn DRAWS uniform numbers into parameters, distributed as torchvision draws them."""
    top, left, flip, grey, *rest = u[2 * TRIES :].tolist()
    jitter = [1 - STRENGTH + 2 * STRENGTH * one for one in rest[4:7]]
    return Draw(
        crop=_crop(u[: 2 * TRIES].reshape(TRIES, 2).tolist(), top, left, height, width),
        flip=flip < FLIP,
        order=tuple(sorted(range(4), key=rest[:4].__getitem__)),
        factors=(*jitter, HUE * (2 * rest[7] - 1)),
        grey=grey < GREY,
    )


def _crop(
    tries: list[list[float]], top: float, left: float, height: int, width: int
) -> tuple[int, int, int, int]:
    """Choose the first of ten boxes that fits, or a central one (RandomResizedCrop.get_params)."""
    low, high = math.log(RATIO[0]), math.log(RATIO[1])
    for u, v in tries:
        area = height * width * (SCALE[0] + (SCALE[1] - SCALE[0]) * u)
        ratio = math.exp(low + (high - low) * v)
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            return int(top * (height - h + 1)), int(left * (width - w + 1)), h, w
    ratio = min(max(width / height, RATIO[0]), RATIO[1])
    w, h = min(width, round(height * ratio)), min(height, round(width / ratio))
    return (height - h) // 2, (width - w) // 2, h, w


def apply(image: np.ndarray, drawn: Draw, size: int) -> Tensor:
    """Make the view of one image, uint8 (H, W, 3) -> float32 (3, size, size) in [0, 1]."""
    top, left, height, width = drawn.crop
    x = scaled(image[top : top + height, left : left + width], size)
    if drawn.flip:
        x = x.flip(2)
    for step in drawn.order:
        x = STEPS[step](x, drawn.factors[step])
    return grey(x).expand_as(x) if drawn.grey else x


def grey(x: Tensor) -> Tensor:
    """Compute the luminance (1, H, W) of an image (3, H, W)."""
    red, green, blue = WEIGHTS
    return (x[:1] * red).add_(x[1:2], alpha=green).add_(x[2:], alpha=blue)


def brightness(x: Tensor, factor: float) -> Tensor:
    """Multiply all channels by a factor."""
    return (x * factor).clamp_(0, 1)


def contrast(x: Tensor, factor: float) -> Tensor:
    """Move an image away from its mean grey by a factor.

    The mean is taken row by row. If all pixels were summed at once, torch's threads would each sum
    a part, and the bytes of a view would depend on the number of threads.
    """
    return (x * factor).add_((1 - factor) * grey(x).mean(2).mean()).clamp_(0, 1)


def saturation(x: Tensor, factor: float) -> Tensor:
    """Move each pixel away from its grey by a factor."""
    return (x * factor).add_(grey(x), alpha=1 - factor).clamp_(0, 1)


def hue(x: Tensor, turn: float) -> Tensor:
    """Turn the hue by a part of the full circle, in HSV.

    With value v, chroma c and hue h (0 to 6), channel n is v - c * clamp(min(k, 4 - k), 0, 1) for
    k = (n + h) mod 6, where n is 5, 3, 1 for red, green, blue.
    """
    red, green, blue = x
    value = x.amax(0)
    chroma = value - x.amin(0)
    by = chroma.clamp(min=1e-6)  # a grey pixel's hue does not matter
    at = torch.where(
        value == red,
        (green - blue) / by,
        torch.where(value == green, (blue - red) / by + 2, (red - green) / by + 4),
    )
    channels = torch.tensor([5.0, 3.0, 1.0])[:, None, None]
    k = channels + (at + 6 * turn)
    k.sub_((k / 6).floor_(), alpha=6)  # k mod 6; torch's remainder takes three times as long
    return value - torch.minimum(k, 4 - k).clamp_(0, 1).mul_(chroma)


STEPS = (brightness, contrast, saturation, hue)
