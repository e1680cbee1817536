"""Units that are not done, each with its reason and the log that tells more."""

from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING, counted
from rise.report.render.table import Table

NAME, HEADING, ORDER = "unfinished", "Units without a result", 1300


def build(results: Results) -> list[Table]:
    """Build the table, none where all units are done."""
    units = results.units[results.units["status"] != "done"]
    rows = [
        (
            f"{unit.dataset}/{unit.variant}/{unit.method}/{unit.held_out}/seed{unit.seed}",
            unit.status if unit.status != "other" else "not the one asked for",
            unit.reason,
            unit.log,
        )
        for unit in units.fillna({"reason": NOTHING, "log": NOTHING}).itertuples()
    ]
    title = f"{counted(len(rows), 'unit')} without a result"
    return [Table(title, ("Unit", "Status", "Reason", "Log"), rows)] if rows else []
