"""All datasets of an experiment in one table."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.analysis.standing import stands_out
from rise.report.render.escape import plain
from rise.report.render.format import NOTHING, accuracy, counted, listed, spread
from rise.report.render.table import Cell, Table, TableRow, number
from rise.report.tables._footnotes import explained, footer, marks
from rise.report.tables._shared import TEACHER, interval_cell, mean_cell, over_seeds
from rise.stats.paired import mean_interval

NAME, HEADING, ORDER = "overview", "Accuracy", 200


def build(results: Results) -> list[Table]:
    """Build a table a variant, if there are several datasets."""
    if len(results.experiment.datasets) < 2:
        return []
    return [
        _overview(results, [group for group in results.groups if group.variant == variant])
        for variant in results.experiment.variants
    ]


def _overview(results: Results, groups: Sequence[Group]) -> Table:
    methods = list(results.experiment.methods)
    rows: list[TableRow] = [
        (
            results.method_label(method),
            *(
                replace(
                    mean_cell(results, group, method, results.primary),
                    bold=stands_out(results, group, method),
                    notes=marks(results, group, method),
                )
                for group in groups
            ),
            _average(results, groups, method),
            _seeds(results, groups, method),
        )
        for method in methods
    ]
    several = len(results.experiment.variants) > 1
    return Table(
        f"All datasets{f' ({groups[0].variant})' if several else ''}: accuracy in % on "
        f"held-out domains, {results.label(results.primary)}",
        ("Method", *(group.label for group in groups), "average", "seeds"),
        (*rows, *_teacher(results, groups)),
        _note(results, groups),
    )


def _average(results: Results, groups: Sequence[Group], method: str) -> Cell:
    """Average over datasets within a seed, then over seeds; a dash if one dataset lacks a unit."""
    each = [results.averages(group, method, results.primary) for group in groups]
    if min(map(len, each)) < len(results.seeds):
        return Cell(NOTHING)
    return interval_cell(mean_interval(np.mean(each, axis=0), results.experiment.decision.level))


def _seeds(results: Results, groups: Sequence[Group], method: str) -> Cell:
    complete = [len(results.averages(group, method, results.primary)) for group in groups]
    declared = len(results.seeds)
    whole = min(complete) == declared
    text = spread(complete) + ("" if whole else f" of {declared}")
    return Cell(text, min(complete), plain=whole)


def _teacher(results: Results, groups: Sequence[Group]) -> list[TableRow]:
    """Show the teacher's zero-shot accuracy on each dataset, if it is known on any."""
    means: list[float | None] = []
    for group in groups:
        scores = results.teacher(group).get(results.primary, {})
        known = set(group.held_out) <= set(scores)
        means.append(mean(scores[domain] for domain in group.held_out) if known else None)
    there = [one for one in means if one is not None]
    if not there:
        return []
    average = mean(there) if len(there) == len(means) else None
    return [(TEACHER, *(number(one, accuracy) for one in (*means, average)), NOTHING)]


def _note(results: Results, groups: Sequence[Group]) -> str:
    return (
        "Mean over the held-out domains of a dataset and over seeds"
        f"{over_seeds(results)}. Average: over {counted(len(groups), 'dataset')} "
        "with equal weight, not tested; withheld, as any mean, where a unit has no result. "
        f"{_teachers(results, groups)}{explained(results, groups)} {footer(results, groups)}"
    )


def _teachers(results: Results, groups: Sequence[Group]) -> str:
    """Name the teachers where a dataset has one of its own."""
    variants = [results.experiment.variant_on(one.dataset, one.variant) for one in groups]
    if len({one.teacher for one in variants}) == 1:
        return ""
    named = listed(
        f"{plain(Path(one.teacher).stem)} ({group.label})"
        for group, one in zip(groups, variants, strict=True)
    )
    return f"Teachers differ: {named}. "
