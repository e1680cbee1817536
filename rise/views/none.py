"""None: the plain image, resized, in every view."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from rise.views._plain import photos

DECLARATION = {"small": False}


def views(
    images: Sequence[np.ndarray], keys: np.ndarray, index: np.ndarray | int, size: int
) -> Tensor:
    """Resize images, uint8 (H, W, 3) each -> float32 (B, 3, size, size) in [0, 1]."""
    return photos(images, size)
