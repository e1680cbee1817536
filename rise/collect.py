"""From the records of an experiment to one table: a row for every unit and set of scored images."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from rise.config import Experiment
from rise.errors import ResultError
from rise.experiment import Unit, units
from rise.files import canonical
from rise.records import HeldOut, Record, Score, read_record

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
    "declared": "string",
    "image": "string",
    "environment": "string",
}
# What a record's provenance says of its cost.
COST = ("seconds", "resumed", "peak_memory_mb", "device")
# The score that the protocol is about is written first; the others follow by name.
FIRST = ("test", "all")


def collect(experiment: Experiment) -> pd.DataFrame:
    """All units of an experiment in declared order, as they lie on disk now.

    Status is `done`; `failed` (of the last try of exactly this unit); `other` (there is a record,
    but of another digest, or none that can be read); or `missing`. Only a done unit has scores,
    one row for each set of scored images; every other unit has one row without them.

    Returns:
        A table with the columns of `COLUMNS`: `subset` names the set of scored images; `accuracy`,
        `macro` (mean over classes) and `validation` (mean over source domains) are in per cent,
        `trials` counts the settings tried, `steps` those of all of them; `seconds` is the time of
        the last try on `device`, part of it where `resumed`; `digest` is the requested one, `data`
        the canonical JSON of what the record was made of, `code` the digest of the training's
        code, `declared` the canonical JSON of what the experiment declared when the record was
        made, `image` the container image it was made in (NA: none), and `environment` the digest
        of the packages installed there.
    """
    rows = [row for unit in units(experiment) for row in _rows(unit)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _rows(unit: Unit) -> list[dict[str, Any]]:
    shared = {
        "dataset": unit.dataset,
        "variant": unit.variant,
        "method": unit.method,
        "held_out": "+".join(unit.held_out),
        "seed": unit.seed,
        "digest": unit.digest,
    }
    path = unit.folder / "record.json"
    wrong = None
    if path.exists():
        try:
            record = read_record(path)
        except ResultError as error:
            wrong = str(error)
        else:
            if record.digest == unit.digest:
                return [{**shared, **scores} for scores in _scores(record)]
            wrong = "the record is of another experiment file, data or code; run again"
    if failed := _failure(unit):
        return [{**shared, "status": "failed", **failed}]
    return [{**shared, "status": "other" if wrong else "missing", "reason": wrong}]


def _scores(record: Record) -> list[dict[str, Any]]:
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


def _failure(unit: Unit) -> dict[str, Any] | None:
    """Reason and log of a failed try, if it was of exactly this unit."""
    failed = _read(unit.folder / "failed.json")
    if failed.get("digest") != unit.digest:
        return None
    return {"reason": failed.get("reason"), "log": failed.get("log")}


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _percent(score: Score) -> float:
    return 100 * score.correct / score.total


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
