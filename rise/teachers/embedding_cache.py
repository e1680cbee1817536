"""The teacher embedding cache: the teacher's embedding of every view of every image, made once.

A folder with one file a domain: `<domain>.npy`, float16 (images of the domain in the decoded
dataset's order, views, D), unit embeddings before rounding; one view where the teacher sees plain
images. Logits are one product away, so no text and no method enters. `cache.json` says what it
is of.
"""

from pathlib import Path
from typing import Any

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError
from rise.experiment.identity import Identity, as_mapping
from rise.utils.io import read_json

# A key of the content, in words.
WORDS = {"pack": "decoded dataset"}


def cache_content(identity: Identity, decoded: DecodedDataset) -> dict[str, Any]:
    """Say what a cache is of: teacher, what it sees, and the decoded dataset's content."""
    sides = {"teacher": identity.teacher, "tower": identity.tower}
    return {**{key: as_mapping(side) for key, side in sides.items()}, "pack": decoded.content}


def check_cache(folder: Path, identity: Identity, decoded: DecodedDataset) -> None:
    """Refuse a cache that is not of a unit's teacher, views and dataset: somebody moved it there.

    Raises:
        DataError: not there, or of something else.
    """
    path = folder / "cache.json"
    try:
        found = dict(read_json(path))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: no usable teacher embedding cache; delete {folder} and run again"
        ) from error
    for what, wanted in cache_content(identity, decoded).items():
        if (has := found.get(what)) != wanted:
            raise DataError(
                f"{path}: is a cache of {WORDS.get(what, what)} {has}, not of {wanted}; delete "
                f"{folder} and run again"
            )


def open_cache(folder: Path, domain: str) -> np.ndarray:
    """Memory-map one domain's embeddings: float16 (n, V, D).

    Raises:
        DataError: not there, or not whole.
    """
    path = folder / f"{domain}.npy"
    try:
        found: np.ndarray = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: no usable teacher embedding cache; delete {folder} and run again"
        ) from error
    return found
