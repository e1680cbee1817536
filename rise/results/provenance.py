"""Trace a number to its origin: units, records, settings, data, code, image."""

from collections.abc import Iterator, Mapping
from statistics import mean

import pandas as pd

from rise.experiment.identity import Setting
from rise.experiment.key import FIELDS, find
from rise.experiment.record import Record, Score, predictions_path
from rise.results.collect import collect, mixed_datasets
from rise.results.expected import Expected, ExpectedUnit
from rise.results.nested_diff import named, short
from rise.results.read import read_whole

LEAST = 3  # a cell names at least dataset, variant and method


def trace(expected: Expected, cell: str) -> str:
    """Describe the origin of a cell's number: one unit in detail, or a line for each unit.

    Facts that all units of a cell share are listed once.

    Args:
        expected: what the results folder should hold.
        cell: DATASET/VARIANT/METHOD[/HELD_OUT[/seedK]].

    Raises:
        ConfigError: no such cell; suggests the nearest name.
        ResultError: a record cannot be read.
    """
    units = find(expected.units, cell.strip("/"), LEAST)
    frame = collect(expected)
    by_unit = dict(list(frame.groupby(list(FIELDS), sort=False)))
    rows = {unit.key: by_unit[tuple(unit.columns.values())] for unit in units}
    if len(units) == 1:
        return "\n".join(_one(expected, units[0], rows[units[0].key]))
    number = _mean(expected, units, pd.concat(rows.values()), frame)
    return "\n".join([f"{cell}: {number}", *_many(expected, units, rows)])


def _one(expected: Expected, unit: ExpectedUnit, rows: pd.DataFrame) -> Iterator[str]:
    first = rows.iloc[0]
    if first["status"] != "done":
        yield f"{unit.name}: {_not_done(first)}"
        yield from _lines({"folder": str(expected.place(unit))})
        return
    path = expected.place(unit) / "record.json"
    record = read_whole(path)
    head, *others = _scores(record, expected.experiment.decision.score)
    yield f"{unit.name}: {head}"
    facts = {
        "beside it": "; ".join([*others, f"validation {first['validation']:.2f} %"]),
        "record": str(path),
        "predictions": f"{predictions_path(path)}, sha256 {record.science.predictions} (checked)",
        "unit": f"sha256 {record.digest}",
        **_facts(record, {}),
        "made": _provenance(record, "finished", "host", "seconds"),
    }
    yield from _lines(facts)


def _mean(
    expected: Expected, units: list[ExpectedUnit], rows: pd.DataFrame, frame: pd.DataFrame
) -> str:
    """Compute the mean over all units of a cell, as a report prints or withholds it."""
    score = expected.experiment.decision.score
    values = rows[(rows["subset"] == score).fillna(False)]["accuracy"]
    if units[0].dataset in mixed_datasets(frame):
        return f"withheld, since the records of {units[0].dataset} were made of different data"
    if len(values) < len(units):
        return f"withheld, since only {len(values)} of {len(units)} units are done"
    domains, seeds = ({getattr(unit, key) for unit in units} for key in ("held_out", "seed"))
    return (
        f"{mean(values):.2f} % on {score}, mean over {len(units)} units (held out: {len(domains)}, "
        f"seeds: {len(seeds)})"
    )


def _many(
    expected: Expected, units: list[ExpectedUnit], rows: dict[str, pd.DataFrame]
) -> Iterator[str]:
    """Yield what all units share, then a line for each unit with the rest."""
    done = [unit for unit in units if rows[unit.key].iloc[0]["status"] == "done"]
    records = {unit.key: read_whole(expected.place(unit) / "record.json") for unit in done}
    settings = [record.science.selected["setting"] for record in records.values()]
    common = {
        key: value
        for key, value in (settings[0] if settings else {}).items()
        if all(one.get(key) == value for one in settings)
    }
    yield from _lines({"settings": _settings(common)} if common else {})
    facts = {key: _facts(record, common) for key, record in records.items()}
    values: dict[str, set[str]] = {}
    for one in facts.values():
        for name, text in one.items():
            values.setdefault(name, set()).add(text)
    for name, texts in values.items():
        if len(texts) == 1:
            yield from _lines({name: texts.pop()})
    own = [name for name, texts in values.items() if len(texts) > 1]
    yield from _lines({"records": f"{expected.folder}/units/UNIT/record.json"})
    for unit in units:
        if unit.key not in records:
            yield f"    {unit.name}  {_not_done(rows[unit.key].iloc[0])}"
            continue
        record = records[unit.key]
        told = [
            _scores(record, expected.experiment.decision.score)[0],
            f"predictions {short(record.science.predictions)}",
            *(f"{name} {facts[unit.key][name]}" for name in own),
        ]
        yield f"    {unit.name}  {'; '.join(told)}"


def _facts(record: Record, told: Mapping[str, Setting]) -> dict[str, str]:
    """List the facts behind a result by name, without settings that were listed already."""
    science, identity = record.science, record.science.identity
    selected = science.selected["setting"]
    own = {key: value for key, value in selected.items() if key not in told}
    files = [f"{named(key)} {short(value)}" for key, value in science.data.items()]
    dataset, student, teacher = (identity[key] for key in ("dataset", "student", "teacher"))
    return {
        **({"own settings" if told else "settings": _settings(own)} if own else {}),
        "selection": f"of {science.budget.get('trials')} settings, on source validation",
        "kept": ", ".join(f"{k} {v}" for k, v in science.selected.items() if k != "setting"),
        "data": ", ".join([dataset["name"], f"revision {short(dataset['revision'])}", *files]),
        "protocol": str(identity["protocol"]),
        "teacher": f"{teacher['name']}, sha256 {short(teacher['sha256'])}",
        "student": f"{student['name']}, start {short(student['start'])}",
        "training code": short(identity["code"]),
        "method code": short(identity["method"]["code"]),
        "image": str(record.provenance.get("image") or "none"),
        "environment": short(record.provenance.get("environment") or "not recorded"),
        "computed by": _provenance(
            record, "device", "cpu_capability", "python", "torch", "threads", "foreign"
        ),
    }


def _provenance(record: Record, *names: str) -> str:
    told = [f"{name} {record.provenance[name]}" for name in names if record.provenance.get(name)]
    return ", ".join(told) or "not recorded"


def _scores(record: Record, score: str) -> list[str]:
    """Accuracies with their counts, the primary metric first."""
    names = sorted(record.science.held_out, key=lambda name: (name != score, name))
    return [f"{_percent(record.science.held_out[name])} on {name}" for name in names]


def _settings(values: Mapping[str, Setting]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _percent(score: Score) -> str:
    return f"{100 * score.correct / score.total:.2f} % ({score.correct} of {score.total})"


def _not_done(row: pd.Series) -> str:
    reason = "" if pd.isna(row["reason"]) else f": {row['reason']}"
    return f"{row['status']}{reason}"


def _lines(facts: dict[str, str]) -> Iterator[str]:
    for name, text in facts.items():
        yield f"  {name:15}{text}"
