"""Published numbers: rows of data/published/*.csv, and the experiments that repeat them."""

import csv
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from rise.catalog.schema import Protocol
from rise.errors import DataError
from rise.utils.model import Strict

PUBLISHED = Path("data/published")
AVERAGE = "average"


class Published(Strict):
    """One printed cell.

    accuracy and error are in per cent; decimals counts those of the printed accuracy; error is of
    the kind `error_kind`, over `runs` runs. compare_with, our_student and our_teacher name the
    method, student and teacher that repeat it here, None if nothing does.
    """

    table: str
    method: str
    student: str
    teacher: str
    dataset: str
    held_out: str
    accuracy: float = Field(ge=0, le=100)
    decimals: int
    error: float | None = Field(ge=0)
    error_kind: Literal["se", "se_ddof0", "sd", "sd_ddof0", "ci95", "unknown", "none"]
    runs: int | None = Field(ge=1)
    protocol: Protocol | None
    verified: Literal["yes", "secondhand"]
    compare_with: str | None
    our_student: str | None
    our_teacher: str | None
    source: str = Field(min_length=1)
    note: str

    @field_validator(
        "error", "runs", "protocol", "compare_with", "our_student", "our_teacher", mode="before"
    )
    @classmethod
    def _empty(cls, given: Any) -> Any:
        return given or None

    @property
    def firsthand(self) -> bool:
        """True if it was read in the publishing project's own file."""
        return self.verified == "yes"

    def repeated_by(self, method: str, student: str, teacher: str, protocol: str) -> bool:
        """Say whether our results repeat the same experiment, so that a verdict makes sense."""
        ours = (method, student, teacher, protocol)
        return ours == (self.compare_with, self.our_student, self.our_teacher, self.protocol)


def read_published(folder: Path = PUBLISHED) -> list[Published]:
    """Read all rows of a folder's CSV files by file name; none where there is no folder.

    Raises:
        DataError: a row is invalid; names file, line and column.
    """
    return [row for path in sorted(folder.glob("*.csv")) for row in _read(path)]


def _read(path: Path) -> list[Published]:
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            decimals = len((row.get("accuracy") or "").partition(".")[2])
            try:
                rows.append(Published.model_validate({**row, "decimals": decimals}))
            except ValidationError as error:
                fault = error.errors()[0]
                column = ".".join(map(str, fault["loc"]))
                raise DataError(
                    f"{path}, row {number}: {column}: {fault['msg']}; see {path.parent}/README.md"
                ) from error
    return rows
