"""DomainBed: its split, number for number (Gulrajani & Lopez-Paz, ICLR 2021).

DomainBed's protocol: its draw by seed sets 20 % of each source domain aside for validation; of the
held-out domain the other 80 % are scored, **other images for every seed**, so that the spread over
seeds holds the draw of the images too.

Source: `domainbed/lib/misc.py` (seed_hash, split_dataset) and `domainbed/scripts/train.py` of
https://github.com/facebookresearch/DomainBed. It identifies images by their place in
torchvision's ImageFolder, so the split can only be made if file names are known.
"""

import hashlib

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError

DECLARATION = {
    "train_fraction": 0.8,
    "drawn_fraction": 0.8,
}
HOLDOUT = 0.2


def seed_hash(*args: object) -> int:
    """Return a seed below 2^31: the md5 of the arguments as Python prints their tuple."""
    return int(hashlib.md5(str(args).encode()).hexdigest(), 16) % (2**31)


def permutation(n: int, seed: int) -> list[int]:
    """Shuffle 0..n-1 by NumPy's legacy generator, whose numbers NumPy promises to keep."""
    keys = list(range(n))
    np.random.RandomState(seed).shuffle(keys)
    return keys


def out_keys(n: int, seed: int, domain: int) -> list[int]:
    """List DomainBed's `out` part of a domain of n images: 20 % (rounded down), in its order.

    seed: DomainBed's trial seed. domain: its number among all domains, held out or not.
    """
    return permutation(n, seed_hash(seed, domain))[: int(n * HOLDOUT)]


def parts(decoded: DecodedDataset, domain: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split a domain into rows (out, in), int64, each in the dataset's order.

    Files with equal bytes in one class are one row, which has the place of the first file.

    Raises:
        DataError: the images were decoded without file names.
    """
    if domain not in decoded.files:
        raise DataError(
            f"{decoded.name}: protocol domainbed needs the published file names, which this source "
            "of the images does not have; use protocol rise, or another source"
        )
    rows = decoded.rows(domain)
    out = out_keys(decoded.files[domain], seed, _number(decoded, domain))
    chosen = np.isin(decoded.columns["rank"][rows], out)
    return rows[chosen], rows[~chosen]


def scored(decoded: DecodedDataset, domain: str, seed: int) -> np.ndarray:
    """Return the rows of a held-out domain that are scored: its 80 %."""
    return parts(decoded, domain, seed)[1]


def _number(decoded: DecodedDataset, domain: str) -> int:
    """Return a domain's place among the folders in ASCII order, as DomainBed numbers them."""
    folders = [str(decoded.columns["path"][decoded.rows(name)[0]]) for name in decoded.domains]
    names = [path.split("/")[0] for path in folders]
    return sorted(names).index(names[decoded.domains.index(domain)])
