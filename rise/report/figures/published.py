"""Published numbers beside ours: the difference, its interval, and the margin."""

from functools import partial
from typing import TYPE_CHECKING

from rise.report.analysis.reproduction import Reproduction, reproductions
from rise.report.analysis.results import Results
from rise.report.figures.base import LINE, MEAN, most_lines, panels, rows_of_labels, wrapped
from rise.report.render.document import Plot
from rise.report.render.format import interval_name
from rise.results.published import AVERAGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reproduced(results: Results) -> Plot | None:
    """Describe the figure; None where no published number could be compared."""
    found = [one for one in reproductions(results) if one.comparison]
    if not found:
        return None
    level = interval_name(1 - 2 * results.experiment.decision.alpha)
    return Plot(
        "published",
        f"Ours minus the published number, in points: diamond, with its {level}. Grey: the margin "
        "within which a number counts as reproduced. Beside it: the verdict.",
        "Differences of our results from published numbers, with intervals and margins",
        partial(_draw, results, found),
    )


def _draw(results: Results, found: list[Reproduction]) -> "Figure":
    rule = results.experiment.decision
    labels = [
        wrapped(
            f"{results.method_label(one.method)}, {one.group.label}, {one.published.held_out}", 30
        )
        for one in found
    ]
    row = max(0.45, LINE * most_lines(labels) + 0.1)
    figure, (axes,) = panels(1, 1, 4.5, 0.9 + row * len(labels), 2.2)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.grid(axis="x")
    for at, one in enumerate(found):
        comparison = one.comparison
        assert comparison is not None
        margin = rule.margin if one.published.held_out == AVERAGE else rule.margin_domain
        axes.barh(at, 2 * margin, left=-margin, height=0.6, color="#dddddd", zorder=0)
        axes.plot([comparison.low, comparison.high], [at, at], color=MEAN, linewidth=2)
        axes.plot([comparison.difference], [at], "D", color=MEAN, markersize=6)
        axes.annotate(
            comparison.verdict,
            (1, at),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    rows_of_labels(axes, labels)
    figure.supxlabel("ours minus published, in points")
    return figure
