"""RISE: the official lists of PACS, and a 10 % draw from content elsewhere.

Protocol of RISE: the official lists on PACS, elsewhere 10 % of each source domain, drawn from
content and seed, validate; every image of the held-out domain is scored, the same for every seed,
and seen by nothing before.

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

DECLARATION = {
    "train_fraction": 0.9,
}
# Pinned here too, so that a changed list is changed code and re-runs what it reaches.
OFFICIAL = {"pacs": "4a1d8ad654b6c44587d60a45e6e2615076c63922fb91c2ad1c75c42cb3f42efa"}
DIGITS = 8


def parts(decoded: DecodedDataset, domain: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split a source domain into rows (validation, train), int64, each in the dataset's order.

    Raises:
        DataError: the dataset lacks images of an official list.
    """
    rows = decoded.rows(domain)
    chosen = (
        _listed(decoded, domain, rows) if decoded.name in OFFICIAL else _drawn(decoded, rows, seed)
    )
    return rows[chosen], rows[~chosen]


def scored(decoded: DecodedDataset, domain: str, seed: int) -> np.ndarray:
    """Return the rows of a held-out domain that are scored, which are all."""
    return decoded.rows(domain)


def _drawn(decoded: DecodedDataset, rows: np.ndarray, seed: int) -> np.ndarray:
    """Mark the rows that validate: the tenth (rounded down, at least one) with the lowest hash."""
    ids = [str(image) for image in decoded.columns["id"][rows]]
    lowest = sorted(ids, key=lambda image: (seed_of("rise validation", seed, image), image))
    return np.isin(decoded.columns["id"][rows], lowest[: max(1, len(ids) // 10)])


def _listed(decoded: DecodedDataset, domain: str, rows: np.ndarray) -> np.ndarray:
    wanted = official(decoded.name)[domain]
    chosen = np.isin(decoded.columns["id"][rows].astype(f"<U{DIGITS}"), wanted)
    if (found := int(chosen.sum())) != len(wanted):
        raise DataError(
            f"{decoded.name}: {domain} holds {found} of the {len(wanted)} images of the official "
            f"validation list; it is not the published set of files "
            f"(rise data verify {decoded.name})"
        )
    return chosen


@functools.cache
def official(name: str) -> dict[str, list[str]]:
    """Read domain -> first digits of the ids of its official validation images.

    Raises:
        DataError: the committed list was changed.
    """
    path = Path(__file__).parent / f"{name}_rise.yaml"
    text = path.read_bytes()
    if hashlib.sha256(text).hexdigest() != OFFICIAL[name]:
        raise DataError(f"{path}: was changed; restore it (git checkout -- {path})")
    return {domain: ids.split() for domain, ids in yaml.safe_load(text)["validation"].items()}
