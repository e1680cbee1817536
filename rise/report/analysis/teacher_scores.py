"""The teacher's own accuracies, from counts of right images to per cent."""

import json
from pathlib import Path
from statistics import mean
from typing import Any

from rise.errors import ResultError
from rise.experiment.key import held_out_text


def teacher_scores(path: Path, score: str) -> dict[str, dict[str, float]]:
    """Read a teacher's file: its accuracy in per cent by set of images and domain.

    Domains are written as tables of results have them.

    Args:
        path: of the file.
        score: `accuracy`, or `macro`, the mean over the classes that have images.

    Raises:
        ResultError: it cannot be read.
    """
    try:
        counts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: cannot be read; delete it and run again") from error
    return {
        subset: {
            held_out_text((name,)): _accuracy(one) if score == "accuracy" else _macro(one)
            for name, one in domains.items()
            if score == "accuracy" or "classes" in one  # older files have none
        }
        for subset, domains in counts.items()
    }


def _accuracy(count: dict[str, Any]) -> float:
    return float(100 * count["correct"] / count["total"])


def _macro(count: dict[str, Any]) -> float:
    return mean(_accuracy(one) for one in count["classes"].values() if one["total"])
