"""Macro accuracy on each held-out domain: every class counts alike."""

from rise.report.analysis.results import Results
from rise.report.render.table import Table
from rise.report.tables import _domains

NAME, HEADING, ORDER = "macro", _domains.HEADING, 620
TITLE, WORDS = ", macro accuracy", "Macro accuracy (every class counts alike, however many images)"


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant."""
    return [
        _domains.domains_table(results, group, "macro", TITLE, WORDS) for group in results.groups
    ]
