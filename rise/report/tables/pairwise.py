"""Every pair of methods of a dataset in one matrix."""

import itertools

from numpy.typing import ArrayLike

from rise.report.analysis import Group, Results, method_label
from rise.report.prose.footnotes import footer
from rise.report.render.format import NOTHING, p_value, points
from rise.report.render.table import Table
from rise.stats.corrected import corrected_t
from rise.stats.decide import Decision, Verdict
from rise.stats.multiplicity import benjamini_hochberg
from rise.stats.paired import PairedT, paired_t

Pair = tuple[str, str]
TURNED: dict[Verdict, Verdict] = {
    "better": "worse",
    "worse": "better",
    "undecided": "undecided",
}


def pairs_table(results: Results, group: Group) -> Table:
    """Mean paired differences of all pairs of methods; exploratory but for declared contrasts."""
    methods = list(results.experiment.methods)
    cells = _cells(results, group, list(itertools.combinations(methods, 2)))
    rows = [(method_label(a), *(cells.get((a, b), "") for b in methods[1:])) for a in methods[:-1]]
    return Table(
        f"{group.label}: every pair of methods, exploratory",
        ("Row minus column", *(method_label(method) for method in methods[1:])),
        tuple(rows),
        f"Differences in points on {results.label(results.headline)}, averaged over held-out "
        "domains, paired by seed. In brackets: Benjamini and Hochberg's q over the pairs of this "
        "table that were not declared; such a pair is exploratory, whatever its q. A verdict "
        "(better, worse, undecided: of the row) stands where the contrast was declared. "
        f"{footer(results, [group])}",
    )


def tested(results: Results, group: Group, differences: ArrayLike) -> PairedT:
    """The t test that belongs to a group's protocol.

    Args:
        results: of the experiment.
        group: where the methods are compared.
        differences: float64 (n,) in points, one a seed.
    """
    level, ratio = results.experiment.decision.level, results.ratio(group)
    if ratio is None:
        return paired_t(differences, level)
    return corrected_t(differences, ratio=ratio, level=level)


def turned(decision: Decision, first: str) -> Verdict:
    """The declared rule's verdict, seen from either of the two methods."""
    return decision.verdict if decision.a == first else TURNED[decision.verdict]


def declared_pair(results: Results, group: Group, a: str, b: str) -> Decision | None:
    """The decision about two methods in either order; None if they were not declared."""
    for (at, first, second), decision in zip(results.family, results.decisions, strict=True):
        if at == group and {first, second} == {a, b}:
            return decision
    return None


def _cells(results: Results, group: Group, pairs: list[Pair]) -> dict[Pair, str]:
    cells: dict[Pair, str] = {}
    browsed: dict[Pair, PairedT] = {}
    for pair in pairs:
        values = results.differences(group, *pair, results.headline)
        decision = declared_pair(results, group, *pair)
        if values is None:
            cells[pair] = NOTHING
        elif decision is not None:
            cells[pair] = f"{points(float(values.mean()))} {turned(decision, pair[0])}"
        else:
            browsed[pair] = tested(results, group, values)
    adjusted = benjamini_hochberg([test.p for test in browsed.values()])
    for (pair, test), q in zip(browsed.items(), adjusted, strict=True):
        said = "no test" if test.p is None else p_value(float(q))
        cells[pair] = f"{points(test.mean)} ({said})"
    return cells
