"""The tables of a report: which numbers stand in them, and what must be said beneath."""

from collections.abc import Sequence
from statistics import mean

import pandas as pd

from rise.report.analysis import (
    Group,
    Results,
    contrast_label,
    method_label,
)
from rise.report.prose.footnotes import explained, footer, is_better, marks
from rise.report.render.format import (
    NOTHING,
    accuracy,
    accuracy_interval,
    counted,
    decimal,
    interval_name,
    listed,
    p_value,
    points,
    points_interval,
    spread,
)
from rise.report.render.table import Table
from rise.stats.decide import POWER, Decision
from rise.stats.paired import MIN_SEEDS


def main_table(results: Results, group: Group) -> Table:
    """Methods in declared order: headline, all images beside it, source validation, budget."""
    beside = [results.beside] if results.beside else []
    columns = ["Method", results.label(results.headline), "seeds", *map(results.label, beside)]
    columns += ["source validation", "settings", "evaluations"]
    rows = []
    for method in results.experiment.methods:
        done = results.rows(group, method, results.headline)
        rows.append(
            (
                method_label(method),
                cell(results, group, method, results.headline) + marks(results, group, method),
                _seeds(results, group, method),
                *(cell(results, group, method, subset) for subset in beside),
                cell(results, group, method, results.headline, "validation"),
                spread(done["trials"].dropna()),
                spread(done["evaluations"].dropna()),
            )
        )
    return Table(
        f"{group.label}: accuracy in % on held-out domains",
        tuple(columns),
        tuple(rows),
        _main_note(results, group),
        frozenset(
            (row, 1)
            for row, method in enumerate(results.experiment.methods)
            if is_better(results, group, method)
        ),
    )


def contrasts_table(results: Results, groups: Sequence[Group]) -> Table:
    """The declared contrasts of some groups, primary first, with all that a verdict rests on."""
    rule = results.experiment.decision
    columns = (
        "Contrast",
        "Dataset",
        "mean",
        interval_name(rule.level),
        "seeds",
        "t",
        "p",
        "Holm p",
        "exact p",
        "smallest",
        "verdict",
        "detectable",
    )
    table = Table(
        f"{listed(group.label for group in groups)}: declared contrasts on "
        f"{results.label(results.headline)}",
        columns,
        tuple(
            _contrast_row(results, group, decision)
            for (group, _, _), decision in zip(results.family, results.decisions, strict=True)
            if group in groups
        ),
        "Differences in points, first method minus second, of accuracies averaged over held-out "
        "domains, paired by seed. The interval is of one contrast alone; the verdict follows the "
        "Holm p. Exact p: sign flips, "
        "which do not decide; smallest: the least that so many seeds can give. Detectable: the "
        f"difference that could have been found with this spread (power {POWER}, level "
        f"{rule.alpha:g}/{len(results.family)}).{_corrected_note(results, groups)} "
        f"{footer(results, groups)}",
    )
    return table if len(groups) > 1 else table.without("Dataset")


def unfinished_table(results: Results) -> Table:
    """Units that are not done, each with its reason and the log that tells more."""
    units: pd.DataFrame = results.units[results.units["status"] != "done"]
    rows = [
        (
            f"{unit.dataset}/{unit.variant}/{unit.method}/{unit.held_out}/seed{unit.seed}",
            unit.status if unit.status != "other" else "not the one asked for",
            _text(unit.reason),
            _text(unit.log),
        )
        for unit in units.itertuples()
    ]
    return Table(
        f"{counted(len(rows), 'unit')} without a result",
        ("Unit", "Status", "Reason", "Log"),
        tuple(rows),
    )


def cell(results: Results, group: Group, method: str, subset: str, column: str = "accuracy") -> str:
    """Mean over domains and seeds with its interval; nothing if a declared seed is incomplete."""
    interval = results.interval(group, method, subset, column)
    if interval is None:
        return NOTHING
    return accuracy_interval(interval.mean, interval.low, interval.high)


def images(results: Results, group: Group, subset: str) -> str:
    """How many images are scored in a domain."""
    frame = results.frame
    here = (frame["dataset"] == group.dataset) & (frame["variant"] == group.variant)
    return spread(frame[here & (frame["subset"] == subset).fillna(False)]["total"])


def _seeds(results: Results, group: Group, method: str) -> str:
    return _of_declared(results, len(results.averages(group, method, results.headline)))


def _of_declared(results: Results, complete: int) -> str:
    declared = len(results.seeds)
    return str(declared) if complete == declared else f"{complete} of {declared}"


def _main_note(results: Results, group: Group) -> str:
    over = f"Mean over {counted(len(group.held_out), 'held-out domain')} and over seeds"
    if len(results.seeds) < MIN_SEEDS:
        over += f"; fewer than {MIN_SEEDS} seeds give no interval"
    else:
        over += f" [{interval_name(results.experiment.decision.level)} over seeds, Student t]"
    scored = [results.headline, *([results.beside] if results.beside else [])]
    sizes = listed(f"{images(results, group, one)} ({results.label(one)})" for one in scored)
    parts = [
        over,
        f"Scored images for each domain: {sizes}",
        "Settings tried, and evaluations of them on source validation, are counted for each unit",
    ]
    if NOTHING in (cell(results, group, m, scored[0]) for m in results.experiment.methods):
        parts.append("Where a unit has no result, the average is withheld")
    teacher = results.teacher(group)
    means = [
        f"{accuracy(mean(teacher[subset][domain] for domain in group.held_out))} "
        f"({results.label(subset)})"
        for subset in scored
        if set(group.held_out) <= set(teacher.get(subset, ()))
    ]
    if means:
        parts.append(f"The teacher's zero-shot accuracy, mean over domains: {listed(means)}")
    said = f"{'. '.join(parts)}."
    return f"{said} {explained(results, [group])} {footer(results, [group])}"


def _corrected_note(results: Results, groups: Sequence[Group]) -> str:
    """Where t is not that of a paired t test."""
    ratios = [(group.label, results.ratio(group)) for group in groups]
    corrected = [f"{label}: ratio {ratio:g}" for label, ratio in ratios if ratio is not None]
    if not corrected:
        return ""
    return (
        f" Where every seed scores other images ({'; '.join(corrected)}), t, p and interval are "
        "those of Nadeau and Bengio's corrected t test, and the exact p is exploratory."
    )


def _contrast_row(results: Results, group: Group, decision: Decision) -> tuple[str, ...]:
    t, flip = decision.t, decision.flip
    return (
        contrast_label(decision.a, decision.b),
        group.label,
        points(t.mean if t else None),
        points_interval(t.low, t.high) if t else NOTHING,
        _of_declared(results, results.complete(group, decision.a, decision.b)),
        decimal(t.t if t else None),
        p_value(t.p if t else None),
        p_value(decision.p_holm),
        f"{p_value(flip.p)} ({flip.as_extreme}/{flip.arrangements})" if flip else NOTHING,
        p_value(flip.smallest) if flip else NOTHING,
        decision.verdict,
        decimal(decision.minimum_difference),
    )


def _text(value: object) -> str:
    return NOTHING if value is None or value is pd.NA else str(value)
