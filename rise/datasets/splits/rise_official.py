"""RISE's protocol: the official lists of PACS, and a 10 % draw from content elsewhere.

The released code (data/data_helper.py of https://github.com/OoDBag/RISE) reads the official lists
on PACS. Elsewhere it draws 10 % of each list anew in every run, from a generator that it never
seeds; the draw here is the same for all methods and trials of a seed, whatever files are called.
"""

import functools
import hashlib
from pathlib import Path

import numpy as np
import yaml

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError
from rise.utils.rng import seed_of

# Pinned here too, so that a changed list is changed code and re-runs what it reaches.
OFFICIAL = {"pacs": "4a1d8ad654b6c44587d60a45e6e2615076c63922fb91c2ad1c75c42cb3f42efa"}
DIGITS = 8


def parts(pack: DecodedDataset, domain: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (validation, train) of a domain, int64, each in pack order.

    Raises:
        DataError: the pack lacks images of an official list.
    """
    rows = pack.rows(domain)
    chosen = _listed(pack, domain, rows) if pack.name in OFFICIAL else _drawn(pack, rows, seed)
    return rows[chosen], rows[~chosen]


def _drawn(pack: DecodedDataset, rows: np.ndarray, seed: int) -> np.ndarray:
    """Whether each row validates: the tenth (rounded down, at least one) with the lowest hash."""
    ids = [str(image) for image in pack.columns["id"][rows]]
    lowest = sorted(ids, key=lambda image: (seed_of("rise validation", seed, image), image))
    return np.isin(pack.columns["id"][rows], lowest[: max(1, len(ids) // 10)])


def _listed(pack: DecodedDataset, domain: str, rows: np.ndarray) -> np.ndarray:
    wanted = official(pack.name)[domain]
    chosen = np.isin(pack.columns["id"][rows].astype(f"<U{DIGITS}"), wanted)
    if (found := int(chosen.sum())) != len(wanted):
        raise DataError(
            f"{pack.name}: {domain} holds {found} of the {len(wanted)} images of the official "
            f"validation list; it is not the published set of files (rise data verify {pack.name})"
        )
    return chosen


@functools.cache
def official(name: str) -> dict[str, list[str]]:
    """Domain -> first digits of the ids of its official validation images.

    Raises:
        DataError: the committed list was changed.
    """
    path = Path(__file__).parent / f"{name}_rise.yaml"
    text = path.read_bytes()
    if hashlib.sha256(text).hexdigest() != OFFICIAL[name]:
        raise DataError(f"{path}: was changed; restore it (git checkout -- {path})")
    return {domain: ids.split() for domain, ids in yaml.safe_load(text)["validation"].items()}
