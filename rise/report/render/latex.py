"""A table in LaTeX (booktabs, siunitx), and the article that shows all of a report's tables."""

import re
from collections.abc import Iterable

from rise.report.render.escape import RAISED, latex_text
from rise.report.render.format import NOTHING
from rise.report.render.table import Table

NEEDS = "% Needs booktabs, siunitx 3, adjustbox, amssymb and the font encoding T1, as in all.tex.\n"
# A plain number, which siunitx sets with decimal points one below the other.
PLAIN = re.compile(r"(<?)([+-]?)(\d+)(?:\.(\d+))?")
# What would be read as an option of the command before it.
OPTION = re.compile(r"^(?=[\[*])")
ARTICLE = r"""% Compiles alone: pdflatex all.tex
\documentclass[10pt,twocolumn,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[margin=2cm]{geometry}
\usepackage{adjustbox,amssymb,booktabs,lmodern,siunitx}
\begin{document}
TABLES
\end{document}
"""


def article(names: Iterable[str]) -> str:
    """A two-column article of all table files.

    Args:
        names: of the files, without their ending.
    """
    inputs = "\n".join(f"\\input{{{name}}}\n\\clearpage" for name in names)
    return ARTICLE.replace("TABLES", inputs)


def latex(table: Table, label: str) -> str:
    """A `table*`, as wide as the page at most, its note below it.

    Args:
        table: what stands in it.
        label: name for LaTeX's `ref`.
    """
    note = f"\\par\\vspace{{4pt}}\n\\parbox{{\\textwidth}}{{\\scriptsize {latex_text(table.note)}}}"
    lines = [
        "\\begin{table*}[tbp]",
        "\\centering\\footnotesize",
        "\\setlength{\\belowcaptionskip}{6pt}\\setlength{\\tabcolsep}{4pt}",
        f"\\caption{{{latex_text(table.title)}}}",
        f"\\label{{{label}}}",
        "\\begin{adjustbox}{max width=\\textwidth}",
        *_tabular(table),
        "\\end{adjustbox}",
        *([note] if table.note else []),
        "\\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def _tabular(table: Table) -> list[str]:
    places = range(len(table.columns))
    numbers = [_number_format(table, at) for at in places]
    kinds = [
        f"S[{number}]" if number else "r" if right else "l"
        for number, right in zip(numbers, table.right(), strict=True)
    ]
    # siunitx takes what stands in braces for text.
    heads = [
        f"{{{latex_text(name)}}}" if numbers[at] else latex_text(name)
        for at, name in enumerate(table.columns)
    ]
    rows = [
        [_cell(table, row, at, numbers[at] is not None) for at in places]
        for row in range(len(table.rows))
    ]
    return [
        f"\\begin{{tabular}}{{{''.join(kinds)}}}",
        "\\toprule",
        _line(heads),
        "\\midrule",
        *map(_line, rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]


def _line(cells: list[str]) -> str:
    return f"{OPTION.sub('{}', ' & '.join(cells))} \\\\"


def _cell(table: Table, row: int, at: int, number: bool) -> str:
    text = table.rows[row][at]
    if number:
        return text if text != NOTHING else f"{{{latex_text(text)}}}"
    bare, letters = _letters(text)
    written = latex_text(bare)
    if (row, at) in table.bold:
        written = f"\\textbf{{{written}}}"
    # Every cell leaves the room of the most letters, so that numbers stand one below the other.
    most = max((_letters(cells[at])[1] for cells in table.rows), key=len)
    room = latex_text(most[len(letters) :])
    return written + latex_text(letters) + (f"\\hphantom{{{room}}}" if room else "")


def _letters(text: str) -> tuple[str, str]:
    """What stands before the footnote letters at the end of a cell, and they."""
    bare = text.rstrip("".join(RAISED))
    return bare, text[len(bare) :]


def _number_format(table: Table, at: int) -> str | None:
    """siunitx's options of a column of plain numbers; None for any other column."""
    cells = [row[at] for row in table.rows if row[at] != NOTHING]
    found = [PLAIN.fullmatch(cell) for cell in cells]
    parts = [one.groups("") for one in found if one]
    if (
        not parts
        or len(parts) < len(cells)
        or any((row, at) in table.bold for row in range(len(table.rows)))
    ):
        return None
    signs = (("<", 0), ("+", 1))
    before = "".join(sign for sign, place in signs if any(part[place] for part in parts))
    whole, decimals = (max(len(part[place]) for part in parts) for place in (2, 3))
    return f"retain-explicit-plus,table-format={before}{whole}.{decimals}"
