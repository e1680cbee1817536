"""Marks and notes that the decision rule puts into a table and beneath a verdict."""

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.analysis.standing import Judged, all_judged, judged
from rise.report.render.escape import RAISED
from rise.report.render.format import counted, decimal, listed, p_value, spread
from rise.stats.decide import POWER
from rise.stats.minimum_difference import minimum_difference
from rise.stats.paired import MIN_SEEDS
from rise.stats.signflip import DRAWS, MAX_EXACT

LETTERS = list(RAISED)


def marks(results: Results, group: Group, method: str) -> str:
    """List the footnote letters of what was decided of a method here; "" where nothing was."""
    letters = _letters(results)
    return "".join(letters[one] for one in judged(results, group, method))


def explained(results: Results, groups: Sequence[Group]) -> str:
    """Explain bold and the letters of the main tables of some groups."""
    used = all_judged(results, groups)
    said = "The highest mean is not a result"
    if not used:
        return f"No pre-specified contrast is decided here, so nothing is bold. {said}."
    letters = _letters(results)
    each = [
        f"{letters[one]} {one.verdict} than {listed(map(results.method_label, one.others))}"
        for one in used
    ]
    rule = "Bold: better in a pre-specified contrast here, and worse in none"
    return f"{rule}. {'; '.join(each)}. {said}."


def footer(results: Results, groups: Sequence[Group]) -> str:
    """Say in short: seeds, family, smallest exact p, minimum detectable difference, budget."""
    rule, family = results.experiment.decision, len(results.family)
    seeds = len(results.seeds)
    if not family:
        return (
            f"{counted(seeds, 'seed')}; no contrast was pre-specified. {_budget(results, groups)}"
        )
    parts = [
        counted(seeds, "seed"),
        f"family of {counted(family, 'pre-specified contrast')}, level {rule.alpha:g} after Holm",
    ]
    if seeds < MIN_SEEDS:
        parts.append(f"fewer than {MIN_SEEDS} seeds are not tested")
    else:
        parts.append(f"smallest exact p of this number of seeds: {smallest(seeds, rule.alpha)}")
        parts.append(
            f"minimum detectable difference with power {POWER}: {_detectable(results, groups)}"
        )
    return f"{'; '.join(parts)}. {_budget(results, groups)}"


def smallest(seeds: int, alpha: float) -> str:
    """Write the smallest p that the exact test can give, also as a fraction."""
    step, arrangements = (2, 2**seeds) if seeds <= MAX_EXACT else (1, 1 + DRAWS)
    return f"{p_value(step / arrangements, alpha)} ({step}/{arrangements})"


@lru_cache(maxsize=1)
def _letters(results: Results) -> dict[Judged, str]:
    """Give each finding a letter, the same in all tables of a report."""
    return {
        one: LETTERS[at % len(LETTERS)] * (1 + at // len(LETTERS))
        for at, one in enumerate(all_judged(results, results.groups))
    }


def _detectable(results: Results, groups: Sequence[Group]) -> str:
    """In points with the spreads seen, or in standard deviations where there are none."""
    members = [
        (group, one)
        for (group, _, _), one in zip(results.family, results.decisions, strict=True)
        if group in groups
    ]
    found = [one.minimum_difference for _, one in members if one.minimum_difference is not None]
    if found:
        return f"{_range(found)} points, with the spread of each contrast"
    level = results.experiment.decision.alpha / len(results.family)
    in_sd = [
        minimum_difference(len(results.seeds), level, POWER, one.ratio or 0.0) for _, one in members
    ]
    return f"{_range(in_sd)} standard deviations of the paired differences"


def _range(values: Sequence[float]) -> str:
    return " to ".join(dict.fromkeys(map(decimal, (min(values), max(values)))))


def _budget(results: Results, groups: Sequence[Group]) -> str:
    frame = results.units
    here = pd.Series(False, index=frame.index)
    for group in groups:
        here |= (frame["dataset"] == group.dataset) & (frame["variant"] == group.variant)
    done = frame[here & (frame["status"] == "done")]
    if done.empty:
        return "Search budget: no unit is done."
    each = {
        method: (spread(rows["trials"].dropna()), spread(rows["evaluations"].dropna()))
        for method, rows in done.groupby("method", sort=False)
    }
    said = [
        f"settings tried {settings}, evaluations {evaluations}"
        for settings, evaluations in dict.fromkeys(each.values())
    ]
    same = "the same for every method" if len(said) == 1 else "not the same for every method"
    return f"Search budget of a unit, {same}: {' or '.join(said)}."
