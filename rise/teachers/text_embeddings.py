"""Read a teacher's text embeddings of a dataset's classes and anchors."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rise.errors import DataError


def read_texts(path: Path) -> dict[str, Tensor]:
    """Read `raw` (C, D) and `anchors` (C, A, D), float32 and not normalised, and `scale` (0-dim).

    Raises:
        DataError: the file is missing or incomplete.
    """
    try:
        with np.load(path) as file:
            return {name: torch.from_numpy(file[name]) for name in ("raw", "anchors", "scale")}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: no usable text embeddings; delete it and run again") from error
