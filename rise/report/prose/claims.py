"""Say what each pre-specified contrast supports, and what it does not."""

from rise.report.analysis.group import Group
from rise.report.analysis.pairs import beside
from rise.report.analysis.results import Results
from rise.report.render.escape import markdown_text
from rise.report.render.format import (
    counted,
    decimal,
    interval_name,
    listed,
    p_value,
    points,
    points_interval,
)
from rise.stats.decide import POWER, Decision
from rise.stats.minimum_difference import minimum_difference
from rise.stats.paired import MIN_SEEDS, PairedT

# Undecided datasets are counted where there are more.
NAMED = 3


def short(results: Results) -> str:
    """Say all verdicts in few words, those against the first method in the same words as others."""
    if not results.decisions:
        return "No contrast was pre-specified, so nothing was tested."
    if len(results.groups) == 1:
        parts = [_claim(results, decision) + _mean(decision) for decision in results.decisions]
        return f"In short: {'; '.join(parts)}."
    pairs = [
        f"- **{markdown_text(results.contrast_label(a, b))}**: {_where(results.decisions, a, b)}"
        for a, b in results.experiment.contrasts
    ]
    return "\n".join(["In short:\n", *pairs])


def _where(decisions: list[Decision], a: str, b: str) -> str:
    """Name the datasets on which a contrast is better, worse and undecided."""
    ours = [one for one in decisions if (one.a, one.b) == (a, b)]
    parts = []
    for verdict in ("better", "worse", "undecided"):
        found = [one for one in ours if one.verdict == verdict]
        where = listed(markdown_text(one.dataset) + _mean(one) for one in found) if found else ""
        if verdict == "undecided" and len(found) > NAMED:
            where = f"all {len(found)}" if len(found) == len(ours) else f"the other {len(found)}"
        parts += [f"{verdict} on {where}"] if found else []
    return "; ".join(parts)


def sentences(results: Results) -> list[str]:
    """Write a paragraph of Markdown for each pre-specified contrast, in the file's order."""
    return [
        _sentence(results, group, decision)
        for (group, _, _), decision in zip(results.family, results.decisions, strict=True)
    ]


def _sentence(results: Results, group: Group, decision: Decision) -> str:
    rule = results.experiment.decision
    start = f"**{_claim(results, decision)}** on {markdown_text(group.label)}"
    if decision.t is None or decision.status != "ok":
        return f"{start}: {_untested(results, group, decision)}"
    numbers = (
        f"{start}: {points(decision.t.mean)} points, {interval_name(rule.level)} "
        f"{points_interval(decision.t.low, decision.t.high)}{_beside(results, decision)}, "
        f"{counted(decision.t.n, 'seed')}, Holm p {p_value(decision.p_holm, rule.alpha)}."
    )
    if decision.verdict == "undecided":
        return f"{numbers} {_undecided(decision, decision.t, len(results.family))}"
    return f"{numbers}{_exact(decision, rule.alpha)}"


def _beside(results: Results, decision: Decision) -> str:
    """Write the interval that agrees with the verdict, where it is another one."""
    one = beside(results, decision)
    if one is None:
        return ""
    return f", Holm's {interval_name(one.level)} {points_interval(one.low, one.high)}"


def _claim(results: Results, decision: Decision) -> str:
    if decision.verdict == "undecided":
        return f"{markdown_text(results.contrast_label(decision.a, decision.b))} is undecided"
    a, b = (markdown_text(results.method_label(method)) for method in (decision.a, decision.b))
    return f"{a} is {decision.verdict} than {b}"


def _mean(decision: Decision) -> str:
    mean = decision.t.mean if decision.t else None
    return "" if mean is None else f" ({points(mean)} points)"


def _undecided(decision: Decision, t: PairedT, family: int) -> str:
    alone = ""
    if t.low is not None and t.high is not None and t.low * t.high > 0:
        alone = (
            "The interval of this contrast alone excludes zero, which is not enough after "
            f"correction for a family of {family}. "
        )
    return (
        f"{alone}With {counted(t.n, 'seed')} and this spread, the minimum detectable difference "
        f"is {decimal(decision.minimum_difference)} points (power {POWER}). A smaller difference "
        "may exist in either direction, so the two methods must not be called equal."
    )


def _untested(results: Results, group: Group, decision: Decision) -> str:
    """Explain why there is no test, and what a test with the declared seeds could find."""
    declared = len(results.seeds)
    if declared < MIN_SEEDS:
        could = "A difference of any size would have stayed undecided."
    else:
        alpha = results.experiment.decision.alpha / len(results.family)
        in_sd = minimum_difference(declared, alpha, POWER, decision.ratio or 0.0)
        could = (
            f"With {declared} seeds the minimum detectable difference is {decimal(in_sd)} "
            f"standard deviations of the paired differences (power {POWER})."
        )
    return f"{_why(results, group, decision)} {could}"


def _why(results: Results, group: Group, decision: Decision) -> str:
    declared, t = len(results.seeds), decision.t
    if t is None:
        complete = results.complete(group, decision.a, decision.b)
        return (
            f"{complete} of {declared} seeds have a result for both methods in every "
            "held-out domain, and all are needed."
        )
    if t.status == "too few":
        return (
            f"{points(t.mean)} points, but {counted(t.n, 'seed')} cannot be tested; "
            f"{MIN_SEEDS} are the least."
        )
    if t.status == "identical":
        return (
            f"both methods have the same score for each of the {t.n} seeds. Check that the two "
            "really differ before drawing any conclusion."
        )
    return (
        f"the difference is {points(t.mean)} points for each of the {t.n} seeds. Check that the "
        "seed reaches the training before drawing any conclusion."
    )


def _exact(decision: Decision, alpha: float) -> str:
    """Say where the exact test does not agree, unless it is exploratory."""
    flip = decision.flip
    if flip is None or flip.p <= alpha or decision.test != "paired t":
        return ""
    if flip.smallest > alpha:
        return (
            f" The exact sign-flip test cannot confirm this: with so few seeds its p is never "
            f"below {p_value(flip.smallest, alpha)}."
        )
    return f" The exact sign-flip test does not confirm this (p {p_value(flip.p, alpha)})."


def protocol(results: Results) -> str:
    """Say whether the way of scoring decides the sign of a contrast, from the data."""
    several = len(results.groups) > 1
    turned: list[str] = []
    unsure: list[str] = []
    compared = 0
    for (group, a, b), head, other in results.both_ways:
        if head.t is None or other.t is None or head.t.mean is None or other.t.mean is None:
            continue
        compared += 1
        if head.t.mean * other.t.mean < 0:
            name = markdown_text(
                results.contrast_label(a, b) + (f" on {group.label}" if several else "")
            )
            clear = all(t.low is not None and t.low * (t.high or 0) > 0 for t in (head.t, other.t))
            (turned if clear else unsure).append(name)
    parts = []
    if turned:
        parts.append(
            f"**The protocol decides the sign** of {'; '.join(turned)}: the method that is ahead "
            "on one of the two sets of scored images is behind on the other. Most images of the "
            "whole domain show an identity that training saw in another style; the test "
            "identities were never seen."
        )
    if unsure:
        parts.append(
            f"The sign of {'; '.join(unsure)} differs between the two sets of scored images, but "
            "at least one of the two intervals includes zero."
        )
    if compared < len(results.both_ways):
        parts.append(f"Compared so far: {compared} of {len(results.both_ways)} contrasts.")
    elif not parts:
        parts.append("No contrast changes its sign with the set of scored images here.")
    parts.append("A number here means nothing without the set of images that it was scored on.")
    return " ".join(parts)
