"""Published numbers in print."""

from rise.report.render.table import Cell
from rise.results.published import Published

SECONDHAND = "\N{DAGGER}"


def printed(row: Published) -> Cell:
    """Show a published number as it was printed, marked where it was read second-hand."""
    error = "" if row.error is None else f" +/- {row.error:.{row.decimals}f}"
    text = f"{row.accuracy:.{row.decimals}f}{error}"
    return Cell(text, row.accuracy, plain=not error, notes="" if row.firsthand else SECONDHAND)
