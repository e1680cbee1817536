"""The tables of the units and records behind a report's numbers."""

import os
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from rise.experiment.identity import Setting
from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING, accuracy
from rise.report.render.units import DomainTable, Trace, UnitRow


def traces(results: Results, out: Path) -> list[Trace]:
    """List all units in declared order; `out` is the folder of the report."""
    return [
        Trace(
            results.anchor(group, method),
            f"{group.label}: {results.method_label(method)}",
            tuple(
                DomainTable(
                    results.anchor(group, method, domain),
                    domain,
                    tuple(_rows(results, group, method, domain, out)),
                )
                for domain in group.held_out
            ),
        )
        for group in results.groups
        for method in results.experiment.methods
    ]


def _rows(results: Results, group: Group, method: str, domain: str, out: Path) -> list[UnitRow]:
    units = results.units
    here = units[
        (units["dataset"] == group.dataset)
        & (units["variant"] == group.variant)
        & (units["method"] == method)
        & (units["held_out"] == domain)
    ]
    scored = results.rows(group, method, results.primary)
    scores = scored[scored["held_out"] == domain].set_index("seed")
    return [_row(results, group, unit, scores, out) for _, unit in here.iterrows()]


def _row(
    results: Results, group: Group, unit: pd.Series, scores: pd.DataFrame, out: Path
) -> UnitRow:
    seed = int(unit["seed"])
    detail = results.detail(group, unit["method"], unit["held_out"], seed)
    score = scores.loc[seed] if seed in scores.index else None
    return UnitRow(
        seed=seed,
        status=unit["status"],
        accuracy=accuracy(None if score is None else score["accuracy"]),
        counts=NOTHING if score is None else f"{score['correct']}/{score['total']}",
        validation=accuracy(None if pd.isna(unit["validation"]) else unit["validation"]),
        setting=NOTHING if detail is None else _setting(detail.setting),
        record=None if detail is None else _address(detail.path, out),
        digest=unit["digest"][:12],
    )


def _address(path: Path, out: Path) -> str:
    return quote(Path(os.path.relpath(path, out)).as_posix())


def _setting(setting: dict[str, Setting]) -> str:
    return ", ".join(f"{name} {value}" for name, value in setting.items())
