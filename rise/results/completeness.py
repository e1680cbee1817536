"""Check that all units of an experiment are done; one line for each kind of incomplete unit."""

import pandas as pd

from rise.errors import ResultError
from rise.results.collect import unit_names

FEW = 3
# Status -> words for its units, and what to do.
SAID = {
    "missing": ("missing", "no record; {again}"),
    "failed": ("failed", "{reason}; see the log, then {again}"),
    "damaged": ("damaged", "{reason}"),
    "duplicate": ("copies of others", "{reason}"),
    "other": ("not the ones asked for", "{reason}; {again}"),
}


def refuse_incomplete(frame: pd.DataFrame, again: str) -> None:
    """Refuse a table of `rise.results.collect` in which a unit is not done.

    Args:
        frame: the table.
        again: how to make the missing units, as "make them with ...".

    Raises:
        ResultError: one line for each kind of unit that is not done, and how to report anyway.
    """
    units = frame.drop_duplicates(["dataset", "variant", "method", "held_out", "seed"])
    lines = []
    for status, (words, text) in SAID.items():
        found = units[units["status"] == status]
        # Records of other data and of other requests are told apart.
        for part in (found[found["data"].isna()], found[found["data"].notna()]):
            if len(part):
                reason = part["reason"].iloc[0]
                told = text.format(
                    reason="no reason given" if pd.isna(reason) else reason, again=again
                )
                lines.append(f"{len(part)} of {len(units)} units {words} ({_names(part)}): {told}")
    if lines:
        lines.append("or report what is there, averages withheld: add --allow-incomplete")
        raise ResultError("\n".join(lines))


def _names(units: pd.DataFrame) -> str:
    more = len(units) - FEW
    return ", ".join(unit_names(units.head(FEW))) + (f" and {more} more" if more > 0 else "")
