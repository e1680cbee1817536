"""From the cells of a report's tables to the units and records behind them."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from rise.experiment.identity import Setting
from rise.report.analysis import Group, Results, method_label
from rise.report.render.format import NOTHING, accuracy
from rise.report.render.table import Table


@dataclass(frozen=True)
class UnitRow:
    """A unit in print.

    Attributes:
        seed: its own.
        status: done, failed, missing or other.
        accuracy: of the headline, in per cent.
        counts: correct and scored images.
        validation: mean accuracy on source validation, in per cent.
        setting: the selected hyper-parameters.
        record: address of its record from where the report lies; None if it is not done.
        digest: the first digits of its identity's.
    """

    seed: int
    status: str
    accuracy: str
    counts: str
    validation: str
    setting: str
    record: str | None
    digest: str


@dataclass(frozen=True)
class Domain:
    """The units of one method with one held-out domain, and the anchor of their rows."""

    anchor: str
    name: str
    rows: tuple[UnitRow, ...]


@dataclass(frozen=True)
class Trace:
    """The units of one method on one dataset and variant, and the anchor of their table."""

    anchor: str
    title: str
    domains: tuple[Domain, ...]


def traces(results: Results, out: Path) -> list[Trace]:
    """All units in declared order; `out` is the folder of the report."""
    return [
        Trace(
            _anchor(results, group, method),
            f"{group.label}: {method_label(method)}",
            tuple(
                Domain(
                    _anchor(results, group, method, domain),
                    domain,
                    tuple(_rows(results, group, method, domain, out)),
                )
                for domain in group.held_out
            ),
        )
        for group in results.groups
        for method in results.experiment.methods
    ]


def links(results: Results, group: Group, table: Table) -> dict[tuple[int, int], str]:
    """Where the numbers of a table lead: of a held-out domain's column to its units, else to all.

    Rows are recognised by their first cell, the method's label.
    """
    methods = {method_label(method): method for method in results.experiment.methods}
    return {
        (at, column): "#" + _anchor(results, group, methods[row[0]], table.columns[column])
        for at, row in enumerate(table.rows)
        if row[0] in methods
        for column, cell in enumerate(row)
        if column > 0 and cell != NOTHING
    }


def _anchor(results: Results, group: Group, method: str, domain: str = "") -> str:
    """Numbers, since names may hold anything."""
    at = [results.groups.index(group), list(results.experiment.methods).index(method)]
    if domain in group.held_out:
        at.append(group.held_out.index(domain))
    return "-".join(["units", *(str(one + 1) for one in at)])


def _rows(results: Results, group: Group, method: str, domain: str, out: Path) -> list[UnitRow]:
    units = results.units
    here = units[
        (units["dataset"] == group.dataset)
        & (units["variant"] == group.variant)
        & (units["method"] == method)
        & (units["held_out"] == domain)
    ]
    scored = results.rows(group, method, results.headline)
    scores = scored[scored["held_out"] == domain].set_index("seed")
    return [_row(results, group, unit, scores, out) for _, unit in here.iterrows()]


def _row(
    results: Results, group: Group, unit: pd.Series, scores: pd.DataFrame, out: Path
) -> UnitRow:
    seed = int(unit["seed"])
    detail = results.details.get(group, unit["method"], unit["held_out"], seed)
    score = scores.loc[seed] if seed in scores.index else None
    return UnitRow(
        seed=seed,
        status=unit["status"],
        accuracy=accuracy(None if score is None else score["accuracy"]),
        counts=NOTHING if score is None else f"{score['correct']}/{score['total']}",
        validation=accuracy(None if pd.isna(unit["validation"]) else unit["validation"]),
        setting=NOTHING if detail is None else _setting(detail.setting),
        record=None
        if detail is None
        else quote(Path(os.path.relpath(detail.path, out)).as_posix()),
        digest=unit["digest"][:12],
    )


def _setting(setting: dict[str, Setting]) -> str:
    return ", ".join(f"{name} {value}" for name, value in setting.items())
