"""One model of a table; Markdown, LaTeX, HTML and plain text are made from it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd
from markupsafe import Markup

from rise.report.numbers import NOTHING

LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        NOTHING: "--",
    }
)
# A caption above a table needs room below it, and many columns need less between them.
COMPACT = (
    "\\centering\\footnotesize\n\\setlength{\\belowcaptionskip}{6pt}\\setlength{\\tabcolsep}{3pt}"
)
VALUE = re.compile(r"[-+]?\d+(?:\.\d+)?")
NUMBER = re.compile(r"\[?[-+<]?\d")
NUMERIC = Markup(' class="number"')
MINUS = re.compile(r"(?<![\w.)-])-(?=\d)")


@dataclass(frozen=True)
class Table:
    """A titled table of finished text; nothing here computes or rounds.

    Attributes:
        title: one line without a full stop.
        columns: c headings, all different.
        rows: r rows of c cells.
        note: what a reader must know to read the numbers; may be empty.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def without(self, *columns: str) -> "Table":
        """The same table without some columns."""
        keep = [at for at, column in enumerate(self.columns) if column not in columns]
        rows = tuple(tuple(row[at] for at in keep) for row in self.rows)
        return replace(self, columns=tuple(self.columns[at] for at in keep), rows=rows)

    def markdown(self) -> str:
        """The table in GitHub's Markdown, with title above and note below."""
        parts = [f"**{markdown_text(self.title)}**", self._grid("pipe", markdown_text)]
        return "\n\n".join([*parts, markdown_text(self.note)] if self.note else parts) + "\n"

    def latex(self, label: str) -> str:
        """A LaTeX `table*` with booktabs rules, and title and note as its caption.

        Args:
            label: name for LaTeX's `ref`.
        """
        caption = ". ".join(latex_text(part) for part in (self.title, self.note) if part)
        styler = self._frame(latex_text).style.hide(axis="index")
        text: str = styler.to_latex(
            column_format="".join("r" if right else "l" for right in self._right()),
            hrules=True,
            caption=caption,
            label=label,
            position="tb",
            position_float="centering",
            environment="table*",
        )
        return text.replace("\\centering", COMPACT, 1)

    def html(self, links: Mapping[tuple[int, int], str] | None = None) -> Markup:
        """The table in HTML, with title and note; numbers say by which value they are sorted.

        Args:
            links: addresses that cells (row, column) lead to.
        """
        right, links = self._right(), links or {}
        head = _joined(
            Markup('<th scope="col"{}>{}</th>').format(NUMERIC if number else "", name)
            for number, name in zip(right, self.columns, strict=True)
        )
        rows = _joined(
            Markup("<tr>{}</tr>\n").format(
                _joined(
                    _html_cell(cell, right[column], column == 0, links.get((at, column)))
                    for column, cell in enumerate(row)
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
        return self._grid("simple", str)

    def _grid(self, style: str, escape: Callable[[str], str]) -> str:
        align = ["right" if right else "left" for right in self._right()]
        grid: str = self._frame(escape).to_markdown(
            index=False, tablefmt=style, colalign=align, disable_numparse=True
        )
        return grid

    def _frame(self, escape: Callable[[str], str]) -> pd.DataFrame:
        rows = [[escape(cell) for cell in row] for row in self.rows]
        return pd.DataFrame(rows, columns=[escape(name) for name in self.columns], dtype="object")

    def _right(self) -> list[bool]:
        """Whether a column holds numbers, which stand to the right."""
        return [
            _numbers([row[at] for row in self.rows if row[at] != NOTHING])
            for at in range(len(self.columns))
        ]


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it is written."""
    text = re.sub(r"([\\|*_`])", r"\\\1", " ".join(text.split()))
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def latex_text(text: str) -> str:
    """Text that LaTeX shows as it is written, with minus signs as such."""
    return MINUS.sub("$-$", " ".join(text.split()).translate(LATEX))


def _html_cell(text: str, number: bool, first: bool, link: str | None) -> Markup:
    """A cell; in a column of numbers with the value that it starts with."""
    found = VALUE.search(text) if number else None
    kind = Markup(' scope="row"') if first else Markup("")
    kind += NUMERIC if number else ""
    kind += Markup(' data-value="{}"').format(float(found[0])) if found else ""
    inner = Markup('<a href="{}">{}</a>').format(link, text) if link else text
    return Markup("<{0}{1}>{2}</{0}>").format("th" if first else "td", kind, inner)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _numbers(cells: list[str]) -> bool:
    return bool(cells) and all(NUMBER.match(cell) for cell in cells)
