"""Forecast what an experiment takes: trainings, steps, hours of a device, disk (cost.yaml).

A forecast of the order of magnitude, made without data, weights or torch.
"""

import functools
import math
from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from rise.catalog import lookup
from rise.catalog.schema import Dataset
from rise.experiment.units import Unit, bank_path, pack_path
from rise.planning.plan import Plan
from rise.utils.text_grid import text_grid

HALF = 2  # bytes of a number in a bank
# Weights in two checkpoints, one of which replaces the other: present, best, momentum.
CHECKPOINTS = 2 * 3


@dataclass
class Cost:
    """What one line of the forecast takes; None is not known."""

    units: int = 0
    trainings: int = 0
    steps: int | None = 0
    hours: float | None = 0.0
    bytes: int | None = 0

    def add(self, other: "Cost") -> None:
        """Add what is known; a part that is not known makes the sum unknown."""
        for field in fields(self):
            mine, more = getattr(self, field.name), getattr(other, field.name)
            setattr(self, field.name, None if None in (mine, more) else mine + more)


@functools.cache
def model() -> dict[str, Any]:
    """The cost model of rise/planning/cost.yaml."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def forecast(plan: Plan) -> dict[str, Cost]:
    """Costs by line: the units of each dataset and variant, and each pack and bank they need.

    The last line is the disk that one unit takes while it works, of the one that takes most.

    All units count, finished ones too.
    """
    lines: dict[str, Cost] = defaultdict(Cost)
    shared: dict[str, Cost] = {}
    for unit in plan.units.values():
        entry = lookup.dataset(unit.dataset, plan.experiment.datasets[unit.dataset].folder)
        method = lookup.method(unit.method, plan.experiment.methods[unit.method].file)
        cost = unit_cost(unit, entry, method.stages, plan.experiment.workers)
        if method.teachers and unit.identity["teacher_mode"] == "online":
            cost.add(online_cost(unit, cost.steps))
        lines[f"{unit.dataset}, {unit.variant}"].add(cost)
        manifest = plan.manifests[unit.dataset]
        pack = pack_path(unit.identity["dataset"], manifest)
        shared[f"pack {pack.name}"] = _pack_cost(entry)
        if any(path.name == "bank.json" for path in plan.inputs(unit)):
            bank = bank_path(unit.identity, manifest)
            shared[f"bank {bank.name}"] = bank_cost(unit, entry)
    moments = [moment(unit) for unit in plan.units.values()]
    most = None if None in moments else max(filter(None, moments), default=0)
    return {**lines, **shared, "one unit at work": Cost(bytes=most)}


def moment(unit: Unit) -> int | None:
    """Bytes that a unit takes while it works beside the weights that it keeps; None: not known."""
    weights = _weights(unit)
    return weights and (len(unit.identity["settings"]) - 1 + CHECKPOINTS) * weights


def _weights(unit: Unit) -> int | None:
    """Bytes of a student's weights."""
    known = model()["students"].get(unit.identity["student"]["name"], {})
    size: int | None = known.get("bytes")
    return size


def unit_cost(unit: Unit, entry: Dataset, stages: int, workers: int = 0) -> Cost:
    """All trainings of a unit, with the scoring of validation and held-out images.

    Each stage of a method trains for all epochs. Views are made before each step, or by workers
    beside it.
    """
    identity = unit.identity
    recipe, student = identity["recipe"], identity["student"]
    trainings = len(identity["settings"])
    held_out = _images(entry, unit.held_out)
    sources = _images(entry, [name for name in entry.domains if name not in unit.held_out])
    known = model()["students"].get(student["name"], {})
    # Those of the other trainings are deleted when one is selected.
    cost = Cost(1, trainings, None, None, _weights(unit))
    if sources is None or held_out is None:
        return cost
    train = int(sources * model()["train"][identity["protocol"]])
    epochs = recipe["epochs"] * stages
    cost.steps = trainings * epochs * max(1, train // recipe["batch_size"])
    px = student["image_size"]
    rates = [
        _nearest(known.get(identity["device"]["class"]), px),
        _nearest(model()["views"][identity["views"]["policy"]], px),
    ]
    if rates[0]:
        scored = (sources - train) * math.ceil(epochs / recipe["evaluate_every"])
        seconds = trainings * epochs * train * _step_seconds(rates, px, workers)
        seconds += (trainings * scored + held_out) * _seconds(rates, "score", px)
        cost.hours = seconds / 3600
    return cost


def online_cost(unit: Unit, steps: int | None) -> Cost:
    """A teacher that is asked in every step: each image through its tower."""
    identity = unit.identity
    teacher = lookup.teachers().get(identity["teacher"]["name"])
    if steps is None or teacher is None or teacher.image_size is None:
        return Cost(hours=None)
    px, augmented = teacher.image_size, identity["tower"]["view"] == "augmented"
    viewed = augmented and px == identity["student"]["image_size"]
    seconds = _tower_seconds(identity, px, viewed)
    return Cost(hours=seconds and steps * identity["recipe"]["batch_size"] * seconds / 3600)


def bank_cost(unit: Unit, entry: Dataset) -> Cost:
    """A bank: every view of every image through the teacher, kept as half-precision numbers."""
    identity = unit.identity
    images, views = _images(entry, entry.domains), identity["tower"]
    teacher = lookup.teachers().get(identity["teacher"]["name"])
    cost = Cost(hours=None, bytes=None)
    if images is None or teacher is None or teacher.width is None or teacher.image_size is None:
        return cost
    cost.bytes = images * views["count"] * teacher.width * HALF
    seconds = _tower_seconds(identity, teacher.image_size)
    if seconds is not None:
        cost.hours = images * views["count"] * seconds / 3600
    return cost


def _tower_seconds(identity: dict[str, Any], px: int, viewed: bool = False) -> float | None:
    """Seconds of a teacher for an image at its size, with its view unless it has been made."""
    tower = model()["teachers"].get(identity["teacher"]["name"], {})
    rate = _nearest(tower.get(identity["device"]["class"]), px)
    if rate is None:
        return None
    view = None if viewed else _nearest(model()["views"][identity["views"]["policy"]], px)
    return _seconds([rate], "score", px) + _seconds([view], "train", px)


def _pack_cost(entry: Dataset) -> Cost:
    # Small drawings take next to nothing.
    images = 0 if entry.embedded else _images(entry, entry.domains)
    return Cost(bytes=images and images * model()["pack"])


def _images(entry: Dataset, domains: Any) -> int | None:
    """Images of some domains, as the catalogue counts them; equal parts where it counts all."""
    if entry.counts:
        counts = [entry.counts[name] for name in domains]
        return sum(sum(one) if isinstance(one, list) else one for one in counts)
    return entry.images and entry.images * len(domains) // len(entry.domains)


def _nearest(rates: list[dict[str, Any]] | None, px: int) -> dict[str, Any] | None:
    """Of the measured or assumed rates the one at the nearest size."""
    return min(rates, key=lambda rate: abs(rate["px"] - px)) if rates else None


def _seconds(rates: list[dict[str, Any] | None], what: str, px: int) -> float:
    """Seconds an image, one step of the work after the other."""
    total: float = sum((px / rate["px"]) ** 2 / float(rate[what]) for rate in rates if rate)
    return total


def _step_seconds(rates: list[dict[str, Any] | None], px: int, workers: int) -> float:
    """Seconds an image in training: the slower of student and workers, or one after the other."""
    if workers == 0:
        return _seconds(rates, "train", px)
    student, views = (_seconds([rate], "train", px) for rate in rates)
    return max(student, views / workers)


def sources(plan: Plan) -> list[str]:
    """Where the rates that a forecast uses are from, one line each."""
    used: dict[str, str] = {}
    for unit in plan.units.values():
        identity = unit.identity
        device, policy = identity["device"]["class"], identity["views"]["policy"]
        student, teacher = identity["student"], identity["teacher"]["name"]
        px = student["image_size"]
        networks = model()["students"].get(student["name"], {})
        found = {
            f"{student['name']} on {device}": _nearest(networks.get(device), px),
            f"views {policy}": _nearest(model()["views"][policy], px),
        }
        file = plan.experiment.methods[unit.method].file
        if lookup.method(unit.method, file).teachers:
            towers = model()["teachers"].get(teacher, {})
            found[f"{teacher} on {device}"] = _nearest(towers.get(device), px)
        for name, rate in found.items():
            if rate:
                speed = f"{rate.get('train', rate['score'])} images/s at {rate['px']} px"
                used[name] = f"{name}: {speed} ({rate['source']})"
            elif not name.startswith("views"):
                used[name] = f"{name}: not known"
    return list(used.values())


def table(plan: Plan) -> str:
    """The forecast with its total, for a terminal."""
    lines = forecast(plan)
    total = Cost()
    for cost in lines.values():
        total.add(cost)
    rows = [_row(name, cost) for name, cost in {**lines, "total": total}.items()]
    head = ("", "units", "trainings", "steps", "hours", "GB")
    device, workers = plan.experiment.device, plan.experiment.workers
    made = (
        f"by {workers} workers beside training" if workers else "on one CPU core before each step"
    )
    return "\n".join(
        [
            text_grid([head, *rows], right=range(1, len(head))),
            "",
            f"hours: of one {device} device, one job after the other; views made {made}",
            "banks and plain images: on one CPU core, before the network",
            "GB: in work/: packs, banks, weights of each unit's selected training, what one unit",
            "holds while it works (each further job at a time as much); delete it afterwards",
            "A forecast; ? is not known. Rates, from rise/planning/cost.yaml, all in float32:",
            *(f"  {line}" for line in sources(plan)),
        ]
    )


def _row(name: str, cost: Cost) -> tuple[str, ...]:
    units, trainings = (f"{n:,}" if n else "" for n in (cost.units, cost.trainings))
    steps = "?" if cost.steps is None else f"{cost.steps:,}" if cost.steps else ""
    hours = "?" if cost.hours is None else f"{cost.hours:,.1f}" if cost.hours else ""
    size = "?" if cost.bytes is None else f"{cost.bytes / 1e9:,.2f}"
    return name, units, trainings, steps, hours, size
