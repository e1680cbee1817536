"""The pre-specified contrasts, with all that a verdict rests on."""

from collections.abc import Sequence
from functools import partial

from rise.report.analysis.group import Group
from rise.report.analysis.pairs import beside
from rise.report.analysis.results import Results
from rise.report.render.format import (
    NOTHING,
    decimal,
    interval_name,
    listed,
    p_value,
    points,
    points_interval,
)
from rise.report.render.table import Cell, Table, TableRow, number
from rise.report.tables._footnotes import footer
from rise.report.tables._shared import seeds_cell
from rise.stats.decide import POWER, Decision

NAME, HEADING, ORDER = "contrasts", "Pre-specified contrasts", 300
HOLMS = "Holm's interval"


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant, none without contrasts."""
    return [contrasts_table(results, [group]) for group in results.groups if results.decisions]


def contrasts_table(results: Results, groups: Sequence[Group]) -> Table:
    """Build the table of some groups: the contrasts in the order of the experiment file."""
    rule = results.experiment.decision
    columns = (
        "Contrast",
        "Dataset",
        "mean",
        alone(results),
        HOLMS,
        "seeds",
        "t",
        "p",
        "Holm p",
        "exact p",
        "smallest",
        "verdict",
        "min. detectable",
    )
    table = Table(
        f"{listed(group.label for group in groups)}: pre-specified contrasts on "
        f"{results.label(results.primary)}",
        columns,
        [
            _row(results, group, decision)
            for (group, _, _), decision in zip(results.family, results.decisions, strict=True)
            if group in groups
        ],
        "Differences in points, first method minus second, of accuracies averaged over held-out "
        "domains, paired by seed. The verdict follows the Holm p. "
        f"{_interval_note(results)} Exact p: of a sign-flip test, which does not "
        "decide; smallest: the smallest exact p that this number of seeds can give. Min. "
        "detectable: the minimum detectable difference "
        f"in points with the observed spread (power {POWER}, level "
        f"{rule.alpha:g}/{len(results.family)}).{_corrected_note(results, groups)} "
        f"{footer(results, groups)}",
        # What t says beside p and the number of seeds is little.
        screen_only=("t",),
    )
    left_out = [] if len(groups) > 1 else ["Dataset"]
    return table.without(*left_out, *([] if differ(results) else [HOLMS]))


def differ(results: Results) -> bool:
    """Say whether the intervals that agree with the verdicts are others than those of one alone."""
    return any(beside(results, decision) for decision in results.decisions)


def _interval_note(results: Results) -> str:
    if not differ(results):
        return "The interval excludes zero exactly where the verdict is decided."
    return (
        "The first interval is of one contrast alone; Holm's, at the level of the last step of "
        "his method, excludes zero exactly where the verdict is decided."
    )


def alone(results: Results) -> str:
    """Name the column of the interval of one contrast alone."""
    return interval_name(results.experiment.decision.level)


def _row(results: Results, group: Group, decision: Decision) -> TableRow:
    t, flip, agreeing = decision.t, decision.flip, decision.agreeing
    p = partial(p_value, level=results.experiment.decision.alpha)
    exact = f"{p(flip.p)} ({flip.as_extreme}/{flip.arrangements})" if flip else NOTHING
    return (
        results.contrast_label(decision.a, decision.b),
        group.label,
        number(t.mean if t else None, points),
        Cell(points_interval(t.low, t.high), t.low) if t else NOTHING,
        Cell(points_interval(agreeing.low, agreeing.high), agreeing.low) if agreeing else NOTHING,
        seeds_cell(results, results.complete(group, decision.a, decision.b)),
        number(t.t if t else None, decimal),
        number(t.p if t else None, p),
        number(decision.p_holm, p),
        Cell(exact, flip.p if flip else None),
        number(flip.smallest if flip else None, p),
        decision.verdict,
        number(decision.minimum_difference, decimal),
    )


def _corrected_note(results: Results, groups: Sequence[Group]) -> str:
    """Say where t is not that of a paired t test."""
    ratios = [(group.label, results.ratio(group)) for group in groups]
    corrected = [f"{label}: ratio {ratio:g}" for label, ratio in ratios if ratio is not None]
    if not corrected:
        return ""
    return (
        f" Where test sets are resampled with every seed ({'; '.join(corrected)}), t, p and "
        "interval are those of Nadeau and Bengio's corrected t test, and the exact p is "
        "exploratory."
    )
