"""Write numbers; every number of a report passes here exactly once.

Rounding never contradicts a verdict: a difference keeps its sign, and a p value its side of the
level, with as many digits as that needs.
"""

from collections.abc import Iterable
from math import ceil, log10

NOTHING = "\N{EN DASH}"
# In points: what differs by less is equal but for the rounding of sums (rise.stats.checks).
EQUAL = 1e-9


def accuracy(percent: float | None) -> str:
    """Write an accuracy in per cent, one decimal."""
    return NOTHING if percent is None else f"{percent:.1f}"


def accuracy_interval(mean: float | None, low: float | None, high: float | None) -> str:
    """Write an accuracy in per cent with its interval, where there is one.

    The interval ends at 0 and 100: no accuracy lies beyond, so its coverage stays the same.
    """
    if low is None or high is None:
        return accuracy(mean)
    return f"{accuracy(mean)} [{accuracy(max(low, 0.0))}, {accuracy(min(high, 100.0))}]"


def points(difference: float | None) -> str:
    """Write a difference in points with its sign: two decimals, or as many as it takes."""
    if difference is None:
        return NOTHING
    if abs(difference) < EQUAL:
        return "0.00"
    return f"{difference:+.{max(2, ceil(-log10(abs(difference))))}f}"


def points_interval(low: float | None, high: float | None) -> str:
    """Write the interval of a difference in points."""
    return NOTHING if low is None or high is None else f"[{points(low)}, {points(high)}]"


def decimal(value: float | None) -> str:
    """Write any other number (a minimum detectable difference, a t value), two decimals."""
    return NOTHING if value is None else f"{value:.2f}"


def duration(seconds: float | None) -> str:
    """Write a time in seconds, three significant digits or all whole ones."""
    return _significant(seconds)


def rate(per_second: float | None) -> str:
    """Write a speed, three significant digits or all whole ones."""
    return _significant(per_second)


def p_value(p: float | None, level: float) -> str:
    """Write a p value with two significant digits, or as many as show its side of the level."""
    if p is None:
        return NOTHING
    if p < 0.001 < level:
        return "<0.001"
    texts = (f"{p:#.{digits}g}" for digits in range(2, 18))
    return next(
        text for text in texts if p == level or _side(float(text), level) == _side(p, level)
    )


def spread(values: Iterable[int]) -> str:
    """Write one number, or "lowest to highest" where several occur."""
    found = sorted(set(values))
    if not found:
        return NOTHING
    return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"


def listed(words: Iterable[str]) -> str:
    """List words as in a sentence: "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def counted(count: int, word: str) -> str:
    """Write a number and its noun, with a plural s where it is not one."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _side(value: float, level: float) -> int:
    return (value > level) - (value < level)


def _significant(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def interval_name(level: float) -> str:
    """Name an interval by its level, with four digits: 1 - 0.05/3 is 98.33 %."""
    return f"{100 * level:.4g} % interval"
