"""Compute how many seeds a difference needs, from the spread of a finished experiment."""

from rise.errors import ResultError
from rise.planning.cost import Cost, forecast
from rise.planning.plan import Plan
from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING, decimal
from rise.report.render.table import Cell, Table, TableRow, number
from rise.stats.decide import POWER
from rise.stats.paired import MIN_SEEDS
from rise.stats.power import MAX_SEEDS, seeds_needed, spread_interval


def seeds_table(plan: Plan, results: Results, difference: float) -> Table:
    """Tabulate the seeds that a test of each contrast needs so as not to miss a difference.

    Args:
        plan: of the pilot, whose next and larger run is planned.
        results: of the pilot.
        difference: in points, that shall not be missed; declared, never the observed one.

    Raises:
        ResultError: no contrast is declared, or none has three finished seeds.
    """
    if not results.family:
        raise ResultError(f"{plan.experiment.name}: declares no contrast; there is nothing to plan")
    if not any(_spread(results, *member) is not None for member in results.family):
        raise ResultError(
            f"{plan.results}: is no pilot yet: no contrast has all its seeds, at least "
            f"{MIN_SEEDS}; run it first"
        )
    rule, hours = results.experiment.decision, _hours_of_a_seed(plan)
    return Table(
        f"Seeds to find a difference of {decimal(difference)} points",
        ("Contrast", "Dataset", "pilot's seeds", "spread", "seeds", "hours", "at most"),
        [_row(results, *member, difference, hours) for member in results.family],
        f"Power {POWER} at level {rule.alpha:g}/{len(results.family)} (Holm's first step). Spread: "
        "standard deviation of the paired differences over the pilot's seeds, in points. At most: "
        "seeds if the true spread is the largest that the pilot leaves possible (95 % interval). "
        "Hours: of all units of so many seeds on one device, by rise/planning/cost.yaml. Specify "
        "the seeds in a new experiment before it runs; the pilot's do not count again.",
    )


def _row(
    results: Results, group: Group, a: str, b: str, difference: float, hours: float | None
) -> TableRow:
    start: TableRow = (results.contrast_label(a, b), group.label)
    spread = _spread(results, group, a, b)
    if spread is None:
        return (*start, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    seeds = len(results.seeds)
    start = (*start, number(seeds, str), number(spread, decimal))
    if spread == 0:
        return (*start, NOTHING, NOTHING, NOTHING)
    rule, family = results.experiment.decision, len(results.family)
    _, largest = spread_interval(spread, seeds)
    needed, most = (_needed(difference, sd, rule.alpha, family) for sd in (spread, largest))
    took = None if hours is None or needed is None else needed * hours
    return (*start, _seeds(needed), number(took, "{:.1f}".format), _seeds(most))


def _spread(results: Results, group: Group, a: str, b: str) -> float | None:
    """Standard deviation of the paired differences in points; None where there is no pilot yet."""
    values = results.differences(group, a, b, results.primary)
    if values is None or len(values) < MIN_SEEDS or results.ratio(group) is not None:
        return None
    return float(values.std(ddof=1))


def _needed(difference: float, sd: float, alpha: float, family: int) -> int | None:
    """Compute the seeds needed; None if they are more than anyone trains."""
    # The normal approximation, far from its limits, decides whether a search makes sense.
    if (sd / difference) ** 2 * 20 > MAX_SEEDS:
        return None
    return seeds_needed(difference, sd, alpha, family, POWER)


def _seeds(needed: int | None) -> Cell:
    return Cell(f">{MAX_SEEDS:,}", MAX_SEEDS) if needed is None else number(needed, str)


def _hours_of_a_seed(plan: Plan) -> float | None:
    total = Cost()
    for cost in forecast(plan).values():
        total.add(Cost(hours=cost.hours))
    return None if total.hours is None else total.hours / len(plan.experiment.seed_list)
