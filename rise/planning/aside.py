"""Records that are not asked for now are moved aside, and taken back when they are."""

import filecmp
import os
import shutil
from pathlib import Path

from rise.errors import ResultError
from rise.experiment.record import predictions_path, read_record, recorded_digest
from rise.planning.units import Unit
from rise.results.ledger import Ledger
from rise.utils.io import replacing


def record_path(unit: Unit) -> Path:
    """Return the path of a unit's record."""
    return unit.folder / "record.json"


def is_asked_for(record: Path, unit: Unit, manifest: str | None, ledger: Ledger) -> bool:
    """Say whether a record is the unit's (or equivalent by the ledger) and of this disk's files."""
    found = recorded_digest(record)
    if found in (None, "unreadable"):
        return False
    science = read_record(record).science
    if found != unit.digest and not ledger.same(science.identity, unit.identity.mapping()):
        return False
    return manifest in (None, science.data.get("manifest"))


def find_record(unit: Unit, manifest: str | None, ledger: Ledger) -> Path | None:
    """Return the path of the record that is asked for, in its place or aside, if there is one."""
    for path in (record_path(unit), *sorted(unit.folder.glob("record.*.json"))):
        if is_asked_for(path, unit, manifest, ledger):
            return path
    return None


def settle_record(unit: Unit, manifest: str | None, ledger: Ledger) -> bool:
    """Bring the record that is asked for into place, if there is one; True if another left it."""
    _drop_twins(unit.folder)
    place, found = record_path(unit), find_record(unit, manifest, ledger)
    if found == place:
        return False
    left = move_aside(place)
    if found is not None:
        _move(found, place)
    return left


def move_aside(record: Path) -> bool:
    """Move a record, if there is one, to a name that says what it is of."""
    found = recorded_digest(record)
    if found is not None:
        _move(record, record.with_name(f"record.{found[:12]}{_data_name(record)}.json"))
    return found is not None


def _data_name(record: Path) -> str:
    """Return a suffix that distinguishes records of one unit made of different files."""
    try:
        manifest = read_record(record).science.data.get("manifest")
    except ResultError:
        return ""
    return f"-{manifest[:6]}" if manifest else ""


def _drop_twins(folder: Path) -> None:
    """Delete predictions that a killed move left under their old name, beside those of a record."""
    kept: list[Path] = []
    left: list[Path] = []
    for path in folder.glob("predictions*.npz"):
        has_record = path.with_name(f"record{path.stem.removeprefix('predictions')}.json").exists()
        (kept if has_record else left).append(path)
    for path in left:
        if any(filecmp.cmp(path, other, shallow=False) for other in kept):
            path.unlink()


def _move(record: Path, to: Path) -> None:
    """Move a record and its predictions as one: at every moment there is a record with them.

    Predictions are first there under both names; the renaming of the record decides.
    """
    predictions = predictions_path(record)
    if predictions.exists():
        with replacing(predictions_path(to)) as beside:
            beside.unlink()
            try:
                os.link(predictions, beside)
            except OSError:  # a file system without links
                shutil.copyfile(predictions, beside)
    record.replace(to)
    predictions.unlink(missing_ok=True)
