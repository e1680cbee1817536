"""All datasets of an experiment in one table."""

from collections.abc import Sequence
from statistics import mean

import numpy as np

from rise.report.analysis import Group, Results, method_label
from rise.report.prose.footnotes import explained, footer, is_better, marks
from rise.report.render.format import (
    NOTHING,
    accuracy,
    accuracy_interval,
    counted,
    interval_name,
    spread,
)
from rise.report.render.table import Table
from rise.report.tables.domains import TEACHER
from rise.report.tables.main import cell
from rise.stats.paired import MIN_SEEDS, mean_interval


def overview_tables(results: Results) -> list[Table]:
    """One table a variant, if there are several datasets."""
    if len(results.experiment.datasets) < 2:
        return []
    return [
        _overview(results, [group for group in results.groups if group.variant == variant])
        for variant in results.experiment.variants
    ]


def _overview(results: Results, groups: Sequence[Group]) -> Table:
    methods = list(results.experiment.methods)
    rows = [
        (
            method_label(method),
            *(
                cell(results, group, method, results.headline) + marks(results, group, method)
                for group in groups
            ),
            _average(results, groups, method),
            _seeds(results, groups, method),
        )
        for method in methods
    ]
    bold = frozenset(
        (row, 1 + at)
        for row, method in enumerate(methods)
        for at, group in enumerate(groups)
        if is_better(results, group, method)
    )
    several = len(results.experiment.variants) > 1
    return Table(
        f"All datasets{f' ({groups[0].variant})' if several else ''}: accuracy in % on "
        f"held-out domains, {results.label(results.headline)}",
        ("Method", *(group.label for group in groups), "average", "seeds"),
        (*rows, *_teacher(results, groups)),
        _note(results, groups),
        bold,
    )


def _average(results: Results, groups: Sequence[Group], method: str) -> str:
    """Mean over datasets within a seed, then over seeds; nothing if one dataset lacks a unit."""
    each = [results.averages(group, method, results.headline) for group in groups]
    if min(map(len, each)) < len(results.seeds):
        return NOTHING
    interval = mean_interval(np.mean(each, axis=0), results.experiment.decision.level)
    return accuracy_interval(interval.mean, interval.low, interval.high)


def _seeds(results: Results, groups: Sequence[Group], method: str) -> str:
    complete = [len(results.averages(group, method, results.headline)) for group in groups]
    declared = len(results.seeds)
    return spread(complete) + ("" if min(complete) == declared else f" of {declared}")


def _teacher(results: Results, groups: Sequence[Group]) -> list[tuple[str, ...]]:
    """The teacher's zero-shot accuracy on each dataset, if it is known on any."""
    means: list[float | None] = []
    for group in groups:
        scores = results.teacher(group).get(results.headline, {})
        known = set(group.held_out) <= set(scores)
        means.append(mean(scores[domain] for domain in group.held_out) if known else None)
    there = [one for one in means if one is not None]
    if not there:
        return []
    average = mean(there) if len(there) == len(means) else None
    return [(TEACHER, *map(accuracy, means), accuracy(average), NOTHING)]


def _note(results: Results, groups: Sequence[Group]) -> str:
    over = "Mean over the held-out domains of a dataset and over seeds"
    if len(results.seeds) < MIN_SEEDS:
        over += f"; fewer than {MIN_SEEDS} seeds give no interval"
    else:
        over += f" [{interval_name(results.experiment.decision.level)} over seeds, Student t]"
    return (
        f"{over}. Average: over {counted(len(groups), 'dataset')} with equal weight, not tested; "
        "withheld, as any mean, where a unit has no result. "
        f"{explained(results, groups)} {footer(results, groups)}"
    )
