"""Accuracy on each held-out domain."""

from rise.report.analysis.results import Results
from rise.report.render.table import Table
from rise.report.tables import _domains

NAME, HEADING, ORDER = "domains", _domains.HEADING, 600
TITLE, WORDS = "", "Accuracy"


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant."""
    return [
        _domains.domains_table(results, group, "accuracy", TITLE, WORDS) for group in results.groups
    ]
