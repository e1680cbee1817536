"""Protocols: which images of a pack train, validate and are scored."""

from dataclasses import dataclass

import numpy as np

from rise.datasets.pack import Pack

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True)
class Sources:
    """Rows of the source domains: train (n,), validation: domain -> rows."""

    train: np.ndarray
    validation: dict[str, np.ndarray]


def source_domains(domains: list[str], held_out: list[str]) -> list[str]:
    """All domains but the held-out ones, in catalogue order."""
    return [domain for domain in domains if domain not in held_out]


def sources(pack: Pack, held_out: list[str]) -> Sources:
    """Training and validation rows under `identity_disjoint`: source domains only.

    The same identities train, validate and test in every domain, so a test identity is seen in no
    style; the split does not depend on the seed.
    """
    domains = source_domains(pack.domains, held_out)
    train = np.concatenate([pack.rows(domain, TRAIN) for domain in domains])
    return Sources(train, {domain: pack.rows(domain, VALIDATION) for domain in domains})


def held_out_rows(pack: Pack, held_out: list[str]) -> np.ndarray:
    """All rows of the held-out domains."""
    return np.concatenate([pack.rows(domain) for domain in held_out])


def subsets(pack: Pack, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What is scored: name -> positions in `rows`.

    "test" is the headline (identities no student saw), "all" every held-out image,
    "test, GROUP" the headline by the dataset's groups.
    """
    parts, groups = pack.columns["part"][rows], pack.columns["group"][rows]
    test = parts == TEST
    found = {"test": test, "all": np.ones(len(rows), dtype=bool)}
    for group in sorted(set(groups) - {""}):
        found[f"test, {group}"] = test & (groups == group)
    return {name: np.flatnonzero(chosen) for name, chosen in found.items() if chosen.any()}
