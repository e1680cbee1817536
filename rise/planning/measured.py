"""Read how long the finished units of an experiment took, to forecast the others by it."""

from collections import defaultdict
from statistics import median
from typing import NamedTuple

from rise.errors import ResultError
from rise.experiment.record import read_record
from rise.planning.aside import record_path
from rise.planning.plan import Plan
from rise.planning.units import Unit

UnitGroup = tuple[str, str, str]


class Measured(NamedTuple):
    """The median seconds of some finished units, how many they are, and the devices they ran on."""

    seconds: float
    units: int
    devices: tuple[str, ...]


def group_of(unit: Unit) -> UnitGroup:
    """Return a unit's (dataset, variant, method); units of one group take about as long."""
    return unit.dataset, unit.variant, unit.method


def measured(plan: Plan) -> dict[UnitGroup, Measured]:
    """Measure the groups that have finished units, without resumed ones, whose times are partial.

    Records of another identity are ignored.
    """
    found: dict[UnitGroup, list[tuple[float, str]]] = defaultdict(list)
    stale = plan.look().stale
    for unit in plan.units.values():
        try:
            record = read_record(record_path(unit))
        except ResultError:
            continue
        told = record.provenance
        if unit.key not in stale and told.get("seconds") and not told.get("resumed"):
            found[group_of(unit)].append((told["seconds"], told.get("device", "unknown device")))
    return {
        group: Measured(
            median(seconds for seconds, _ in runs),
            len(runs),
            tuple(sorted({device for _, device in runs})),
        )
        for group, runs in found.items()
    }
