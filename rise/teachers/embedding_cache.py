"""The teacher embedding cache: the teacher's embedding of every view of every image, made once.

It is a folder with one file for each domain: `<domain>.npy`, float16 (images of the domain in the
decoded dataset's order, views, D), unit embeddings before rounding, with one view where the teacher
sees plain images. Logits follow from it by one product, so the cache depends on no text and no
method. `cache.json` says which teacher, views and dataset it was made of.
"""

from pathlib import Path

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError
from rise.experiment.identity import Identity, as_mapping
from rise.utils.io import JsonObject, read_json

# A key of the content, in words.
WORDS = {"pack": "decoded dataset"}


def cache_content(identity: Identity, decoded: DecodedDataset) -> JsonObject:
    """Say what a cache is of: teacher, what it sees, and the decoded dataset's content."""
    sides = {"teacher": identity.teacher, "tower": identity.tower}
    return {**{key: as_mapping(side) for key, side in sides.items()}, "pack": decoded.content}


def check_cache(folder: Path, identity: Identity, decoded: DecodedDataset) -> None:
    """Refuse a cache that was not made of a unit's teacher, views and dataset, but moved there.

    Raises:
        DataError: the cache is missing, or was made of something else.
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
    """Memory-map the embeddings of one domain, float16 (n, V, D).

    Raises:
        DataError: it is missing or incomplete.
    """
    path = folder / f"{domain}.npy"
    try:
        found: np.ndarray = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: no usable teacher embedding cache; delete {folder} and run again"
        ) from error
    return found
