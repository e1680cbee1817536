"""The short text that a terminal shows when an experiment ends."""

from pathlib import Path

from rise.errors import ResultError
from rise.report.analysis.results import Results
from rise.report.prose.paragraphs import progress
from rise.report.render.grid import terminal_table
from rise.report.render.table import Table
from rise.report.tables.contrasts import contrasts_table
from rise.report.tables.main import main_table as accuracy_table

LINES, WIDTH = 25, 100
FILE = "terminal.txt"
MORE = "... the rest stands in the report"
# What a terminal leaves out of the report's tables.
LESS = ("source validation", "settings", "evaluations")
LESS_CONTRASTS = ("t", "p", "exact p", "smallest", "seeds", "min. detectable")


def summary(results: Results) -> str:
    """Write main tables and contrasts as plain text: at most 24 lines of at most 100 characters."""
    lines: list[str] = []
    for group in results.groups:
        table = accuracy_table(results, group)
        lines += [table.title, *_lines(table, LESS), ""]
    if results.decisions:
        lines += [*_lines(contrasts_table(results, results.groups), LESS_CONTRASTS), ""]
    lines = lines if len(lines) <= LINES - 2 else [*lines[: LINES - 3], MORE]
    return "\n".join([*lines, progress(results)]) + "\n"


def main_table(out: Path) -> str:
    """Read the text of a report that `rise.report.build` wrote to `out`, and say where it lies.

    Raises:
        ResultError: there is no report.
    """
    try:
        text = (out / FILE).read_text(encoding="utf-8")
    except OSError as error:
        raise ResultError(f"{out}: there is no report here ({error.strerror})") from error
    return f"{text}Report: {out / 'report.html'}, and report.md beside it"


def _lines(table: Table, less: tuple[str, ...]) -> list[str]:
    return [line[:WIDTH] for line in terminal_table(table.without(*less)).splitlines()]
