"""Exploratory tables: single domains, parts of the headline, the other way of scoring."""

from statistics import mean

import pandas as pd

from rise.report.analysis import Group, Results, contrast_label, method_label
from rise.report.render.format import NOTHING, accuracy, counted, listed, points, points_interval
from rise.report.render.table import Table
from rise.report.tables.main import cell, images
from rise.stats.decide import Decision

TEACHER = "Teacher, zero-shot"


# What a cell averages -> its words in title and note.
SCORES = {
    "accuracy": ("", "Accuracy"),
    "macro": (", macro accuracy", "Macro accuracy (every class counts alike, however many images)"),
}


def domains_table(results: Results, group: Group, score: str = "accuracy") -> Table:
    """Means for each held-out domain; exploratory.

    Args:
        results: of the experiment.
        group: where.
        score: `accuracy` of all images alike, or `macro`: the mean over classes.
    """
    title, words = SCORES[score]
    rows = [
        (method_label(method), *_domain_means(results, group, method, score))
        for method in results.experiment.methods
    ]
    teacher = results.teacher(group, score).get(results.headline, {})
    if teacher:
        rows.append((TEACHER, *_with_mean([teacher.get(domain) for domain in group.held_out])))
    return Table(
        f"{group.label}: each held-out domain{title}, exploratory",
        ("Method", *group.held_out, "mean"),
        tuple(rows),
        f"{words} in % on {results.label(results.headline)}, mean over "
        f"{counted(len(results.seeds), 'seed')}. Single domains are not part of the declared "
        "family: nothing is tested here.",
    )


def parts_table(results: Results, group: Group) -> Table:
    """The headline for identities that the teacher's vendors draw, and for the others."""
    rows = [
        (
            method_label(method),
            *(cell(results, group, method, part) for part in results.parts),
        )
        for method in results.experiment.methods
    ]
    columns = [part.partition(", ")[2] for part in results.parts]
    sizes = listed(
        f"{images(results, group, part)} ({name})"
        for part, name in zip(results.parts, columns, strict=True)
    )
    return Table(
        f"{group.label}: headline by whether the teacher's vendors draw the identity, exploratory",
        ("Method", *columns),
        tuple(rows),
        f"Accuracy in %, mean over held-out domains, with interval over seeds. The teacher and the "
        f"starting weights have seen other vendors' drawings of the identities called drawn. "
        f"Scored images for each domain: {sizes}.",
    )


def protocol_table(results: Results) -> Table:
    """The declared contrasts on the headline and on all images, side by side; exploratory."""
    assert results.beside is not None
    several = len(results.groups) > 1
    rows = [
        (
            contrast_label(a, b) + (f", {group.label}" if several else ""),
            *(_difference(one) for one in (head, beside)),
        )
        for (group, a, b), head, beside in results.both_ways
    ]
    return Table(
        "The same contrasts under both ways of scoring",
        ("Contrast", results.label(results.headline), results.label(results.beside)),
        tuple(rows),
        f"Mean difference in points with its unadjusted interval over seeds. Only the column "
        f"{results.label(results.headline)} was declared; the other is exploratory.",
    )


def _domain_means(results: Results, group: Group, method: str, score: str) -> list[str]:
    table = results.cells(group, method, results.headline, score)
    # A mean over the seeds that happen to be there is withheld, as everywhere.
    means = table.mean(skipna=False)
    return _with_mean([None if pd.isna(value) else value for value in means])


def _with_mean(domains: list[float | None]) -> list[str]:
    """The numbers of the domains, and their mean if none is missing."""
    there = [one for one in domains if one is not None]
    average = mean(there) if len(there) == len(domains) else None
    return [*map(accuracy, domains), accuracy(average)]


def _difference(decision: Decision) -> str:
    t = decision.t
    if t is None:
        return NOTHING
    interval = f" {points_interval(t.low, t.high)}" if t.low is not None else ""
    return points(t.mean) + interval
