"""Two methods: the test of their protocol, and the verdict if they were a contrast."""

from numpy.typing import ArrayLike

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.stats.corrected import corrected_t
from rise.stats.decide import Agreeing, Decision, Verdict
from rise.stats.paired import PairedT, paired_t

# Two levels closer than this are one, but for the rounding of 1 - alpha.
ONE_LEVEL = 1e-12
TURNED: dict[Verdict, Verdict] = {
    "better": "worse",
    "worse": "better",
    "undecided": "undecided",
}


def tested(results: Results, group: Group, differences: ArrayLike) -> PairedT:
    """Run the t test that belongs to a group's protocol.

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
    """See a verdict from either of the two methods."""
    return decision.verdict if decision.a == first else TURNED[decision.verdict]


def beside(results: Results, decision: Decision) -> Agreeing | None:
    """Return the interval that agrees with a verdict, to stand beside that of the contrast alone.

    None where the two are one: for a family of one contrast, or where Holm's method leaves one.
    """
    one = decision.agreeing
    same = one is None or abs(one.level - results.experiment.decision.level) < ONE_LEVEL
    return None if same else one


def declared_pair(results: Results, group: Group, a: str, b: str) -> Decision | None:
    """Find the decision about two methods in either order; None if they are no contrast."""
    for (at, first, second), decision in zip(results.family, results.decisions, strict=True):
        if at == group and {first, second} == {a, b}:
            return decision
    return None
