"""Collect the records of an experiment in a table: a row for each unit and set of scored images."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from rise.experiment.key import FIELDS
from rise.experiment.record import HeldOut, Record, Score
from rise.results.consistency import UnitRow, set_apart
from rise.results.expected import Expected, ExpectedUnit
from rise.results.nested_diff import differences, sentence
from rise.results.read import read_plain, read_unit
from rise.utils.io import canonical

# Column -> pandas type. Columns of integers and text hold NA where there is nothing to say.
COLUMNS = {
    "dataset": "string",
    "variant": "string",
    "method": "string",
    "held_out": "string",
    "seed": "int64",
    "status": "string",
    "subset": "string",
    "correct": "Int64",
    "total": "Int64",
    "accuracy": "float64",
    "macro": "float64",
    "validation": "float64",
    "trials": "Int64",
    "evaluations": "Int64",
    "steps": "Int64",
    "seconds": "float64",
    "resumed": "boolean",
    "peak_memory_mb": "float64",
    "device": "string",
    "reason": "string",
    "log": "string",
    "digest": "string",
    "data": "string",
    "code": "string",
    "carried": "string",
    "declared": "string",
    "image": "string",
    "environment": "string",
}
# The entries of a record's provenance that give its cost.
COST = ("seconds", "resumed", "peak_memory_mb", "device")
# The primary score comes first; the others follow by name.
FIRST = ("test", "all")


Take = Callable[[ExpectedUnit, Path, Record], None]


def _nothing(*_: object) -> None:
    pass


def collect(expected: Expected, take: Take = _nothing) -> pd.DataFrame:
    """Collect all units of an experiment in declared order, as they lie on disk now.

    Status is `done`; `failed` (the last attempt); `missing`; `damaged` (the
    record cannot be read, or its predictions are not the ones it names); `duplicate` (the record
    of another unit, copied here); or `other` (of another digest, or of other data than the rest of
    its dataset). Only a done unit has scores, one row for each set of scored images; every other
    unit has one row without them.

    Args:
        expected: what the folder should hold.
        take: called with each matching unit, path and record, so that no record is read twice; a
            record of other data than the rest may become `other` later.

    Returns:
        A table with the columns of `COLUMNS`: `subset` names the set of scored images; `accuracy`,
        `macro` (mean over classes) and `validation` (mean over source domains) are in per cent,
        `trials` counts the settings tried, `steps` those of all of them; `seconds` is the time of
        the last try on `device`, part of it where `resumed`; `reason` says why a unit is not done,
        `digest` is the requested one, `data` the canonical JSON of what a record of that digest was
        made of, `code` the digest of the training's code, `carried` the date of the replay by which
        a record of other code counts, `declared` the canonical JSON of what the experiment
        declared when the record was made, `image` the container image it was made in
        (NA: none), and `environment` the digest of the packages installed there.
    """
    found = [_rows(unit, expected, take) for unit in expected.units]
    set_apart(found, expected.manifests)
    rows = [row for rows in found for row in rows]
    columns = {
        name: pd.Series([row.get(name) for row in rows], dtype=kind)
        for name, kind in COLUMNS.items()
    }
    return pd.DataFrame(columns)


def units_in(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the values of `FIELDS` of each row: what tells the units of a table apart."""
    yield from frame[list(FIELDS)].itertuples(index=False, name=None)


def unit_names(frame: pd.DataFrame) -> "pd.Series[str]":
    """Name the unit of each row in print: DATASET/VARIANT/METHOD/HELD_OUT/seedK."""
    names: pd.Series[str] = frame["dataset"].str.cat(
        [frame[key] for key in ("variant", "method", "held_out")], sep="/"
    )
    return names + "/seed" + frame["seed"].astype("string")


def mixed_datasets(frame: pd.DataFrame) -> set[str]:
    """Find datasets whose records were made of different data, so that averages mean nothing."""
    odd = (frame["status"] == "other") & frame["data"].notna()
    return set(frame[odd]["dataset"])


def _rows(unit: ExpectedUnit, expected: Expected, take: Take) -> list[UnitRow]:
    shared = {
        **unit.columns,
        "digest": unit.digest,
    }
    path = expected.place(unit) / "record.json"
    record, damage = read_unit(path.parent)
    if record is not None and expected.is_of(record, unit):
        take(unit, path, record)
        shared["carried"] = expected.carried_on(record, unit)
        return [{**shared, **scores} for scores in _scores(record)]
    if failed := _failure(unit, expected):
        return [{**shared, "status": "failed", **failed}]
    if damage is not None:
        return [{**shared, "status": "damaged", "reason": damage}]
    if record is None:
        return [{**shared, "status": "missing"}]
    status, reason = _mismatch(record, unit, expected)
    return [{**shared, "status": status, "reason": reason}]


def _mismatch(record: Record, unit: ExpectedUnit, expected: Expected) -> tuple[str, str]:
    """Return status and reason of a record that does not belong in its folder."""
    if owner := expected.owners.get(record.digest):
        return "duplicate", f"the record is that of {owner.name}; delete it and run again"
    asking = "others have" if expected.recorded else "asked for"
    found = list(differences(record.science.identity, unit.identity))
    return "other", f"the record differs in {sentence(found, ('has', asking))}"


def _scores(record: Record) -> list[UnitRow]:
    science = record.science
    declared = record.provenance.get("declared")
    shared = {
        "status": "done",
        "validation": _mean([_percent(score) for score in science.validation.values()]),
        "trials": science.budget.get("trials"),
        "evaluations": science.budget.get("evaluations"),
        "steps": science.budget.get("steps"),
        **{key: record.provenance.get(key) for key in COST},
        "data": canonical(science.data),
        "code": science.identity.get("code"),
        "declared": None if declared is None else canonical(declared),
        "image": record.provenance.get("image"),
        "environment": record.provenance.get("environment"),
    }
    return [
        {
            **shared,
            "subset": subset,
            "correct": score.correct,
            "total": score.total,
            "accuracy": _percent(score),
            "macro": _mean([_percent(one) for one in score.classes.values()]),
        }
        for subset, score in sorted(science.held_out.items(), key=_order)
    ]


def _order(item: tuple[str, HeldOut]) -> tuple[int, str]:
    subset = item[0]
    return FIRST.index(subset) if subset in FIRST else len(FIRST), subset


def _failure(unit: ExpectedUnit, expected: Expected) -> UnitRow | None:
    """Read reason and log of a failed attempt at exactly this unit; None if there is none."""
    failed = read_plain(expected.place(unit) / "failed.json")
    if failed.get("digest") != unit.digest:
        return None
    return {"reason": failed.get("reason"), "log": failed.get("log")}


def _percent(score: Score) -> float:
    return 100 * score.correct / score.total


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
