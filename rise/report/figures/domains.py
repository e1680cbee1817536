"""Accuracy on each held-out domain: every seed, the mean, methods in rows; exploratory."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rise.report.analysis.group import Group
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

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def domains(results: Results, group: Group) -> Plot | None:
    """Describe the figure of a dataset and variant; None where no unit is done."""
    if all(results.rows(group, m, results.primary).empty for m in results.experiment.methods):
        return None
    return Plot(
        f"domains-{results.groups.index(group) + 1}",
        f"{group.label}: accuracy in % on {results.label(results.primary)} of each held-out "
        "domain. Circles: seeds. Bar: their mean, withheld where a seed has no "
        "result. Each panel has a scale of its own. Exploratory: single domains are not part of "
        "the pre-specified family, and nothing is tested here.",
        f"{group.label}: accuracy of every seed and its mean, a panel for each held-out domain, "
        "a row for each method",
        partial(_draw, results, group),
    )


def _draw(results: Results, group: Group) -> "Figure":
    labels = [wrapped(results.method_label(method), 26) for method in results.experiment.methods]
    row = max(0.32, LINE * most_lines(labels) + 0.06)
    titles = [wrapped(domain, 32) for domain in group.held_out]
    height = 0.55 + LINE * most_lines(titles) + row * len(labels)
    columns = 2 if len(titles) == 4 else 3
    figure, grid = panels(len(titles), columns, 2.6, height, 1.8)
    for axes, domain, title in zip(grid, group.held_out, titles, strict=True):
        _panel(axes, results, group, domain)
        axes.set_title(title)
        rows_of_labels(axes, labels)
    figure.supxlabel(f"accuracy in % on {results.label(results.primary)}")
    return figure


def _panel(axes: "Axes", results: Results, group: Group, domain: str) -> None:
    axes.grid(axis="both")
    axes.locator_params(axis="x", nbins=5)
    for row, method in enumerate(results.experiment.methods):
        cells = results.cells(group, method, results.primary)[domain]
        places = row + np.linspace(-SPREAD, SPREAD, len(cells)) if len(cells) > 1 else [row]
        if not cells.isna().any():
            axes.plot([cells.mean()], [row], "|", color=MEAN, markersize=15, markeredgewidth=2.5)
        axes.plot(cells, places, "o", color=SEED, markersize=3.5, markerfacecolor="white")
