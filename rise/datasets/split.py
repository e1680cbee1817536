"""Split a decoded dataset into images for training, validation and scoring; a protocol is a file.

Each function takes a list of held-out domains, so that leave-one-domain-out selection, which holds
out two, needs nothing new.
"""

import importlib
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError, unknown

TEST = "test"


class _Protocol(Protocol):
    """The functions that a file in rise/datasets/protocols defines."""

    def parts(
        self, decoded: DecodedDataset, domain: str, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split a source domain into rows (validation, train)."""

    def scored(self, decoded: DecodedDataset, domain: str, seed: int) -> np.ndarray:
        """Return the rows of a held-out domain that are scored."""


@dataclass(frozen=True)
class Sources:
    """Rows of the source domains: train (n,), grouped by domain; validation: domain -> rows."""

    train: np.ndarray
    validation: dict[str, np.ndarray]


def source_domains(domains: list[str], held_out: list[str]) -> list[str]:
    """List all domains but the held-out ones, in catalogue order.

    Raises:
        DataError: the dataset has no such held-out domain, or no domain is left.
    """
    for name in held_out:
        if name not in domains:
            raise DataError(unknown("domain", name, domains))
    found = [domain for domain in domains if domain not in held_out]
    if not found:
        raise DataError(f"{', '.join(domains)}: all domains are held out, none is left to train on")
    return found


def sources(decoded: DecodedDataset, protocol: str, held_out: list[str], seed: int) -> Sources:
    """Choose training and validation rows, from source domains only.

    Raises:
        DataError: the dataset does not suit the protocol, or held_out leaves no domain.
    """
    parts = _protocol(protocol).parts
    train, validation = [], {}
    for domain in source_domains(decoded.domains, held_out):
        validation[domain], rows = parts(decoded, domain, seed)
        if not len(rows) or not len(validation[domain]):
            raise DataError(
                f"{decoded.name}: {domain} has {len(decoded.rows(domain))} images, too few to "
                f"train and validate on under protocol {protocol}"
            )
        train.append(rows)
    return Sources(np.concatenate(train), validation)


def scored_rows(
    decoded: DecodedDataset, protocol: str, held_out: list[str], seed: int
) -> np.ndarray:
    """Choose the rows of the held-out domains that are predicted.

    Raises:
        DataError: as for `sources`.
    """
    source_domains(decoded.domains, held_out)
    scored = _protocol(protocol).scored
    return np.concatenate([scored(decoded, domain, seed) for domain in held_out])


def subsets(decoded: DecodedDataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Name the subsets that are scored: name -> positions in `rows`.

    "all" holds all rows. A dataset with identities also has "test", the primary metric's subset
    (identities that no student saw), and "test, GROUP", the same by the dataset's groups.
    """
    parts, groups = decoded.columns["part"][rows], decoded.columns["group"][rows]
    test = parts == TEST
    found = {"test": test, "all": np.ones(len(rows), dtype=bool)}
    for group in sorted(set(groups) - {""}):
        found[f"test, {group}"] = test & (groups == group)
    return {name: np.flatnonzero(chosen) for name, chosen in found.items() if chosen.any()}


def _protocol(name: str) -> _Protocol:
    try:
        return cast(_Protocol, importlib.import_module(f"rise.datasets.protocols.{name}"))
    except ModuleNotFoundError as error:
        raise DataError(f"there is no protocol {name!r} in rise/datasets/protocols") from error
