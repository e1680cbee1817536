"""Read a unit's folder: its record, checked down to the bytes of its predictions."""

import json
from pathlib import Path
from typing import NamedTuple

from rise.errors import ResultError
from rise.experiment.record import Record, predictions_path, read_record
from rise.utils.io import JsonObject, file_digest


class Reading(NamedTuple):
    """The contents of a folder: a record that can be used, or why it cannot, or neither."""

    record: Record | None = None
    damage: str | None = None


def read_unit(folder: Path) -> Reading:
    """Read a unit's record, and compare its predictions with the sha256 that it names."""
    path = folder / "record.json"
    try:
        return Reading(record=read_whole(path))
    except ResultError as error:
        return Reading(damage=str(error)) if path.exists() else Reading()


def read_whole(path: Path) -> Record:
    """Read a record whose predictions are there and unchanged.

    Raises:
        ResultError: the record cannot be used, or its predictions are missing or changed.
    """
    record = read_record(path)
    predictions = predictions_path(path)
    try:
        found = file_digest(predictions)
    except OSError as error:
        raise ResultError(
            f"{predictions}: cannot be read ({error.strerror}); delete {path.name} and run again"
        ) from error
    if found != record.science.predictions:
        raise ResultError(
            f"{predictions}: is damaged (sha256 {found[:12]}, its record says "
            f"{record.science.predictions[:12]}); delete {path.name} and run again"
        )
    return record


def read_plain(path: Path) -> JsonObject:
    """Read a JSON mapping; {} if there is no readable one."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
