"""The units behind a report's numbers, as its last tables show them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UnitRow:
    """A unit in print.

    Attributes:
        seed: its own.
        status: done, failed, missing or other.
        accuracy: on the images of the primary metric, in per cent.
        counts: correct and scored images.
        validation: mean accuracy on source validation, in per cent.
        setting: the selected hyper-parameters.
        record: address of its record from where the report lies; None if it is not done.
        digest: the first digits of its identity's.
    """

    seed: int
    status: str
    accuracy: str
    counts: str
    validation: str
    setting: str
    record: str | None
    digest: str


@dataclass(frozen=True)
class DomainTable:
    """The units of one method with one held-out domain, and the anchor of their rows."""

    anchor: str
    name: str
    rows: tuple[UnitRow, ...]


@dataclass(frozen=True)
class Trace:
    """The units of one method on one dataset and variant, and the anchor of their table."""

    anchor: str
    title: str
    domains: tuple[DomainTable, ...]
