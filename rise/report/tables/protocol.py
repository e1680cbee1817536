"""The pre-specified contrasts under both ways of scoring, side by side; exploratory."""

from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING, points, points_interval
from rise.report.render.table import Cell, Table, TableRow
from rise.stats.decide import Decision

NAME, HEADING, ORDER = "protocol", "Effect of the protocol", 1210


def build(results: Results) -> list[Table]:
    """Build the table, none where there is one way of scoring or no contrast."""
    if not results.decisions or results.beside is None:
        return []
    several = len(results.groups) > 1
    rows: list[TableRow] = [
        (
            results.contrast_label(a, b) + (f", {group.label}" if several else ""),
            *(_difference(one) for one in (head, beside)),
        )
        for (group, a, b), head, beside in results.both_ways
    ]
    table = Table(
        "The same contrasts under both ways of scoring",
        ("Contrast", results.label(results.primary), results.label(results.beside)),
        rows,
        "Mean difference in points with its unadjusted interval over seeds. Only the column "
        f"{results.label(results.primary)} was pre-specified; the other is exploratory.",
    )
    return [table]


def _difference(decision: Decision) -> Cell:
    t = decision.t
    if t is None:
        return Cell(NOTHING)
    interval = f" {points_interval(t.low, t.high)}" if t.low is not None else ""
    return Cell(points(t.mean) + interval, t.mean, plain=not interval)
