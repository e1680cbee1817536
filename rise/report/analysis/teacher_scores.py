"""The teacher's own accuracies, from counts of right images to per cent."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import mean
from typing import Any

from rise.errors import ResultError
from rise.experiment.key import held_out_text


def teacher_scores(
    path: Path, score: str, together: Iterable[tuple[str, ...]] = ()
) -> dict[str, dict[str, float]]:
    """Read a teacher's file: its accuracy in per cent by set of images and domain.

    Domains are written as tables of results have them.

    Args:
        path: of the file.
        score: `accuracy`, or `macro`, the mean over the classes that have images.
        together: domains that are held out together, whose images count as of one domain.

    Raises:
        ResultError: it cannot be read.
    """
    try:
        counts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: cannot be read; delete it and run again") from error
    pooled = list(together)
    return {
        subset: {
            held_out_text(names): _accuracy(one) if score == "accuracy" else _macro(one)
            for names, one in _with_pooled(domains, pooled).items()
            if score == "accuracy" or "classes" in one  # older files have none
        }
        for subset, domains in counts.items()
    }


def _with_pooled(
    domains: dict[str, Any], together: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], dict[str, Any]]:
    """Add the counts of domains that are held out together to those of single ones."""
    single: dict[tuple[str, ...], dict[str, Any]] = {(name,): one for name, one in domains.items()}
    several = {
        names: _added([domains[name] for name in names])
        for names in together
        if set(names) <= set(domains)
    }
    return {**single, **several}


def _added(counts: list[dict[str, Any]]) -> dict[str, Any]:
    """Add up counts, and those of each class where all have them."""
    total: dict[str, Any] = {key: sum(one[key] for one in counts) for key in ("correct", "total")}
    if all("classes" in one for one in counts):
        names = dict.fromkeys(name for one in counts for name in one["classes"])
        there = {
            name: [one["classes"][name] for one in counts if name in one["classes"]]
            for name in names
        }
        total["classes"] = {name: _added(found) for name, found in there.items()}
    return total


def _accuracy(count: dict[str, Any]) -> float:
    return float(100 * count["correct"] / count["total"])


def _macro(count: dict[str, Any]) -> float:
    return mean(_accuracy(one) for one in count["classes"].values() if one["total"])
