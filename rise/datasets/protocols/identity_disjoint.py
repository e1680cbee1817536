"""Identity-disjoint: the same identities train, validate and test in every domain and seed.

The split is identity-disjoint and fixed: the primary metric is the accuracy on the held-out
domain's test identities, which training and validation saw in no domain. The scored images are the
same for every seed, and training, validation and the choice of settings use the other domains only.

It needs a dataset with identities, whose parts are fixed.
"""

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError

DECLARATION = {
    "train_fraction": 0.6,
    "identities": True,
}


def parts(decoded: DecodedDataset, domain: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split a source domain into rows (validation, train), int64, each in the dataset's order.

    Raises:
        DataError: the dataset has no identities.
    """
    train = decoded.rows(domain, "train")
    if not len(train):
        raise DataError(
            f"{decoded.name}: has no identities, which protocol identity_disjoint is about; use "
            "protocol rise or domainbed"
        )
    return decoded.rows(domain, "validation"), train


def scored(decoded: DecodedDataset, domain: str, seed: int) -> np.ndarray:
    """Return the rows of a held-out domain that are scored, which are all."""
    return decoded.rows(domain)
