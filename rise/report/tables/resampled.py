"""Tests that do not decide, beside the one that does, for resampled test sets."""

from functools import partial

from rise.report.analysis.results import Results
from rise.report.render.format import p_value, points, points_interval
from rise.report.render.table import Cell, Table, number
from rise.stats.corrected import USUAL_RATIO
from rise.stats.paired import PairedT

NAME, HEADING, ORDER = "resampled", "Pre-specified contrasts", 320


def build(results: Results) -> list[Table]:
    """Build the table of plain and usual corrected t tests, none where test sets stay the same."""
    p = partial(p_value, level=results.experiment.decision.alpha)
    rows = [
        (
            results.contrast_label(a, b),
            group.label,
            number(decision.resampled.plain.mean, points),
            _interval(decision.resampled.plain),
            number(decision.resampled.plain.p, p),
            _interval(decision.resampled.usual),
            number(decision.resampled.usual.p, p),
        )
        for (group, a, b), decision in zip(results.family, results.decisions, strict=True)
        if decision.resampled
    ]
    usual = f"ratio {USUAL_RATIO:g}"
    table = Table(
        "The same contrasts by tests that do not decide, exploratory",
        ("Contrast", "Dataset", "mean", "paired t", "its p", usual, f"p at {usual}"),
        rows,
        "Unadjusted p. The paired t test speaks of exactly these images. The ratio of an 80/20 "
        "split is often used, but is that of the wrong sets. Both find far too much in images like "
        "these.",
    )
    return [table] if rows else []


def _interval(test: PairedT) -> Cell:
    return Cell(points_interval(test.low, test.high), test.low)
