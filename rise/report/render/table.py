"""One model of a table, of which Markdown, HTML, text and LaTeX are made."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd
from markupsafe import Markup
from markupsafe import escape as html_escape

from rise.report.render.escape import markdown_text, plain
from rise.report.render.format import NOTHING

VALUE = re.compile(r"[-+]?\d+(?:\.\d+)?")
NUMBER = re.compile(r"\[?[-+<]?\d")
NUMERIC = Markup(' class="number"')


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

    def html(self, links: Mapping[tuple[int, int], str] | None = None) -> Markup:
        """The table in HTML, with title and note; numbers say by which value they are sorted.

        Args:
            links: addresses that cells (row, column) lead to.
        """
        right, links = self.right(), links or {}
        head = _joined(
            Markup('<th scope="col"{}>{}</th>').format(NUMERIC if number else "", name)
            for number, name in zip(right, self.columns, strict=True)
        )
        rows = _joined(
            Markup("<tr>{}</tr>\n").format(
                _joined(
                    self._html_cell(at, column, right[column], links.get((at, column)))
                    for column in range(len(row))
                )
            )
            for at, row in enumerate(self.rows)
        )
        note = Markup('<p class="note">{}</p>\n').format(self.note) if self.note else ""
        return Markup(
            '<div class="scroll" role="region" tabindex="0" aria-label="{0}">\n'
            '<table class="sortable">\n<caption>{0}</caption>\n'
            "<thead><tr>{1}</tr></thead>\n<tbody>\n{2}</tbody>\n</table>\n</div>\n{3}"
        ).format(self.title, head, rows, note)

    def text(self) -> str:
        """The bare grid for a terminal."""
        return self._grid("simple", plain, "{}")

    def right(self) -> list[bool]:
        """Whether a column holds numbers, which stand to the right."""
        return [
            _numbers([row[at] for row in self.rows if row[at] not in ("", NOTHING)])
            for at in range(len(self.columns))
        ]

    def _html_cell(self, row: int, column: int, number: bool, link: str | None) -> Markup:
        """A cell; in a column of numbers with the value that it starts with."""
        text = self.rows[row][column]
        found = VALUE.search(text) if number else None
        kind = Markup(' scope="row"') if column == 0 else Markup("")
        kind += NUMERIC if number else ""
        kind += Markup(' data-value="{}"').format(float(found[0])) if found else ""
        inner = Markup('<a href="{}">{}</a>').format(link, text) if link else html_escape(text)
        if (row, column) in self.bold:
            inner = Markup("<strong>{}</strong>").format(inner)
        return Markup("<{0}{1}>{2}</{0}>").format("td" if column else "th", kind, inner)

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


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _numbers(cells: list[str]) -> bool:
    return bool(cells) and all(NUMBER.match(cell) for cell in cells)
