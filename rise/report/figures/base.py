"""Describe, style and write figures."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rise.report.render.document import Plot
from rise.utils.io import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Metadata that would carry the time or the version of the drawing library. LaTeX takes the pdf.
FORMATS: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "figure.labelsize": 8,
    "svg.hashsalt": "rise",
    "pdf.fonttype": 42,
    # A $ in the name of a class or domain is a $.
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "ytick.major.size": 0,
}
SEED, MEAN = "#7a7a7a", "#0b5394"
# Seeds are spread over this share of a row, so that equal ones stay visible.
SPREAD = 0.25
# Inches that a line of text takes.
LINE = 0.16


def write_plot(plot: Plot, folder: Path) -> bytes:
    """Write the figure in every format of `FORMATS`; the same results give the same bytes.

    Returns:
        The bytes of the SVG file.
    """
    # Imported here, because only a finished report draws.
    import matplotlib

    paths = [folder / f"{plot.name}.{kind}" for kind in FORMATS]
    with matplotlib.rc_context(STYLE):
        figure = plot.draw()
        for path, metadata in zip(paths, FORMATS.values(), strict=True):
            with replacing(path) as beside:
                figure.savefig(beside, metadata=metadata, dpi=200)
    return paths[0].read_bytes()


def panels(
    count: int, columns: int, width: float, height: float, margin: float = 0.0
) -> tuple["Figure", list["Axes"]]:
    """Make a figure of `count` equal panels with a common y axis, and its axes row by row.

    Args:
        count: of panels, at least 1.
        columns: panels in a row, at most.
        width: of a panel, in inches.
        height: of a panel, in inches.
        margin: of what stands left of the panels, in inches.
    """
    from matplotlib.figure import Figure

    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(margin + width * columns, height * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False).flatten()
    for unused in grid[count:]:
        unused.remove()
    return figure, list(grid[:count])


def rows_of_labels(axes: "Axes", labels: list[str]) -> None:
    """Give the y axis one row for each label, the first on top."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)


def wrapped(text: str, width: int, lines: int = 3) -> str:
    """Break text into lines of at most `width` characters; an ellipsis ends what does not fit."""
    parts = textwrap.wrap(text, width, break_long_words=True, break_on_hyphens=True)
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1][: width - 1] + "\N{HORIZONTAL ELLIPSIS}"]
    return "\n".join(parts)


def most_lines(labels: list[str]) -> int:
    """Count the lines of the label that has most."""
    return max((label.count("\n") + 1 for label in labels), default=1)
