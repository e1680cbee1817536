"""From counts of right images, as a teacher's file has them, to per cent."""

from statistics import mean
from typing import Any


def accuracy(count: dict[str, Any]) -> float:
    """Share of all images, each alike."""
    return float(100 * count["correct"] / count["total"])


def macro(count: dict[str, Any]) -> float:
    """Mean over the classes that have images, each class alike."""
    return mean(accuracy(one) for one in count["classes"].values() if one["total"])


SCORES = {"accuracy": accuracy, "macro": macro}
