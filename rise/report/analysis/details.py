"""Take from a record what a report needs that is not in the table: settings, history, classes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rise.experiment.identity import Setting
from rise.experiment.record import Record


@dataclass(frozen=True, eq=False)
class Detail:
    """A done unit's own; the rest of its record is not kept, since there may be thousands.

    Attributes:
        path: of its record.
        decoded: digest of the decoded images that it was made of; "" where none is recorded.
        setting: the selected hyper-parameters.
        steps: int64 (e,), training steps at the evaluations of the selected trial, over all stages.
        validation: float64 (e,), accuracy on source validation there, in per cent.
        classes: accuracy in per cent of each class that has scored images.
    """

    path: Path
    decoded: str
    setting: dict[str, Setting]
    steps: NDArray[np.int64]
    validation: NDArray[np.float64]
    classes: dict[str, float]


def detail(path: Path, record: Record, subset: str) -> Detail:
    """Take out of a record what a report needs.

    Args:
        path: of the record.
        record: what it holds.
        subset: the scored images whose classes count.
    """
    steps, validation = _history(record.provenance.get("history", []))
    scores = record.science.held_out.get(subset)
    classes = scores.classes if scores else {}
    return Detail(
        path,
        record.science.data.get("pack", ""),
        record.science.selected["setting"],
        steps,
        validation,
        # Hundreds of units have the same names.
        {sys.intern(name): 100 * one.correct / one.total for name, one in classes.items()},
    )


def _history(
    rows: list[dict[str, Any]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count steps on over the stages; the last score at a step is that of the kept weights."""
    found: dict[int, float] = {}
    before, last, stage = 0, 0, None
    for row in rows:
        if stage is not None and row["stage"] != stage:
            before += last
        stage, last = row["stage"], row["step"]
        found[before + last] = 100 * row["accuracy"]
    return np.array(list(found), dtype=np.int64), np.array(list(found.values()))
