"""Paired differences of the pre-specified contrasts: every seed, mean, interval, and zero."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rise.report.analysis.group import Group
from rise.report.analysis.pairs import beside
from rise.report.analysis.results import Results
from rise.report.figures.base import (
    LINE,
    MEAN,
    SEED,
    SPREAD,
    most_lines,
    panels,
    rows_of_labels,
    wrapped,
)
from rise.report.render.document import Plot
from rise.report.render.format import interval_name
from rise.stats.decide import Decision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def differences(results: Results) -> Plot | None:
    """Describe the figure; None where no contrast was pre-specified."""
    if not results.decisions:
        return None
    where = results.label(results.primary)
    return Plot(
        "differences",
        f"Differences in points on {where}, first method minus second, paired by seed. Circles: "
        "seeds, each the mean over held-out domains. Diamond and thick line: their mean with its "
        f"{interval_name(results.experiment.decision.level)}, which is of one contrast alone. "
        "Thin line with ends, where it is another: the interval at the level of Holm's last step, "
        "which excludes zero exactly where the verdict beside it is decided.",
        "Paired differences of the pre-specified contrasts: seeds, mean and interval",
        partial(_draw, results),
    )


def _draw(results: Results) -> "Figure":
    pairs = results.experiment.contrasts
    labels = [wrapped(results.contrast_label(a, b), 30) for a, b in pairs]
    row = max(0.45, LINE * most_lines(labels) + 0.1)
    figure, grid = panels(len(results.groups), 2, 4.0, 0.9 + row * len(labels), 2.2)
    decided = list(zip(results.family, results.decisions, strict=True))
    for axes, group in zip(grid, results.groups, strict=True):
        _panel(axes, results, group, [one for (at, _, _), one in decided if at == group])
        rows_of_labels(axes, labels)
    figure.supxlabel(
        f"difference in points on {results.label(results.primary)}, first minus second"
    )
    return figure


def _panel(axes: "Axes", results: Results, group: Group, decisions: list[Decision]) -> None:
    axes.axvline(0, color="black", linewidth=0.8)
    axes.grid(axis="x")
    axes.set_title(wrapped(group.label, 45))
    for row, decision in enumerate(decisions):
        _contrast(axes, row, results, group, decision)
        _verdict(axes, row, decision)


def _contrast(axes: "Axes", row: int, results: Results, group: Group, decision: Decision) -> None:
    values = results.differences(group, decision.a, decision.b, results.primary)
    if values is None or decision.t is None or decision.t.mean is None:
        return
    if decision.t.low is not None and decision.t.high is not None:
        axes.plot([decision.t.low, decision.t.high], [row, row], color=MEAN, linewidth=2)
    if (one := beside(results, decision)) is not None:
        axes.plot([one.low, one.high], [row, row], "|-", color=MEAN, linewidth=0.9, markersize=7)
    axes.plot([decision.t.mean], [row], "D", color=MEAN, markersize=6, markeredgecolor="white")
    places = row + np.linspace(-SPREAD, SPREAD, len(values)) if len(values) > 1 else [row]
    axes.plot(
        values, places, "o", color=SEED, markersize=4, markeredgewidth=0.5, markeredgecolor="white"
    )


def _verdict(axes: "Axes", row: int, decision: Decision) -> None:
    why = "" if decision.status == "ok" else f":\n{decision.status}"
    axes.annotate(
        decision.verdict + why,
        (1, row),
        (4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=8,
    )
