"""The key of a unit, which identifies it within an experiment and is its path."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from rise.errors import ConfigError, unknown
from rise.experiment.path_part import name_of, path_part

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
        """The unit's path below results/<experiment>/units: no two units share one."""
        return UNIT.format(**self.parts)

    @property
    def name(self) -> str:
        """The unit's names as people read and write them: its path, where they are ordinary."""
        return UNIT.format(**self.columns)

    @property
    def columns(self) -> dict[str, Any]:
        """The five values by name, as a table of results holds them: held-out domains as text."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {**values, "held_out": held_out_text(self.held_out)}

    @property
    def parts(self) -> dict[str, str]:
        """The five parts of its path by name, the seed's without the word."""
        one = {name: path_part(str(getattr(self, name))) for name in FIELDS if name != "held_out"}
        return {**one, "held_out": TOGETHER.join(map(path_part, self.held_out))}


FIELDS = tuple(field.name for field in fields(UnitKey))
UNIT = "{dataset}/{variant}/{method}/{held_out}/seed{seed}"
Key = TypeVar("Key", bound=UnitKey)


def held_out_text(domains: tuple[str, ...]) -> str:
    """Write held-out domains in print: `a`, `a+b` for two; the one domain `a+b` in quotes."""
    if len(domains) == 1 and not _reads_as_several(domains[0]):
        return domains[0]
    return TOGETHER.join(map(_quoted, domains))


def held_out_of(part: str) -> tuple[str, ...]:
    """Return the domains that the held-out part of a path stands for."""
    return tuple(map(name_of, part.split(TOGETHER)))


def is_key(text: str) -> bool:
    """Say whether a text can be a unit's path: five parts, each of which stands for a name."""
    parts = [part.split(TOGETHER) for part in text.split("/")]
    names = [one for part in parts for one in part]
    return len(parts) == len(FIELDS) and all(
        one and path_part(name_of(one)) == one for one in names
    )


def _reads_as_several(name: str) -> bool:
    """Say so of `a+b`; `c++` has empty sides, and no domain is without a name."""
    return '"' in name or (TOGETHER in name and all(name.split(TOGETHER)))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"' if TOGETHER in name or '"' in name else name


def find(units: Iterable[Key], text: str, least: int = len(FIELDS)) -> list[Key]:
    """Find the units that a text names: by names or by path, whole or from the left.

    Args:
        units: those there are.
        text: DATASET/VARIANT/METHOD[/HELD_OUT[/seedK]].
        least: the number of parts that it has to have.

    Raises:
        ConfigError: a part is wrong, which the message names, or there are too few or too many.
    """
    every = list(units)
    for spelled in (_names, _path):
        if found := [one for one in every if text in _beginnings(spelled(one), least)]:
            return found
    given = text.split("/")
    if not least <= len(given) <= len(FIELDS):
        end = "/HELD_OUT/seedK" if least == len(FIELDS) else "[/HELD_OUT[/seedK]]"
        raise ConfigError(f"{text!r} names no unit; write DATASET/VARIANT/METHOD{end}")
    for at, (field, part) in enumerate(zip(FIELDS, given, strict=False)):
        there = [one for one in every if part in (_names(one)[at], _path(one)[at])]
        if not there:
            raise ConfigError(unknown(field, part, {_names(one)[at] for one in every}))
        every = there
    return every


def _names(unit: UnitKey) -> list[str]:
    return [*map(str, list(unit.columns.values())[:-1]), f"seed{unit.seed}"]


def _path(unit: UnitKey) -> list[str]:
    return unit.key.split("/")


def _beginnings(parts: list[str], least: int) -> list[str]:
    return ["/".join(parts[:number]) for number in range(least, len(parts) + 1)]
