"""The standing of a method: what the pre-specified contrasts decided of it, from either side."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rise.report.analysis.group import Group
from rise.report.analysis.pairs import turned
from rise.report.analysis.results import Results
from rise.stats.decide import Verdict


class Judged(NamedTuple):
    """A verdict about a method, and the methods in relation to which it holds."""

    verdict: Verdict
    others: tuple[str, ...]


def judged(results: Results, group: Group, method: str) -> list[Judged]:
    """List what is decided of a method in a group: better first, then worse.

    A contrast counts for both of its methods: where one is better, the other is worse.
    """
    found = _others(results).get((group, method), {})
    return [Judged(one, tuple(found[one])) for one in ("better", "worse") if one in found]


def stands_out(results: Results, group: Group, method: str) -> bool:
    """Say whether a table prints a method in bold: it won a contrast here, and lost none.

    Of three methods in a circle, each better than the next, none stands out.
    """
    return [one.verdict for one in judged(results, group, method)] == ["better"]


@lru_cache(maxsize=1)
def _others(results: Results) -> dict[tuple[Group, str], dict[Verdict, list[str]]]:
    """Map group and method to the others by the verdict about it; made once for all tables."""
    found: dict[tuple[Group, str], dict[Verdict, list[str]]] = {}
    for (group, a, b), decision in zip(results.family, results.decisions, strict=True):
        if decision.verdict != "undecided":
            for method, other in ((a, b), (b, a)):
                of_method = found.setdefault((group, method), {})
                of_method.setdefault(turned(decision, method), []).append(other)
    return found


def all_judged(results: Results, groups: Sequence[Group]) -> list[Judged]:
    """List the different findings about any method in some groups, in declared order."""
    found = (
        one
        for method in results.experiment.methods
        for group in groups
        for one in judged(results, group, method)
    )
    return list(dict.fromkeys(found))
