"""Write numbers; every number of a report passes here exactly once."""

from collections.abc import Iterable

NOTHING = "\N{EN DASH}"


def accuracy(percent: float | None) -> str:
    """Write an accuracy in per cent, one decimal."""
    return NOTHING if percent is None else f"{percent:.1f}"


def accuracy_interval(mean: float | None, low: float | None, high: float | None) -> str:
    """Write an accuracy in per cent with its interval, where there is one."""
    if low is None or high is None:
        return accuracy(mean)
    return f"{accuracy(mean)} [{accuracy(low)}, {accuracy(high)}]"


def points(difference: float | None) -> str:
    """Write a difference in points with its sign, two decimals."""
    if difference is None:
        return NOTHING
    text = f"{difference:+.2f}"
    return "0.00" if float(text) == 0 else text


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


def p_value(p: float | None) -> str:
    """Write a p value with two significant digits."""
    if p is None:
        return NOTHING
    return "<0.001" if p < 0.001 else f"{p:#.2g}"


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


def _significant(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def interval_name(level: float) -> str:
    """Name an interval by its coverage."""
    return f"{100 * level:g} % interval"
