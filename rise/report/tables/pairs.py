"""Every pair of methods of a dataset in one matrix."""

import itertools

from rise.report.analysis.group import Group
from rise.report.analysis.pairs import declared_pair, tested, turned
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING, p_value, points
from rise.report.render.table import Cell, Table
from rise.report.tables._footnotes import footer
from rise.stats.multiplicity import benjamini_hochberg
from rise.stats.paired import PairedT

NAME, HEADING, ORDER = "pairs", "Every pair of methods", 1000
Pair = tuple[str, str]


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant, none for one method."""
    several = len(results.experiment.methods) > 1
    return [pairs_table(results, group) for group in results.groups if several]


def pairs_table(results: Results, group: Group) -> Table:
    """Build one of them: mean paired differences, exploratory but for pre-specified contrasts."""
    methods = list(results.experiment.methods)
    cells = _cells(results, group, list(itertools.combinations(methods, 2)))
    rows = [
        (results.method_label(a), *(cells.get((a, b), "") for b in methods[1:]))
        for a in methods[:-1]
    ]
    return Table(
        f"{group.label}: every pair of methods, exploratory",
        ("Row minus column", *(results.method_label(method) for method in methods[1:])),
        rows,
        f"Differences in points on {results.label(results.primary)}, averaged over held-out "
        "domains, paired by seed. In brackets: Benjamini and Hochberg's q over the pairs of this "
        "table that were not pre-specified; such a pair is exploratory, whatever its q. A verdict "
        "(better, worse, undecided: of the row) stands where the contrast was pre-specified. "
        f"{footer(results, [group])}",
    )


def _cells(results: Results, group: Group, pairs: list[Pair]) -> dict[Pair, Cell]:
    cells: dict[Pair, Cell] = {}
    browsed: dict[Pair, PairedT] = {}
    for pair in pairs:
        values = results.differences(group, *pair, results.primary)
        decision = declared_pair(results, group, *pair)
        if values is None:
            cells[pair] = Cell(NOTHING)
        elif decision is not None:
            mean = float(values.mean())
            cells[pair] = Cell(f"{points(mean)} {turned(decision, pair[0])}", mean)
        else:
            browsed[pair] = tested(results, group, values)
    adjusted = benjamini_hochberg([test.p for test in browsed.values()])
    for (pair, test), q in zip(browsed.items(), adjusted, strict=True):
        said = "no test" if test.p is None else p_value(float(q), results.experiment.decision.alpha)
        cells[pair] = Cell(f"{points(test.mean)} ({said})", test.mean)
    return cells
