"""The short text that a terminal shows when an experiment ends."""

from dataclasses import replace
from pathlib import Path

from rise.errors import ResultError
from rise.report.analysis import Results
from rise.report.prose.paragraphs import progress
from rise.report.render.escape import RAISED
from rise.report.render.table import Table
from rise.report.tables import main

LINES, WIDTH = 25, 100
FILE = "terminal.txt"
MORE = "... the rest stands in the report"
# What a terminal leaves out of the report's tables.
LESS = ("source validation", "settings", "evaluations")
LESS_CONTRASTS = ("t", "p", "exact p", "smallest", "seeds", "detectable")


def summary(results: Results) -> str:
    """Main tables and contrasts as plain text: at most 24 lines of at most 100 characters."""
    lines: list[str] = []
    for group in results.groups:
        table = main.main_table(results, group)
        lines += [table.title, *_lines(table, LESS), ""]
    if results.decisions:
        lines += [*_lines(main.contrasts_table(results, results.groups), LESS_CONTRASTS), ""]
    lines = lines if len(lines) <= LINES - 2 else [*lines[: LINES - 3], MORE]
    return "\n".join([*lines, progress(results)]) + "\n"


def main_table(out: Path) -> str:
    """The text of a report that `rise.report.build` wrote to `out`, and where it lies.

    Raises:
        ResultError: there is no report.
    """
    try:
        text = (out / FILE).read_text(encoding="utf-8")
    except OSError as error:
        raise ResultError(f"{out}: there is no report here ({error.strerror})") from error
    return f"{text}Report: {out / 'report.html'}, and report.md beside it"


def _lines(table: Table, less: tuple[str, ...]) -> list[str]:
    # Footnote letters say nothing without the footnotes.
    letters = str.maketrans("", "", "".join(RAISED))
    rows = tuple(tuple(cell.translate(letters) for cell in row) for row in table.rows)
    return [line[:WIDTH] for line in replace(table, rows=rows).without(*less).text().splitlines()]
