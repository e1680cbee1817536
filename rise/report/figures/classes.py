"""Gain of the primary contrast by class and held-out domain, as a heat map; exploratory."""

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.figures.base import LINE, most_lines, wrapped
from rise.report.render.document import Plot
from rise.report.render.format import NOTHING, counted, points

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More classes than these do not fit on a page.
MOST = 20
# Losses dark blue, zero grey, gains light yellow: lightness alone tells the sign without colour.
COLOURS = ("#08306b", "#5f7fa8", "#b4b4b4", "#ead9a0", "#fff3b0")


def classes(results: Results, group: Group) -> Plot | None:
    """Describe the figure of a group; None without a primary contrast that has results."""
    if not results.experiment.contrasts:
        return None
    a, b = results.experiment.contrasts[0]
    gain = class_gain(results, group, a, b)
    if gain.isna().all(axis=None):
        return None
    shown = largest(gain)
    chosen = ""
    if len(shown) < len(gain):
        chosen = (
            f" Of {len(gain)} classes, the {len(shown)} with the largest absolute gain "
            "(mean over domains)."
        )
    return Plot(
        f"classes-{results.groups.index(group) + 1}",
        f"{group.label}: gain of {results.method_label(a)} over {results.method_label(b)} in "
        f"points on {results.label(results.primary)}, by class and held-out domain, mean over "
        f"{counted(len(results.seeds), 'seed')}.{chosen} {NOTHING}: no images, or a seed without a "
        "result. Exploratory: nothing is tested here, and classes of few images differ much by "
        "chance.",
        f"{group.label}: {results.contrast_label(a, b)}, mean gain in points, a row for each "
        "class, a column for each held-out domain",
        partial(_draw, group, shown),
    )


def class_gain(results: Results, group: Group, a: str, b: str) -> pd.DataFrame:
    """Subtract: first minus second in points, classes x held-out domains, mean over all seeds.

    NaN where a class has no images in a domain, or a declared seed of either method no result.
    """
    columns = {}
    if group.dataset in results.mixed:
        return pd.DataFrame()
    for domain in group.held_out:
        pairs = [
            [results.detail(group, method, domain, seed) for method in (a, b)]
            for seed in results.seeds
        ]
        gains = [
            pd.Series(first.classes) - pd.Series(second.classes)
            for first, second in pairs
            if first is not None and second is not None
        ]
        whole = len(gains) == len(pairs)
        columns[domain] = (
            pd.concat(gains, axis=1).mean(axis=1, skipna=False)
            if whole
            else pd.Series(dtype="float64")
        )
    return pd.DataFrame(columns)


def largest(gain: pd.DataFrame) -> pd.DataFrame:
    """Choose at most `MOST` classes of the largest absolute mean gain; highest gain first."""
    mean = gain.mean(axis=1)
    kept = mean.abs().sort_values(ascending=False, kind="stable").index[:MOST]
    return gain.loc[mean[kept].sort_values(ascending=False, kind="stable").index]


def _draw(group: Group, gain: pd.DataFrame) -> "Figure":
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    names = [wrapped(name, 30, 2) for name in gain.index]
    domains = [wrapped(name, 16) for name in gain.columns]
    row = max(0.26, LINE * most_lines(names) + 0.05)
    height = 0.9 + LINE * most_lines(domains) + row * len(names)
    figure = Figure(figsize=(3.6 + 1.15 * len(domains), height), layout="constrained")
    axes = figure.subplots()
    most = max(float(gain.abs().max(axis=None)), 1e-9)
    colours = LinearSegmentedColormap.from_list("gain", COLOURS)
    image = axes.imshow(gain, cmap=colours, vmin=-most, vmax=most, aspect="auto")
    for at, values in enumerate(gain.to_numpy()):
        for column, value in enumerate(values):
            dark = value < -0.35 * most
            text = NOTHING if pd.isna(value) else points(value)
            colour = "white" if dark else "black"
            axes.text(column, at, text, ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(domains)), domains)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="x", length=0, top=True, bottom=False, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, aspect=30, fraction=0.05)
    bar.set_label("gain in points", fontsize=8)
    bar.outline.set_visible(False)
    figure.suptitle(wrapped(group.label, 60), fontsize=9)
    return figure
