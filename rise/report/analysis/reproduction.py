"""Published numbers that an experiment repeats, compared with its own."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rise.catalog import lookup
from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.results.published import AVERAGE, Published, read_published
from rise.stats.equivalence import PublishedComparison, compare_published
from rise.stats.paired import MIN_SEEDS


@dataclass(frozen=True, eq=False)
class Reproduction:
    """A published number and our results of the same experiment.

    Attributes:
        group: dataset and variant of ours.
        method: ours.
        published: the printed cell.
        values: float64 (n,) per cent, one a declared seed; None while one is missing.
        comparison: the two one-sided tests; None without values of three seeds.
    """

    group: Group
    method: str
    published: Published
    values: NDArray[np.float64] | None
    comparison: PublishedComparison | None


def reproductions(results: Results) -> list[Reproduction]:
    """Compare all published numbers that the experiment repeats, in order of groups and rows."""
    return [
        _compared(results, group, method, row)
        for group in results.groups
        for row in rows_of(results, group)
        for method in results.experiment.methods
        if _repeats(results, group, method, row)
    ]


def rows_of(results: Results, group: Group) -> list[Published]:
    """Find what is published of a group's dataset; a custom one of that name is another set."""
    if results.experiment.datasets[group.dataset].folder is not None:
        return []
    return [row for row in _published() if row.dataset == group.dataset]


@cache
def _published() -> list[Published]:
    return read_published()


def _repeats(results: Results, group: Group, method: str, row: Published) -> bool:
    variant = results.experiment.variant_on(group.dataset, group.variant)
    # A control arm or another start is another experiment by intent.
    if variant.text is not True or variant.start != "pretrained":
        return False
    return row.repeated_by(method, variant.student, variant.teacher, variant.protocol)


def _compared(results: Results, group: Group, method: str, row: Published) -> Reproduction:
    values = _values(results, group, method, row.held_out)
    comparison = None
    if values is not None and len(values) >= MIN_SEEDS:
        comparison = _tested(results, row, values)
    return Reproduction(group, method, row, values, comparison)


def _tested(
    results: Results, row: Published, values: NDArray[np.float64]
) -> PublishedComparison | None:
    """Run the two tests; None where neither side shows any spread to test with."""
    if row.error_kind == "none" and float(np.ptp(values)) == 0:
        return None
    rule = results.experiment.decision
    margin = rule.margin if row.held_out == AVERAGE else rule.margin_domain
    return compare_published(
        values,
        row.accuracy,
        row.error,
        row.error_kind,
        row.runs,
        row.decimals,
        margin,
        rule.alpha,
    )


def _values(
    results: Results, group: Group, method: str, held_out: str
) -> NDArray[np.float64] | None:
    """Look up ours by seed: of one domain, or their average if every domain is held out."""
    if held_out != AVERAGE:
        if held_out not in group.held_out:
            return None
        cells = results.cells(group, method, results.primary)[held_out]
        return None if cells.isna().any() else cells.to_numpy()
    entry = lookup.dataset(group.dataset, results.experiment.datasets[group.dataset].folder)
    values = results.averages(group, method, results.primary)
    whole = set(group.held_out) == set(entry.domains) and len(values) == len(results.seeds)
    return values if whole else None
