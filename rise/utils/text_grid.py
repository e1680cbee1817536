"""Aligned columns of text, for terminals and Markdown."""

from collections.abc import Sequence

from tabulate import tabulate


def text_grid(
    rows: Sequence[Sequence[str]],
    headers: Sequence[str] = (),
    right: Sequence[int] = (),
    style: str = "plain",
) -> str:
    """Lay out rows of c cells in columns, each as wide as its longest cell, two blanks apart.

    Args:
        rows: finished text; nothing is read as a number.
        headers: c words above the columns, or none.
        right: numbers of the columns that are aligned to the right.
        style: a table format of tabulate; `plain` has no lines.
    """
    columns = len(headers) or max(map(len, rows), default=0)
    grid: str = tabulate(
        rows,
        headers=headers,
        tablefmt=style,
        colalign=["right" if at in right else "left" for at in range(columns)] if rows else None,
        disable_numparse=True,
    )
    return grid
