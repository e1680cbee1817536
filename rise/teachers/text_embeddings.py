"""Read a teacher's text embeddings of a dataset's classes and anchors."""

from pathlib import Path

import torch
from torch import Tensor

from rise.errors import DamagedError, DataError
from rise.utils.sealed import read_arrays

TENSORS = ("raw", "anchors", "scale")


def read_texts(path: Path) -> dict[str, Tensor]:
    """Read `raw` (C, D) and `anchors` (C, A, D), float32 and not normalised, and `scale` (0-dim).

    Raises:
        DataError: the file is missing.
        DamagedError: it is not what was written there.
    """
    try:
        found = read_arrays(path)
    except FileNotFoundError as error:
        raise DataError(f"{path}: is missing; run again") from error
    if set(found) != {*TENSORS, "of"} or str(found["of"]) != path.name:
        raise DamagedError(path, "it is of something else")
    return {name: torch.from_numpy(found[name]) for name in TENSORS}
