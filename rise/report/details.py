"""What a report takes from the records that is not in the table: settings, history, classes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rise.experiment.identity import Setting
from rise.experiment.record import Record, read_record

if TYPE_CHECKING:
    from rise.report.analysis import Group

Key = tuple[str, str, str, str, int]


@dataclass(frozen=True, eq=False)
class Detail:
    """A done unit's own.

    Attributes:
        path: of its record.
        setting: the selected hyper-parameters.
        steps: int64 (e,), training steps at the evaluations of the selected trial, over all stages.
        validation: float64 (e,), accuracy on source validation there, in per cent.
        classes: accuracy in per cent of each class that has scored images.
    """

    path: Path
    setting: dict[str, Setting]
    steps: NDArray[np.int64]
    validation: NDArray[np.float64]
    classes: dict[str, float]


class Details:
    """The details of all done units; a record's other contents are not kept."""

    def __init__(self, folder: Path, done: pd.DataFrame, subset: str) -> None:
        """Read the records.

        Args:
            folder: of the results.
            done: rows of done units.
            subset: the scored images whose classes count.
        """
        self._found: dict[Key, Detail] = {}
        for row in done.itertuples():
            key = (row.dataset, row.variant, row.method, row.held_out, int(row.seed))
            *folders, seed = key
            path = folder.joinpath("units", *folders, f"seed{seed}", "record.json")
            self._found[key] = _detail(path, read_record(path), subset)

    def get(self, group: "Group", method: str, held_out: str, seed: int) -> Detail | None:
        """A unit's details, None if it is not done."""
        return self._found.get((group.dataset, group.variant, method, held_out, seed))


def _detail(path: Path, record: Record, subset: str) -> Detail:
    steps, validation = _history(record.provenance.get("history", []))
    scores = record.science.held_out.get(subset)
    classes = scores.classes if scores else {}
    return Detail(
        path,
        record.science.selected["setting"],
        steps,
        validation,
        # Hundreds of units have the same names.
        {sys.intern(name): 100 * one.correct / one.total for name, one in classes.items()},
    )


def _history(
    rows: list[dict[str, Any]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps count on over the stages; the last score at a step is that of the kept weights."""
    found: dict[int, float] = {}
    before, last, stage = 0, 0, None
    for row in rows:
        if stage is not None and row["stage"] != stage:
            before += last
        stage, last = row["stage"], row["step"]
        found[before + last] = 100 * row["accuracy"]
    return np.array(list(found), dtype=np.int64), np.array(list(found.values()))
