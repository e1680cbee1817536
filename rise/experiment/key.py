"""The key of a unit, which identifies it within an experiment and is its path."""

from dataclasses import dataclass, fields
from typing import Any

from rise.errors import ConfigError, unknown

TOGETHER = "+"  # between domains that are held out together


@dataclass(frozen=True)
class UnitKey:
    """One (dataset, variant, method, held-out domains, seed) of an experiment."""

    dataset: str
    variant: str
    method: str
    held_out: tuple[str, ...]
    seed: int

    @property
    def key(self) -> str:
        """The unit's path below results/<experiment>/units."""
        return UNIT.format(**self.columns)

    @property
    def columns(self) -> dict[str, Any]:
        """The five values by name, as a table of results holds them: held-out domains as text."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {**values, "held_out": TOGETHER.join(self.held_out)}


FIELDS = tuple(field.name for field in fields(UnitKey))
UNIT = "{dataset}/{variant}/{method}/{held_out}/seed{seed}"


def parse_key(text: str, known: set[str]) -> str:
    """Return a unit's path if it is known.

    Raises:
        ConfigError: a part is wrong, which the message names, or there are not five.
    """
    parts = text.split("/")
    if len(parts) != len(FIELDS):
        raise ConfigError(f"{text!r} names no unit; write DATASET/VARIANT/METHOD/HELD_OUT/seedK")
    for at, (field, part) in enumerate(zip(FIELDS, parts, strict=True)):
        there = {one.split("/")[at] for one in known if one.split("/")[:at] == parts[:at]}
        if part not in there:
            raise ConfigError(unknown(field, part, there))
    return text


def split_held_out(text: str) -> tuple[str, ...]:
    """Split the held-out part of a path into its domains."""
    return tuple(text.split(TOGETHER))
