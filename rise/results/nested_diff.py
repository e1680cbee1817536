"""Differences between two plain values, by key path and in words."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rise.utils.io import canonical, digest

# The longest matching start of a path in an identity counts.
WORDS = {
    "dataset": "data",
    "student.start": "start weights",
    "settings": "settings (search budget)",
    "method.name": "method",
    "method.code": "method code",
    "code": "training code",
    "schema": "schema of records",
    "held_out": "held-out domains",
    "pack": "decoded images",
    "data.pack": "decoded images",
}
# How many differences a sentence names.
FEW = 3
HEX = 64  # digits of a sha256
LONG = 60
ABSENT = object()  # of a key that only one side has; null is a value


class Difference(NamedTuple):
    """A place in a nested mapping, and its value in each of the two (None: nothing)."""

    path: str
    one: Any
    other: Any


def differences(one: Any, other: Any, path: str = "") -> Iterator[Difference]:
    """Yield all places where two plain values differ, as deep as both are mappings, by key."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}):
            below = f"{path}.{key}" if path else str(key)
            yield from differences(one.get(key, ABSENT), other.get(key, ABSENT), below)
    elif _told(one) != _told(other):
        yield Difference(path, *(None if side is ABSENT else side for side in (one, other)))


def _told(value: Any) -> str:
    """Return a value as digests see it: 1 and 1.0 differ."""
    return "" if value is ABSENT else canonical(value)


def named(path: str) -> str:
    """Put a place of an identity into words: "training code", "recipe.epochs"."""
    starts = [path[:at] for at, letter in enumerate(f"{path}.") if letter == "."]
    known = [start for start in starts if start in WORDS]
    return WORDS[known[-1]] + path[len(known[-1]) :] if known else path


def sentence(found: list[Difference], words: tuple[str, str]) -> str:
    """Put the first few differences into words.

    Args:
        found: differences of two identities, at least one.
        words: placed before the two values, such as "is" and "asked for".
    """
    told = [
        f"{named(path)} ({words[0]} {short(one)}, {words[1]} {short(other)})"
        for path, one, other in found[:FEW]
    ]
    more = len(found) - FEW
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def short(value: Any) -> str:
    """Shorten a value: a sha256 to its first 12 digits, other long values to their digest."""
    if isinstance(value, str):
        return value[:12] if _is_digest(value) else _cut(value)
    if value is None:
        return "nothing"
    text = canonical(value)
    return text if len(text) <= LONG else f"{text[:20]}... ({digest(value)[:12]})"


def _is_digest(value: str) -> bool:
    return len(value) == HEX and set(value) <= set("0123456789abcdef")


def _cut(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."
