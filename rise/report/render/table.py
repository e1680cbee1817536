"""One model of a table, of which Markdown, HTML, text and LaTeX are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from rise.report.render.format import NOTHING, spread


@dataclass(frozen=True)
class Cell:
    """The content of one place of a table; renderers look at these fields, never into the text.

    Attributes:
        text: finished: nothing computes or rounds any more.
        value: the number behind the text, by which a reader sorts; None: text, or no number.
        plain: whether the text is a number alone, so that decimal points can be aligned.
        bold: whether the decision rule lets it stand out.
        notes: marks of footnotes, one character each.
        link: address of what the number is made of.
    """

    text: str
    value: float | None = None
    plain: bool = False
    bold: bool = False
    notes: str = ""
    link: str | None = None

    @property
    def empty(self) -> bool:
        """True if it shows no content."""
        return self.text in ("", NOTHING)

    def __str__(self) -> str:
        """Write the text with its marks behind."""
        return self.text + self.notes


# A string is a cell of text and no more.
TableRow = Sequence[Cell | str]


def number(value: float | None, write: Callable[[Any], str]) -> Cell:
    """Make the cell of a number alone; of none, a dash.

    Args:
        value: the number, unrounded.
        write: a function of `rise.report.render.format`, or `str`.
    """
    return Cell(NOTHING) if value is None else Cell(write(value), float(value), plain=True)


def number_spread(values: Sequence[int]) -> Cell:
    """Make the cell of one number, or of "lowest to highest" where several occur."""
    several = len(set(values)) > 1
    return Cell(spread(values), float(min(values))) if several else number(_first(values), str)


@dataclass(frozen=True)
class Table:
    """A titled table.

    Attributes:
        title: one line without a full stop.
        columns: c headings.
        rows: r rows of c cells.
        note: what a reader must know to read the numbers; may be empty.
        screen_only: headings of columns that have no room on a printed page.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[TableRow]
    note: str = ""
    screen_only: tuple[str, ...] = ()

    @cached_property
    def cells(self) -> list[list[Cell]]:
        """The rows as cells throughout, r x c."""
        return [[Cell(one) if isinstance(one, str) else one for one in row] for row in self.rows]

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """The text of every cell with its footnote marks, r x c."""
        return [tuple(map(str, row)) for row in self.cells]

    @property
    def numeric(self) -> list[int]:
        """The places of the columns that hold numbers, which stand to the right."""
        columns = [[row[at] for row in self.cells] for at in range(len(self.columns))]
        filled = [[cell for cell in column if not cell.empty] for column in columns]
        return [
            at
            for at, column in enumerate(filled)
            if column and all(cell.value is not None for cell in column)
        ]

    def without(self, *columns: str) -> "Table":
        """Leave some columns out."""
        keep = [at for at, column in enumerate(self.columns) if column not in columns]
        rows = [[row[at] for at in keep] for row in self.rows]
        return replace(self, columns=tuple(self.columns[at] for at in keep), rows=rows)


def _first(values: Sequence[int]) -> int | None:
    return int(values[0]) if len(values) else None
