"""The teacher embedding cache: the teacher's embedding of every view of every image, made once.

It is a folder with one file for each domain: `<domain>.npy`, float16 (images of the domain in the
decoded dataset's order, views, D), unit embeddings before rounding, with one view where the teacher
sees plain images. Logits follow from it by one product, so the cache depends on no text and no
method. `cache.json` says which teacher, views and dataset it was made of, and has each file's
sha256.
"""

from pathlib import Path

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DamagedError, DataError
from rise.experiment.identity import Identity, as_mapping
from rise.utils.io import JsonObject, file_digest
from rise.utils.sealed import read_sealed

# A key of the content, in words.
WORDS = {"pack": "decoded dataset", "tower": "view of the images"}


def cache_content(identity: Identity, decoded: DecodedDataset) -> JsonObject:
    """Say what a cache is of: teacher, what it sees, and the decoded dataset's content."""
    sides = {"teacher": identity.teacher, "tower": identity.tower}
    return {**{key: as_mapping(side) for key, side in sides.items()}, "pack": decoded.content}


def read_cache(folder: Path, identity: Identity, decoded: DecodedDataset) -> dict[str, str]:
    """Return the sha256 of each domain's file, of a cache made for a unit's teacher and dataset.

    Raises:
        DataError: the cache is missing.
        DamagedError: it is not what was written there, or was made of something else.
    """
    try:
        found = read_sealed(folder / "cache.json", folder.name, whole=folder)
    except FileNotFoundError as error:
        raise DataError(f"{folder}: is missing; run again") from error
    for what, wanted in cache_content(identity, decoded).items():
        if found[what] != wanted:
            raise DamagedError(folder, f"it was made of another {WORDS.get(what, what)}")
    return dict(found["files"])


def open_cache(folder: Path, domain: str, sha256: str) -> np.ndarray:
    """Memory-map the embeddings of one domain, float16 (n, V, D), whose file has this sha256.

    Raises:
        DamagedError: it is not what was written there.
    """
    path = folder / f"{domain}.npy"
    if not path.is_file() or file_digest(path) != sha256:
        raise DamagedError(folder, f"{path.name} does not have the sha256 in cache.json")
    found: np.ndarray = np.load(path, mmap_mode="r")
    return found
