"""The tables that a terminal shows: every verdict, and as many accuracies as fit on a screen."""

from rise.report.analysis.results import Results
from rise.report.prose.paragraphs import progress
from rise.report.render.grid import terminal_table
from rise.report.render.table import Table
from rise.report.tables import overview
from rise.report.tables.contrasts import alone, contrasts_table, differ
from rise.report.tables.main import main_table

LINES = 24
# What a terminal leaves out of the report's tables.
LESS = ("source validation", "settings", "evaluations")
LESS_CONTRASTS = ("t", "p", "exact p", "smallest", "seeds", "min. detectable")


def summary(results: Results) -> str:
    """Write accuracies, all verdicts and the progress as plain text, 100 characters a line.

    Accuracies of several datasets stand in one table if that fits on a screen with the verdicts;
    if not, a line says where they are. Verdicts and numbers are never cut.
    """
    verdicts = [_verdicts(results), ""] if results.decisions else []
    accuracies = [part for table in _accuracies(results) for part in (*_titled(table), "")]
    if len(results.groups) > 1 and _lines(accuracies) + _lines(verdicts) > LINES:
        accuracies = ["The accuracies stand in the report.", ""]
    return "\n".join([*accuracies, *verdicts, progress(results)])


def _accuracies(results: Results) -> list[Table]:
    if len(results.groups) == 1:
        return [main_table(results, results.groups[0]).without(*LESS)]
    return overview.build(results) or [
        main_table(results, group).without(*LESS) for group in results.groups
    ]


def _verdicts(results: Results) -> str:
    """Show the interval that agrees with the verdict, not that of a contrast alone."""
    table = contrasts_table(results, results.groups).without(*LESS_CONTRASTS)
    return terminal_table(table.without(alone(results)) if differ(results) else table)


def _titled(table: Table) -> tuple[str, str]:
    return table.title, terminal_table(table)


def _lines(parts: list[str]) -> int:
    return sum(part.count("\n") + 1 for part in parts)
