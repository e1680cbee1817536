"""Where every seed scores other images: the tests that do not decide, beside the one that does."""

from rise.report.analysis import Results, contrast_label
from rise.report.render.format import p_value, points, points_interval
from rise.report.render.table import Table
from rise.stats.corrected import USUAL_RATIO


def redrawn_table(results: Results) -> Table | None:
    """The plain and the usual corrected t test; None where no contrast is decided otherwise."""
    rows = [
        (
            contrast_label(a, b),
            group.label,
            points(decision.resampled.plain.mean),
            points_interval(decision.resampled.plain.low, decision.resampled.plain.high),
            p_value(decision.resampled.plain.p),
            points_interval(decision.resampled.usual.low, decision.resampled.usual.high),
            p_value(decision.resampled.usual.p),
        )
        for (group, a, b), decision in zip(results.family, results.decisions, strict=True)
        if decision.resampled
    ]
    if not rows:
        return None
    usual = f"ratio {USUAL_RATIO:g}"
    return Table(
        "The same contrasts by tests that do not decide, exploratory",
        ("Contrast", "Dataset", "mean", "paired t", "its p", usual, f"p at {usual}"),
        tuple(rows),
        "Unadjusted p. The paired t test speaks of exactly these images. The ratio of an 80/20 "
        "split is often used, but is that of the wrong sets. Both find far too much in images like "
        "these.",
    )
