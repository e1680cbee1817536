"""Accuracy of every method on a dataset, with all that it took."""

from dataclasses import replace
from statistics import mean

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.analysis.standing import stands_out
from rise.report.render.format import accuracy, counted, listed
from rise.report.render.table import Table, TableRow, number_spread
from rise.report.tables._footnotes import explained, footer, marks
from rise.report.tables._shared import budget, images, mean_cell, over_seeds, seeds_cell

NAME, HEADING, ORDER = "main", "Accuracy", 210


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant: methods in declared order."""
    return [main_table(results, group) for group in results.groups]


def main_table(results: Results, group: Group) -> Table:
    """Build one of them: primary metric, all images beside it, source validation, budget."""
    beside = [results.beside] if results.beside else []
    columns = ["Method", results.label(results.primary), "seeds", *map(results.label, beside)]
    columns += ["source validation", "settings", "evaluations"]
    return Table(
        f"{group.label}: accuracy in % on held-out domains",
        tuple(columns),
        [_row(results, group, method, beside) for method in results.experiment.methods],
        _note(results, group),
    )


def _row(results: Results, group: Group, method: str, beside: list[str]) -> TableRow:
    link = "#" + results.anchor(group, method)
    done = results.rows(group, method, results.primary)
    cells = [
        replace(
            mean_cell(results, group, method, results.primary),
            bold=stands_out(results, group, method),
            notes=marks(results, group, method),
        ),
        seeds_cell(results, len(results.averages(group, method, results.primary))),
        *(mean_cell(results, group, method, subset) for subset in beside),
        mean_cell(results, group, method, results.primary, "validation"),
        number_spread(budget(done, "trials")),
        number_spread(budget(done, "evaluations")),
    ]
    linked = [cell if cell.empty else replace(cell, link=link) for cell in cells]
    return [results.method_label(method), *linked]


def _note(results: Results, group: Group) -> str:
    domains = counted(len(group.held_out), "held-out domain")
    over = f"Mean over {domains} and over seeds{over_seeds(results)}"
    scored = [results.primary, *([results.beside] if results.beside else [])]
    sizes = listed(f"{images(results, group, one)} ({results.label(one)})" for one in scored)
    parts = [
        over,
        f"Scored images for each domain: {sizes}",
        "Settings tried, and evaluations of them on source validation, are counted for each unit",
    ]
    if any(results.interval(group, m, scored[0]) is None for m in results.experiment.methods):
        parts.append("Where a unit has no result, the average is withheld")
    teacher = results.teacher(group)
    means = [
        f"{accuracy(mean(teacher[subset][domain] for domain in group.held_out))} "
        f"({results.label(subset)})"
        for subset in scored
        if set(group.held_out) <= set(teacher.get(subset, ()))
    ]
    if means:
        parts.append(f"The teacher's zero-shot accuracy, mean over domains: {listed(means)}")
    said = f"{'. '.join(parts)}."
    return f"{said} {explained(results, [group])} {footer(results, [group])}"
