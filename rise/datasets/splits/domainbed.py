"""DomainBed's split, number for number (Gulrajani & Lopez-Paz, ICLR 2021).

Source: `domainbed/lib/misc.py` (seed_hash, split_dataset) and `domainbed/scripts/train.py` of
https://github.com/facebookresearch/DomainBed. It names images by their place in torchvision's
ImageFolder, so it can only be made where file names are known.
"""

import hashlib

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError

HOLDOUT = 0.2


def seed_hash(*args: object) -> int:
    """Below 2^31: the md5 of the arguments as Python prints them as a tuple."""
    return int(hashlib.md5(str(args).encode()).hexdigest(), 16) % (2**31)


def permutation(n: int, seed: int) -> list[int]:
    """0..n-1, shuffled by NumPy's legacy generator, whose numbers NumPy promises to keep."""
    keys = list(range(n))
    np.random.RandomState(seed).shuffle(keys)
    return keys


def out_keys(n: int, trial: int, domain: int) -> list[int]:
    """Name the 20 % (rounded down) of a domain's n images that DomainBed calls `out`, in its order.

    domain is the number of the domain among all domains, so which one is held out changes nothing.
    """
    return permutation(n, seed_hash(trial, domain))[: int(n * HOLDOUT)]


def parts(pack: DecodedDataset, domain: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (out, in) of a domain, int64, each in pack order.

    Files with equal bytes in one class are one row of a pack; its first file's place counts.

    Raises:
        DataError: the images were packed without file names.
    """
    if domain not in pack.files:
        raise DataError(
            f"{pack.name}: protocol domainbed needs the published file names, which this source "
            "of the images does not have; use protocol rise, or another source"
        )
    rows = pack.rows(domain)
    out = out_keys(pack.files[domain], seed, _number(pack, domain))
    chosen = np.isin(pack.columns["rank"][rows], out)
    return rows[chosen], rows[~chosen]


def _number(pack: DecodedDataset, domain: str) -> int:
    """A domain's place among the folders in ASCII order, which is DomainBed's numbering."""
    folders = [str(pack.columns["path"][pack.rows(name)[0]]) for name in pack.domains]
    names = [path.split("/")[0] for path in folders]
    return sorted(names).index(names[pack.domains.index(domain)])
