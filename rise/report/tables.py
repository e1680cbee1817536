"""One model of a table; Markdown, LaTeX (`rise.report.latex`) and plain text are made from it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from rise.report.escape import markdown_text, plain
from rise.report.numbers import NOTHING

NUMBER = re.compile(r"\[?[-+<]?\d")


@dataclass(frozen=True)
class Table:
    """A titled table of finished text; nothing here computes or rounds.

    Attributes:
        title: one line without a full stop.
        columns: c headings.
        rows: r rows of c cells.
        note: what a reader must know to read the numbers; may be empty.
        bold: (row, column) of the cells that the decision rule lets stand out.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    bold: frozenset[tuple[int, int]] = frozenset()

    def without(self, *columns: str) -> "Table":
        """The same table without some columns."""
        keep = [at for at, column in enumerate(self.columns) if column not in columns]
        rows = tuple(tuple(row[at] for at in keep) for row in self.rows)
        bold = frozenset((row, keep.index(at)) for row, at in self.bold if at in keep)
        return replace(self, columns=tuple(self.columns[at] for at in keep), rows=rows, bold=bold)

    def markdown(self) -> str:
        """The table in GitHub's Markdown, with title above and note below."""
        grid = self._grid("pipe", markdown_text, "**{}**")
        parts = [f"**{markdown_text(self.title)}**", grid]
        return "\n\n".join([*parts, markdown_text(self.note)] if self.note else parts) + "\n"

    def text(self) -> str:
        """The bare grid for a terminal."""
        return self._grid("simple", plain, "{}")

    def right(self) -> list[bool]:
        """Whether a column holds numbers, which stand to the right."""
        return [
            _numbers([row[at] for row in self.rows if row[at] not in ("", NOTHING)])
            for at in range(len(self.columns))
        ]

    def _grid(self, style: str, escape: Callable[[str], str], bold: str) -> str:
        rows = [
            [
                bold.format(escape(cell)) if (row, at) in self.bold else escape(cell)
                for at, cell in enumerate(cells)
            ]
            for row, cells in enumerate(self.rows)
        ]
        grid: str = pd.DataFrame(
            rows, columns=range(len(self.columns)), dtype="object"
        ).to_markdown(
            index=False,
            headers=[escape(name) for name in self.columns],
            tablefmt=style,
            colalign=["right" if right else "left" for right in self.right()],
            disable_numparse=True,
        )
        return grid


def _numbers(cells: list[str]) -> bool:
    return bool(cells) and all(NUMBER.match(cell) for cell in cells)
