"""The figure of paired differences: every seed, the mean, its interval, and zero."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rise.files import replacing
from rise.report.numbers import interval_name
from rise.report.results import Group, Results, contrast_label
from rise.stats.decide import Decision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Metadata that would carry the time or the version of the drawing library.
FORMATS: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "svg.hashsalt": "rise",
    "pdf.fonttype": 42,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}
SEED, MEAN = "#7a7a7a", "#0b5394"
# Seeds are spread over this share of a row, so that equal ones stay visible.
SPREAD = 0.3


def write_differences(results: Results, folder: Path) -> list[Path]:
    """Write differences.svg, .pdf and .png; the same results give the same bytes.

    Returns:
        The written files.
    """
    # Imported here, because only a finished report draws.
    import matplotlib

    paths = [folder / f"differences.{kind}" for kind in FORMATS]
    with matplotlib.rc_context(STYLE):
        figure = _draw(results)
        for path, metadata in zip(paths, FORMATS.values(), strict=True):
            with replacing(path) as beside:
                figure.savefig(beside, metadata=metadata, dpi=200)
    return paths


def _draw(results: Results) -> "Figure":
    from matplotlib.figure import Figure

    groups, contrasts = results.groups, results.experiment.contrasts
    height = 1.1 + 0.55 * max(1, len(contrasts))
    figure = Figure(figsize=(2.6 + 3.6 * len(groups), height), layout="constrained")
    rows = figure.subplots(1, len(groups), sharey=True, sharex=True, squeeze=False)[0]
    decided = list(zip(results.family, results.decisions, strict=True))
    for axes, group in zip(rows, groups, strict=True):
        _panel(axes, results, group, [one for (at, _, _), one in decided if at == group])
    figure.supxlabel(
        f"difference in points on {results.label(results.headline)}, first minus second: "
        f"each seed, mean, {interval_name(results.experiment.decision.level)}",
        fontsize=8,
    )
    return figure


def _panel(axes: "Axes", results: Results, group: Group, decisions: list[Decision]) -> None:
    axes.axvline(0, color="black", linewidth=0.8)
    for row, decision in enumerate(decisions):
        _contrast(axes, row, results, group, decision)
        _verdict(axes, row, decision)
    axes.set_title(group.label, fontsize=9)
    axes.set_yticks(range(len(decisions)), [contrast_label(one.a, one.b) for one in decisions])
    axes.set_ylim(len(decisions) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)


def _contrast(axes: "Axes", row: int, results: Results, group: Group, decision: Decision) -> None:
    values = results.differences(group, decision.a, decision.b, results.headline)
    if values is None or decision.t is None or decision.t.mean is None:
        return
    places = row + np.linspace(-SPREAD, SPREAD, len(values)) if len(values) > 1 else [row]
    axes.plot(values, places, "o", color=SEED, markersize=3.5, alpha=0.8, markeredgewidth=0)
    if decision.t.low is not None and decision.t.high is not None:
        axes.plot([decision.t.low, decision.t.high], [row, row], color=MEAN, linewidth=2)
    axes.plot([decision.t.mean], [row], "D", color=MEAN, markersize=6, markeredgecolor="white")


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
