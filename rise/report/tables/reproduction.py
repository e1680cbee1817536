"""Published and own numbers of the same experiment, with the verdict of the two tests."""

from rise.report.analysis.reproduction import Reproduction, reproductions
from rise.report.analysis.results import Results
from rise.report.render.format import (
    NOTHING,
    accuracy,
    decimal,
    interval_name,
    points,
    points_interval,
)
from rise.report.render.table import Cell, Table, TableRow, number
from rise.report.tables._printed import SECONDHAND, printed
from rise.results.published import AVERAGE
from rise.stats.paired import MIN_SEEDS

NAME, HEADING, ORDER = "reproduction", "Published numbers", 400


def build(results: Results) -> list[Table]:
    """Build the table, none where nothing published is repeated."""
    found = reproductions(results)
    return [reproduction_table(results, found)] if found else []


def reproduction_table(results: Results, found: list[Reproduction]) -> Table:
    """Build the table of some comparisons."""
    level = 1 - 2 * results.experiment.decision.alpha
    ours = ("ours", "seeds", "difference", interval_name(level), "margin", "verdict")
    assumed = sorted({note for one in found if one.comparison for note in one.comparison.notes})
    notes = [
        "Two one-sided t tests of our seeds against the printed number; its rounding counts "
        "against us. Not reproduced: the interval lies outside the margin, whichever side. "
        "Inconclusive is neither: no evidence for or against. Same method, student, teacher and "
        "protocol; recipe, prompts and search are those of this experiment"
    ]
    if any(not one.published.firsthand for one in found):
        notes.append(f"{SECONDHAND} second-hand: read where someone else quotes it")
    notes += [f"Of some rows: {note}" for note in assumed]
    return Table(
        "Published numbers that this experiment repeats",
        ("Method", "Dataset", "Held out", "published", "runs", *ours),
        [_row(results, one) for one in found],
        ". ".join(notes) + ".",
    )


def _row(results: Results, one: Reproduction) -> TableRow:
    rule, row, found = results.experiment.decision, one.published, one.comparison
    margin = rule.margin if row.held_out == AVERAGE else rule.margin_domain
    why = "incomplete"
    if one.values is not None:
        why = "too few seeds" if len(one.values) < MIN_SEEDS else "no spread"
    return (
        results.method_label(one.method),
        one.group.label,
        row.held_out,
        printed(row),
        number(row.runs, str),
        number(None if one.values is None else one.values.mean(), accuracy),
        number(None if one.values is None else len(one.values), str),
        number(found.difference if found else None, points),
        Cell(points_interval(found.low, found.high), found.low) if found else NOTHING,
        number(margin, decimal),
        found.verdict if found else why,
    )
