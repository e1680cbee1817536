"""Accuracy on each of the domains that are held out together, counted from predictions."""

from statistics import mean

import numpy as np

from rise.experiment.key import held_out_text
from rise.experiment.paths import scored_path
from rise.experiment.record import predictions_path
from rise.report.analysis.details import Detail
from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.analysis.scored import Scored
from rise.report.render.format import accuracy, counted
from rise.report.render.table import Table, TableRow, number
from rise.report.tables._shared import TEACHER

NAME, HEADING, ORDER = "together", "Domains held out together, each by itself", 605


def build(results: Results) -> list[Table]:
    """Build a table for each dataset, variant and domains that it holds out together."""
    return [
        _table(results, group, text, domains)
        for group in results.groups
        for text, domains in results.together(group).items()
    ]


def _table(results: Results, group: Group, text: str, domains: tuple[str, ...]) -> Table:
    rows: list[TableRow] = []
    for method in results.experiment.methods:
        details = [results.detail(group, method, text, seed) for seed in results.seeds]
        found = [_by_domain(results, group, one, domains) for one in details if one is not None]
        # A mean over the seeds that happen to be there is withheld, as everywhere.
        whole = len(found) == len(results.seeds) and group.dataset not in results.mixed
        means = [_mean([one.get(name) for one in found]) if whole else None for name in domains]
        rows.append([results.method_label(method), *(number(one, accuracy) for one in means)])
    teacher = results.teacher(group).get(results.primary, {})
    singles = [teacher.get(held_out_text((name,))) for name in domains]
    if teacher:
        rows.append([TEACHER, *(number(one, accuracy) for one in singles)])
    return Table(
        f"{group.label}: {text} held out together, each domain by itself, exploratory",
        ("Method", *(held_out_text((name,)) for name in domains)),
        rows,
        f"Accuracy in % on {results.label(results.primary)}, mean over "
        f"{counted(len(results.seeds), 'seed')}, of students trained without any of these domains. "
        "Nothing is tested here.",
    )


def _by_domain(
    results: Results, group: Group, unit: Detail, domains: tuple[str, ...]
) -> dict[str, float]:
    """Score a unit's predictions of each domain, in per cent, where what scores them was kept."""
    path = scored_path(results.expected.folder, group.dataset, unit.decoded)
    if not path.exists():
        return {}
    scored = Scored(path)
    with np.load(predictions_path(unit.path)) as file:
        at = scored.places(file["image"])
        right = file["predicted"] == scored.label[at]
    if results.primary == "test":
        right, at = right[scored.part[at] == "test"], at[scored.part[at] == "test"]
    of_domain = {name: right[scored.domain[at] == scored.domains.index(name)] for name in domains}
    return {name: 100 * float(one.mean()) for name, one in of_domain.items() if len(one)}


def _mean(values: list[float | None]) -> float | None:
    there = [one for one in values if one is not None]
    return mean(there) if there and len(there) == len(values) else None
