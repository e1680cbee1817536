"""Print the forecast of an experiment, and say which of its numbers are measured or assumed."""

from rise.catalog import lookup
from rise.planning.cost import Cost, Rate, forecast, model, nearest
from rise.planning.measured import group_of, measured
from rise.planning.plan import Plan
from rise.planning.units import Unit
from rise.utils.text_grid import text_grid

HEAD = ("", "units", "trainings", "steps", "hours", "GB", "hours from")


def table(plan: Plan) -> str:
    """Lay out the forecast with its total, for a terminal."""
    lines = forecast(plan)
    total = Cost()
    for cost in lines.values():
        total.add(cost)
    rows = [HEAD, *(_row(name, cost) for name, cost in {**lines, "total": total}.items())]
    device, workers = plan.experiment.device, plan.experiment.workers
    made = f"in parallel by {workers} workers" if workers else "on one CPU core before each step"
    return "\n".join(
        [
            text_grid(rows, right=range(1, len(HEAD) - 1)),
            "",
            f"hours: on one {device} device, one job after the other, finished units included.",
            "They are the median of finished units where there are any; the others are computed",
            f"from rates (rise/planning/cost.yaml, float32), with views made {made};",
            "embedding caches and plain images are made on one CPU core, before the network.",
            "GB: estimated disk space in work/, which may be deleted afterwards: decoded datasets,",
            "embedding caches, the weights of each unit's selected training, and what one running",
            "unit needs (the same again for each further parallel job). A ? means that it is not",
            "known.",
            "",
            *sources(plan),
        ]
    )


def sources(plan: Plan) -> list[str]:
    """List the sources of a forecast's hours: finished units and rates, one line each."""
    known = measured(plan)
    lines = [
        f"{', '.join(group)}: {one.seconds:,.1f} s a unit, the median of {one.units} finished "
        f"(measured on {', '.join(one.devices)})"
        for group, one in known.items()
    ]
    used: dict[str, str] = {}
    for unit in plan.units.values():
        for name, rate in _rates(plan, unit, group_of(unit) in known).items():
            if rate:
                speed = f"{rate.get('train', rate['score'])} images/s at {rate['px']} px"
                used[name] = f"{name}: {speed} ({rate['source']})"
            elif not name.startswith("views"):
                used[name] = f"{name}: not known"
    return [*lines, *used.values()]


def _rates(plan: Plan, unit: Unit, done: bool) -> dict[str, Rate | None]:
    """Name the rates that a unit's forecast uses; of a measured unit only those of its cache."""
    identity = unit.identity
    device, policy, px = (
        identity.device.kind,
        identity.views.policy,
        identity.student.image_size,
    )
    found: dict[str, Rate | None] = {}
    if not done:
        student = identity.student.name
        found[f"{student} on {device}"] = nearest(
            model()["students"].get(student, {}).get(device), px
        )
    teachers = lookup.method(unit.method, plan.experiment.methods[unit.method].file).teachers
    if teachers:
        teacher = identity.teacher.name
        found[f"{teacher} on {device}"] = nearest(
            model()["teachers"].get(teacher, {}).get(device), px
        )
    if teachers or not done:
        found[f"views {policy}"] = nearest(model()["views"].get(policy), px)
    return found


def _row(name: str, cost: Cost) -> tuple[str, ...]:
    units, trainings = (f"{n:,}" if n else "" for n in (cost.units, cost.trainings))
    steps = "?" if cost.steps is None else f"{cost.steps:,}" if cost.steps else ""
    hours = "?" if cost.hours is None else f"{cost.hours:,.1f}" if cost.hours else ""
    size = "?" if cost.bytes is None else f"{cost.bytes / 1e9:,.2f}"
    basis = "" if cost.hours is None else ", ".join(sorted(cost.basis))
    return name, units, trainings, steps, hours, size, basis
