"""Which images of a pack train, validate and are scored, under each protocol.

Every function takes a list of held-out domains, so that leave-one-domain-out selection, which
holds two out, needs nothing new.
"""

from dataclasses import dataclass

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.datasets.splits import domainbed, rise_official
from rise.errors import DataError, unknown

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True)
class Sources:
    """Rows of the source domains: train (n,), grouped by domain; validation: domain -> rows."""

    train: np.ndarray
    validation: dict[str, np.ndarray]


def source_domains(domains: list[str], held_out: list[str]) -> list[str]:
    """All domains but the held-out ones, in catalogue order.

    Raises:
        DataError: a held-out domain is none of the dataset's, or no domain is left.
    """
    for name in held_out:
        if name not in domains:
            raise DataError(unknown("domain", name, domains))
    found = [domain for domain in domains if domain not in held_out]
    if not found:
        raise DataError(f"{', '.join(domains)}: all domains are held out, none is left to train on")
    return found


def sources(pack: DecodedDataset, protocol: str, held_out: list[str], seed: int) -> Sources:
    """Training and validation rows: source domains only.

    Raises:
        DataError: the pack cannot serve the protocol, or held_out leaves nothing.
    """
    train, validation = [], {}
    for domain in source_domains(pack.domains, held_out):
        validation[domain], rows = _parts(pack, protocol, domain, seed)
        if not len(rows) or not len(validation[domain]):
            raise DataError(
                f"{pack.name}: {domain} has {len(pack.rows(domain))} images, too few to train and "
                f"validate on under protocol {protocol}"
            )
        train.append(rows)
    return Sources(np.concatenate(train), validation)


def scored_rows(pack: DecodedDataset, protocol: str, held_out: list[str], seed: int) -> np.ndarray:
    """Rows of the held-out domains that are predicted: all, under `domainbed` its 80 %.

    Raises:
        DataError: as `sources`.
    """
    source_domains(pack.domains, held_out)
    if protocol == "domainbed":
        return np.concatenate([domainbed.parts(pack, domain, seed)[1] for domain in held_out])
    return np.concatenate([pack.rows(domain) for domain in held_out])


def subsets(pack: DecodedDataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What is scored: name -> positions in `rows`.

    "all" is every one of them. A dataset with identities has "test" too, the headline (identities
    no student saw), and "test, GROUP", the headline by the dataset's groups.
    """
    parts, groups = pack.columns["part"][rows], pack.columns["group"][rows]
    test = parts == TEST
    found = {"test": test, "all": np.ones(len(rows), dtype=bool)}
    for group in sorted(set(groups) - {""}):
        found[f"test, {group}"] = test & (groups == group)
    return {name: np.flatnonzero(chosen) for name, chosen in found.items() if chosen.any()}


def _parts(
    pack: DecodedDataset, protocol: str, domain: str, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows (validation, train) of one source domain."""
    known = {
        "identity_disjoint": _identity_disjoint,
        "rise": rise_official.parts,
        "domainbed": domainbed.parts,
    }
    if protocol not in known:
        raise DataError(unknown("protocol", protocol, known))
    return known[protocol](pack, domain, seed)


def _identity_disjoint(
    pack: DecodedDataset, domain: str, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same identities train, validate and test in every domain, for every seed."""
    train = pack.rows(domain, TRAIN)
    if not len(train):
        raise DataError(
            f"{pack.name}: has no identities, which protocol identity_disjoint is about; use "
            "protocol rise or domainbed"
        )
    return pack.rows(domain, VALIDATION), train
