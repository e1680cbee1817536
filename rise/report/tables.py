"""One model of a table; Markdown, LaTeX and plain text are made from it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

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
NUMBER = re.compile(r"\[?[-+<]?\d")
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


def _numbers(cells: list[str]) -> bool:
    return bool(cells) and all(NUMBER.match(cell) for cell in cells)
