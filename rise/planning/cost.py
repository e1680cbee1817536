"""Forecast what an experiment takes: trainings, steps, hours of a device, disk.

Units like finished ones are assumed to take as long; the rest is computed from the rates in
cost.yaml, which give the order of magnitude. Needs no data, weights or torch.
"""

import functools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

import yaml

from rise.catalog import lookup
from rise.catalog.protocols import protocols
from rise.catalog.schema import Dataset
from rise.decoding.scan import scan
from rise.experiment.identity import Identity
from rise.experiment.paths import cache_path, decoded_path
from rise.planning.measured import group_of, measured
from rise.planning.plan import Plan
from rise.planning.units import Unit


class Rate(TypedDict):
    """Images a second at an image size (px), and the source of the numbers."""

    px: int
    score: float
    train: NotRequired[float]
    source: str


class NetworkRates(TypedDict, total=False):
    """The rates of a student or teacher by device, and the bytes of its weights."""

    cpu: list[Rate]
    cuda: list[Rate]
    bytes: int


class Rates(TypedDict):
    """The content of cost.yaml; decoded: bytes of a decoded image."""

    students: dict[str, NetworkRates]
    teachers: dict[str, NetworkRates]
    views: dict[str, list[Rate] | None]
    decoded: int


HALF = 2  # bytes of a number in an embedding cache
# Weights in two checkpoints, one of which replaces the other: present, best, momentum.
CHECKPOINTS = 2 * 3


@dataclass
class Cost:
    """One line of the forecast; None stands for what is not known.

    basis: the sources of the hours (finished units, measured rates, assumed rates).
    """

    units: int = 0
    trainings: int = 0
    steps: int | None = 0
    hours: float | None = 0.0
    bytes: int | None = 0
    basis: frozenset[str] = frozenset()

    def add(self, other: "Cost") -> None:
        """Add what is known; a part that is not known makes the sum unknown."""
        for name in ("units", "trainings", "steps", "hours", "bytes"):
            mine, more = getattr(self, name), getattr(other, name)
            setattr(self, name, None if None in (mine, more) else mine + more)
        self.basis |= other.basis


@functools.cache
def model() -> Rates:
    """Read the rates of rise/planning/cost.yaml."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    loaded: Rates = yaml.safe_load(text)
    return loaded


def forecast(plan: Plan) -> dict[str, Cost]:
    """Forecast by line: the units of each dataset and variant, each decoded dataset and cache.

    All units count, finished ones too. The last line is the disk space that the largest unit needs
    while it runs.
    """
    lines: dict[str, Cost] = defaultdict(Cost)
    shared: dict[str, Cost] = {}
    known = measured(plan)
    for unit in plan.units.values():
        entry = lookup.dataset(unit.dataset, plan.experiment.datasets[unit.dataset].folder)
        method = lookup.method(unit.method, plan.experiment.methods[unit.method].file)
        cost = unit_cost(unit, entry, method.stages, plan.experiment.workers)
        if method.teachers and unit.identity.teacher_mode == "online":
            cost.add(online_cost(unit, cost.steps))
        if group_of(unit) in known:
            cost.hours = known[group_of(unit)].seconds / 3600
            cost.basis = frozenset({"finished units"})
        lines[f"{unit.dataset}, {unit.variant}"].add(cost)
        manifest = plan.manifests[unit.dataset]
        decoded = decoded_path(unit.identity.dataset, manifest)
        shared[f"decoded dataset {decoded.name}"] = _decoded_cost(entry)
        if any(path.name == "cache.json" for path in plan.inputs(unit)):
            cache = cache_path(unit.identity, manifest)
            shared[f"embedding cache {cache.name}"] = cache_cost(unit, entry)
    moments = [moment(unit) for unit in plan.units.values()]
    most = None if None in moments else max(filter(None, moments), default=0)
    return {**lines, **shared, "one unit at work": Cost(bytes=most)}


def moment(unit: Unit) -> int | None:
    """Compute the bytes that a unit needs while it runs, beside the weights that it keeps."""
    weights = _weights(unit)
    return weights and (len(unit.identity.settings) - 1 + CHECKPOINTS) * weights


def _weights(unit: Unit) -> int | None:
    """Return the bytes of a student's weights."""
    known = model()["students"].get(unit.identity.student.name, {})
    size: int | None = known.get("bytes")
    return size


def unit_cost(unit: Unit, entry: Dataset, stages: int, workers: int = 0) -> Cost:
    """Count all trainings of a unit, with the scoring of validation and held-out images.

    Each stage of a method trains for all epochs. Views are made before each step, or in
    parallel by workers.
    """
    identity = unit.identity
    recipe, student = identity.recipe, identity.student
    trainings = len(identity.settings)
    held_out = _images(entry, unit.held_out)
    sources = _images(entry, [name for name in entry.domains if name not in unit.held_out])
    known = model()["students"].get(student.name, {})
    # Those of the other trainings are deleted when one is selected.
    cost = Cost(1, trainings, None, None, _weights(unit))
    if sources is None or held_out is None:
        return cost
    train = int(sources * protocols()[identity.protocol].train_fraction)
    epochs = recipe.epochs * stages
    cost.steps = trainings * epochs * max(1, train // recipe.batch_size)
    px = student.image_size
    rates = [
        nearest(known.get(identity.device.kind), px),
        nearest(model()["views"].get(identity.views.policy), px),
    ]
    if rates[0]:
        scored = (sources - train) * math.ceil(epochs / recipe.evaluate_every)
        seconds = trainings * epochs * train * _step_seconds(rates, px, workers)
        seconds += (trainings * scored + held_out) * _seconds(rates, "score", px)
        cost.hours, cost.basis = seconds / 3600, _basis(rates)
    return cost


def online_cost(unit: Unit, steps: int | None) -> Cost:
    """Count a teacher that is run in every step: each image goes through its image tower."""
    identity = unit.identity
    teacher = lookup.teachers().get(identity.teacher.name)
    if steps is None or teacher is None or teacher.image_size is None:
        return Cost(hours=None)
    px, augmented = teacher.image_size, identity.tower.view == "augmented"
    viewed = augmented and px == identity.student.image_size
    rates = _tower_rates(identity, px, viewed)
    images = steps * identity.recipe.batch_size
    return Cost(hours=_hours(images, rates, px), basis=_basis(rates))


def cache_cost(unit: Unit, entry: Dataset) -> Cost:
    """Count an embedding cache: every view of every image embedded, in half precision."""
    identity = unit.identity
    images, views = _images(entry, entry.domains), identity.tower
    teacher = lookup.teachers().get(identity.teacher.name)
    cost = Cost(hours=None, bytes=None)
    if images is None or teacher is None or teacher.width is None or teacher.image_size is None:
        return cost
    cost.bytes = images * views.count * teacher.width * HALF
    rates = _tower_rates(identity, teacher.image_size)
    cost.hours = _hours(images * views.count, rates, teacher.image_size)
    cost.basis = _basis(rates)
    return cost


def _tower_rates(identity: Identity, px: int, viewed: bool = False) -> Sequence[Rate | None]:
    """Find the rates of a teacher at its size, and of its view unless that has been made."""
    tower = model()["teachers"].get(identity.teacher.name, {})
    view = None if viewed else nearest(model()["views"].get(identity.views.policy), px)
    return [nearest(tower.get(identity.device.kind), px), view]


def _hours(images: int, rates: Sequence[Rate | None], px: int) -> float | None:
    """Compute the hours of a teacher's images; None where its rate is not known."""
    tower, view = rates
    if tower is None:
        return None
    seconds = _seconds([tower], "score", px) + _seconds([view], "train", px)
    return images * seconds / 3600


def _basis(rates: Sequence[Rate | None]) -> frozenset[str]:
    """Say whether rates are measured or assumed."""
    return frozenset(
        "assumed rates" if rate["source"] == "assumed" else "measured rates"
        for rate in rates
        if rate
    )


def _decoded_cost(entry: Dataset) -> Cost:
    # Small drawings take next to nothing.
    images = 0 if entry.embedded else _images(entry, entry.domains)
    return Cost(bytes=images and images * model()["decoded"])


def _images(entry: Dataset, domains: Collection[str]) -> int | None:
    """Count the images of some domains; equal parts where the catalog has only the total.

    A custom dataset's are counted in its folder.
    """
    if entry.folder:
        listed = _listed(entry.folder)
        return sum(listed[name] for name in domains)
    if entry.counts:
        counts = [entry.counts[name] for name in domains]
        return sum(sum(one) if isinstance(one, list) else one for one in counts)
    return entry.images and entry.images * len(domains) // len(entry.domains)


@functools.cache
def _listed(folder: str) -> Counter[str]:
    """Count the images of each domain of a custom dataset, by name and without opening them."""
    images, _ = scan(Path(folder), lookup.dataset("", folder))
    return Counter(path.partition("/")[0] for path in images)


def nearest(rates: list[Rate] | None, px: int) -> Rate | None:
    """Choose the rate at the nearest image size; None where there is none."""
    return min(rates, key=lambda rate: abs(rate["px"] - px)) if rates else None


def _seconds(rates: Sequence[Rate | None], what: Literal["score", "train"], px: int) -> float:
    """Add up the seconds an image takes, one step of the work after the other."""
    total: float = sum((px / rate["px"]) ** 2 / float(rate[what]) for rate in rates if rate)
    return total


def _step_seconds(rates: Sequence[Rate | None], px: int, workers: int) -> float:
    """Time an image in training: the slower of student and workers, or both in turn."""
    if workers == 0:
        return _seconds(rates, "train", px)
    student, views = (_seconds([rate], "train", px) for rate in rates)
    return max(student, views / workers)
