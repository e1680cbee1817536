"""Common parts of the two tables of single held-out domains."""

from dataclasses import replace
from statistics import mean

import pandas as pd

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import accuracy, counted
from rise.report.render.table import Cell, Table, TableRow, number
from rise.report.tables._shared import TEACHER

HEADING = "Each held-out domain"


def domains_table(results: Results, group: Group, score: str, title: str, words: str) -> Table:
    """Build the table of means for each held-out domain; exploratory.

    Args:
        results: of the experiment.
        group: where.
        score: `accuracy` of all images alike, or `macro`: the mean over classes.
        title: what the title adds for this score.
        words: what the note calls the score.
    """
    rows = [_row(results, group, method, score) for method in results.experiment.methods]
    teacher = results.teacher(group, score).get(results.primary, {})
    if teacher:
        rows.append([TEACHER, *_with_mean([teacher.get(domain) for domain in group.held_out])])
    return Table(
        f"{group.label}: each held-out domain{title}, exploratory",
        ("Method", *group.held_out, "mean"),
        rows,
        f"{words} in % on {results.label(results.primary)}, mean over "
        f"{counted(len(results.seeds), 'seed')}. Single domains are not part of the pre-specified "
        "family: nothing is tested here.",
    )


def _row(results: Results, group: Group, method: str, score: str) -> TableRow:
    table = results.cells(group, method, results.primary, score)
    # A mean over the seeds that happen to be there is withheld, as everywhere.
    means = table.mean(skipna=False)
    cells = _with_mean([None if pd.isna(value) else float(value) for value in means])
    places = [results.anchor(group, method, domain) for domain in (*group.held_out, "")]
    return [
        results.method_label(method),
        *(
            cell if cell.empty else replace(cell, link=f"#{place}")
            for cell, place in zip(cells, places, strict=True)
        ),
    ]


def _with_mean(domains: list[float | None]) -> list[Cell]:
    """List the numbers of the domains, and their mean if none is missing."""
    there = [one for one in domains if one is not None]
    average = mean(there) if len(there) == len(domains) else None
    return [number(one, accuracy) for one in (*domains, average)]
