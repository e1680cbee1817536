"""Learning curves: accuracy on source validation over training steps."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.figures.base import LINE, panels, wrapped
from rise.report.render.document import Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# Fewer points than this show no curve.
LEAST = 3
# Okabe and Ito's colours without the yellow; markers and dashes tell the lines apart without them.
COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
DASHES: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (5, 2)),
    (0, (1, 1.5)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
# Markers on a line, about.
MARKED = 8


def curves(results: Results) -> Plot | None:
    """Describe the figure; None where no method of any dataset was evaluated three times."""
    groups = [group for group in results.groups if _longest(results, group) >= LEAST]
    if not groups:
        return None
    return Plot(
        "curves",
        "Accuracy in % on source validation over training steps, of the selected settings. Line: "
        "mean over seeds of the mean over held-out domains. Band: from the lowest to the highest "
        "seed. Steps are the mean over held-out domains where these differ. A method with a unit "
        "without a result has no line. Exploratory: nothing is tested here.",
        "Learning curves: accuracy on source validation over steps, a panel for each dataset, "
        "a line for each method",
        partial(_draw, results, groups),
    )


def curve(
    results: Results, group: Group, method: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Find steps (e,) and accuracy in per cent (seeds, e) at e evaluations, averaged over domains.

    None while a declared seed is incomplete.
    """
    found = [
        [results.detail(group, method, domain, seed) for domain in group.held_out]
        for seed in results.seeds
    ]
    flat = [one for row in found for one in row if one is not None]
    incomplete = len(flat) < len(results.seeds) * len(group.held_out)
    if incomplete or group.dataset in results.mixed:
        return None
    shortest = min(len(one.steps) for one in flat)
    steps = np.mean([one.steps[:shortest] for one in flat], axis=0)
    values = np.array(
        [np.mean([one.validation[:shortest] for one in row if one], axis=0) for row in found]
    )
    return steps, values


def _longest(results: Results, group: Group) -> int:
    found = [curve(results, group, method) for method in results.experiment.methods]
    return max((len(one[0]) for one in found if one), default=0)


def _draw(results: Results, groups: list[Group]) -> "Figure":
    methods = list(results.experiment.methods)
    columns = min(2, len(groups))
    below = (LINE + 0.04) * -(-len(methods) // (2 * columns))
    rows = -(-len(groups) // columns)
    figure, grid = panels(len(groups), columns, 4.6, 2.9 + below / rows + 0.2)
    for axes, group in zip(grid, groups, strict=True):
        _panel(axes, results, group)
    grid[0].set_ylabel("accuracy in % on source validation", fontsize=8)
    figure.supxlabel("training step")
    handles = [_line(at, method) for at, method in enumerate(methods)]
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=2 * columns,
        frameon=False,
        fontsize=8,
        handlelength=4,
    )
    return figure


def _panel(axes: "Axes", results: Results, group: Group) -> None:
    axes.grid(axis="both")
    axes.set_title(wrapped(group.label, 50))
    axes.tick_params(axis="y", labelleft=True)
    methods = list(results.experiment.methods)
    for at, method in enumerate(methods):
        found = curve(results, group, method)
        if found is None:
            continue
        steps, values = found
        line = _line(at, results.method_label(method))
        every = max(1, len(steps) // MARKED)
        line.set(xdata=steps, ydata=values.mean(axis=0), markevery=(at % every, every))
        axes.add_line(line)
        axes.fill_between(
            steps, values.min(axis=0), values.max(axis=0), color=line.get_color(), alpha=0.1, lw=0
        )
    axes.autoscale_view()


def _line(at: int, label: str) -> "Line2D":
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        color=COLOURS[at % len(COLOURS)],
        marker=MARKERS[at % len(MARKERS)],
        linestyle=DASHES[at % len(DASHES)],
        markersize=4.5,
        linewidth=1.2,
        label=wrapped(label, 34, 1),
    )
