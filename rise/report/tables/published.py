"""The averages that others have printed for a dataset."""

from rise.report.analysis.group import Group
from rise.report.analysis.reproduction import rows_of
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.render.table import Cell, Table
from rise.report.tables._printed import SECONDHAND, printed
from rise.results.published import AVERAGE

NAME, HEADING, ORDER = "published", "Published numbers", 410


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant of which anything is published."""
    return [peers_table(results, group) for group in results.groups if rows_of(results, group)]


def peers_table(results: Results, group: Group) -> Table:
    """Build one of them, in the order of the files."""
    rows = [row for row in rows_of(results, group) if row.held_out == AVERAGE]
    sources = {source: at for at, source in enumerate(dict.fromkeys(row.source for row in rows), 1)}
    return Table(
        f"{group.label}: published averages over held-out domains",
        ("Method", "Student", "Teacher", "accuracy", "protocol", "source"),
        [
            (
                row.method,
                row.student,
                row.teacher,
                printed(row),
                row.protocol or NOTHING,
                Cell(f"[{sources[row.source]}]", sources[row.source]),
            )
            for row in rows
        ],
        "In %, as printed; other protocols, students, teachers or start weights, so none is "
        f"tested against ours. {SECONDHAND} second-hand. Sources: "
        + "; ".join(f"[{at}] {source}" for source, at in sources.items())
        + ".",
    )
