"""A table in LaTeX (booktabs, siunitx), and the article that shows all of a report's tables."""

import re
from collections.abc import Iterable

from rise.report.render.escape import latex_text
from rise.report.render.format import NOTHING
from rise.report.render.table import Cell, Table

NEEDS = "% Needs booktabs, siunitx 3, adjustbox, amssymb and the font encoding T1, as in all.tex.\n"
# Room for a sign, as siunitx is told -> what a number may begin with.
SIGNS = {"<": "<", "+": "+-"}
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
    """Write a two-column article of all table files.

    Args:
        names: of the files, without their ending.
    """
    inputs = "\n".join(f"\\input{{{name}}}\n\\clearpage" for name in names)
    return ARTICLE.replace("TABLES", inputs)


def latex(table: Table, label: str) -> str:
    """Write a `table*`, as wide as the page at most, its note below it.

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
        *_tabular(table.without(*table.screen_only)),
        "\\end{adjustbox}",
        *([note] if table.note else []),
        "\\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def _tabular(table: Table) -> list[str]:
    columns = [[row[at] for row in table.cells] for at in range(len(table.columns))]
    numbers = [_number_format(column) for column in columns]
    kinds = [
        f"S[{number}]" if number else "r" if at in table.numeric else "l"
        for at, number in enumerate(numbers)
    ]
    # siunitx takes what stands in braces for text.
    heads = [
        f"{{{latex_text(name)}}}" if number else latex_text(name)
        for name, number in zip(table.columns, numbers, strict=True)
    ]
    written = [
        [_number(cell) for cell in column] if number else _texts(column)
        for column, number in zip(columns, numbers, strict=True)
    ]
    return [
        f"\\begin{{tabular}}{{{''.join(kinds)}}}",
        "\\toprule",
        _line(heads),
        "\\midrule",
        *map(_line, zip(*written, strict=True)),
        "\\bottomrule",
        "\\end{tabular}",
    ]


def _line(cells: Iterable[str]) -> str:
    return f"{OPTION.sub('{}', ' & '.join(cells))} \\\\"


def _number(cell: Cell) -> str:
    return f"{{{latex_text(cell.text)}}}" if cell.empty else cell.text


def _texts(column: list[Cell]) -> list[str]:
    """Cells that leave the room of the most marks, so that numbers stand one below the other."""
    most = max((cell.notes for cell in column), key=len, default="")
    written = []
    for cell in column:
        text, room = latex_text(cell.text), latex_text(most[len(cell.notes) :])
        text = f"\\textbf{{{text}}}" if cell.bold else text
        space = f"\\hphantom{{{room}}}" if room else ""
        written.append(text + latex_text(cell.notes) + space)
    return written


def _number_format(column: list[Cell]) -> str | None:
    """siunitx's options of a column of plain numbers; None for any other column."""
    texts = [cell.text for cell in column if cell.text != NOTHING]
    unmarked = all(not cell.bold and not cell.notes for cell in column)
    if not texts or not unmarked or not all(cell.plain or cell.text == NOTHING for cell in column):
        return None
    before = "".join(
        written for written, signs in SIGNS.items() if any(text[0] in signs for text in texts)
    )
    digits = [text.lstrip("<+-").partition(".") for text in texts]
    whole, decimals = (max(len(parts[at]) for parts in digits) for at in (0, 2))
    return f"retain-explicit-plus,table-format={before}{whole}.{decimals}"
