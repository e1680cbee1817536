"""Published numbers beside ours: what is reproduced, and what others have printed."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rise.catalog import lookup
from rise.report.analysis import Group, Results, method_label
from rise.report.render.format import (
    NOTHING,
    accuracy,
    decimal,
    interval_name,
    points,
    points_interval,
)
from rise.report.render.table import Table
from rise.results.published import AVERAGE, Published, read_published
from rise.stats.equivalence import Comparison, compare_published
from rise.stats.paired import MIN_SEEDS

SECONDHAND = "\N{DAGGER}"


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
    comparison: Comparison | None


def reproductions(results: Results) -> list[Reproduction]:
    """Every published number that the experiment repeats, in the order of groups and rows."""
    return [
        _compared(results, group, method, row)
        for group in results.groups
        for row in rows_of(results, group)
        for method in results.experiment.methods
        if _repeats(results, group, method, row)
    ]


def rows_of(results: Results, group: Group) -> list[Published]:
    """What is published of a group's dataset; an own folder of that name is another set."""
    if results.experiment.datasets[group.dataset].folder is not None:
        return []
    return [row for row in _published() if row.dataset == group.dataset]


@cache
def _published() -> list[Published]:
    return read_published()


def _repeats(results: Results, group: Group, method: str, row: Published) -> bool:
    variant = results.experiment.variants[group.variant]
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


def _tested(results: Results, row: Published, values: NDArray[np.float64]) -> Comparison | None:
    """The two tests; None where neither side shows any spread to test with."""
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
    """Ours of all declared seeds: of one domain, or their average if every domain is held out."""
    if held_out != AVERAGE:
        if held_out not in group.held_out:
            return None
        cells = results.cells(group, method, results.headline)[held_out]
        return None if cells.isna().any() else cells.to_numpy()
    entry = lookup.dataset(group.dataset, results.experiment.datasets[group.dataset].folder)
    values = results.averages(group, method, results.headline)
    whole = set(group.held_out) == set(entry.domains) and len(values) == len(results.seeds)
    return values if whole else None


def reproduction_table(results: Results, found: list[Reproduction]) -> Table:
    """Published and own numbers of the same experiment, with the verdict of the two tests."""
    level = 1 - 2 * results.experiment.decision.alpha
    ours = ("ours", "seeds", "difference", interval_name(level), "margin", "verdict")
    assumed = sorted({note for one in found if one.comparison for note in one.comparison.notes})
    notes = [
        "Two one-sided t tests of our seeds against the printed number; its rounding counts "
        "against us. Not reproduced: the interval lies outside the margin, whichever side. "
        "Inconclusive is neither: no evidence for or against. Same method, student, teacher and "
        "protocol; recipe, prompts and search are those of this experiment"
    ]
    if any(not one.published.firsthand for one in found):
        notes.append(f"{SECONDHAND} second-hand: read where someone else quotes it")
    notes += [f"Of some rows: {note}" for note in assumed]
    return Table(
        "Published numbers that this experiment repeats",
        ("Method", "Dataset", "Held out", "published", "runs", *ours),
        tuple(_row(results, one) for one in found),
        ". ".join(notes) + ".",
    )


def _row(results: Results, one: Reproduction) -> tuple[str, ...]:
    rule, row, found = results.experiment.decision, one.published, one.comparison
    margin = rule.margin if row.held_out == AVERAGE else rule.margin_domain
    why = "incomplete"
    if one.values is not None:
        why = "too few seeds" if len(one.values) < MIN_SEEDS else "no spread"
    return (
        method_label(one.method),
        one.group.label,
        row.held_out,
        printed(row),
        NOTHING if row.runs is None else str(row.runs),
        accuracy(None if one.values is None else float(one.values.mean())),
        NOTHING if one.values is None else str(len(one.values)),
        points(found.difference if found else None),
        points_interval(found.low, found.high) if found else NOTHING,
        decimal(margin),
        found.verdict if found else why,
    )


def printed(row: Published) -> str:
    """A published number as it was printed, marked where it was read second-hand."""
    error = "" if row.error is None else f" +/- {row.error:.{row.decimals}f}"
    return f"{row.accuracy:.{row.decimals}f}{error}{'' if row.firsthand else SECONDHAND}"


def peers_table(results: Results, group: Group) -> Table:
    """The averages that others have printed for a dataset, in the order of the files."""
    rows = [row for row in rows_of(results, group) if row.held_out == AVERAGE]
    sources = list(dict.fromkeys(row.source for row in rows))
    return Table(
        f"{group.label}: published averages over held-out domains",
        ("Method", "Student", "accuracy", "protocol", "source"),
        tuple(
            (
                row.method,
                row.student,
                printed(row),
                row.protocol or NOTHING,
                f"[{sources.index(row.source) + 1}]",
            )
            for row in rows
        ),
        f"In %, as printed; other protocols, students and start weights, so none is tested against "
        f"ours. {SECONDHAND} second-hand. Sources: "
        + "; ".join(f"[{at}] {source}" for at, source in enumerate(sources, 1))
        + ".",
    )
