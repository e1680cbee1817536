"""The expected content of a results folder, by the present code or by its own records."""

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from rise.catalog import lookup
from rise.config.load import Experiment
from rise.config.schema import DatasetChoice
from rise.errors import ResultError, RiseError
from rise.experiment.key import UnitKey, held_out_of
from rise.experiment.path_part import name_of, path_part
from rise.experiment.paths import zero_shot_name
from rise.experiment.record import Record
from rise.results.ledger import Ledger, read_ledger
from rise.results.read import read_plain
from rise.utils.io import JsonObject, canonical, digest, write_text

# The keys that distinguish the units of a method, and the methods of a dataset and variant.
OF_UNIT = ("held_out", "seed")
OF_METHOD = ("method", "settings")


@dataclass(frozen=True)
class ExpectedUnit(UnitKey):
    """A unit that a results folder should hold, with the identity that its record must have.

    The identity is plain JSON: a record may be of a version with other keys.
    """

    identity: Mapping[str, Any] = field(compare=False)

    @cached_property
    def digest(self) -> str:
        """sha256 over the canonical JSON of its identity."""
        return digest(self.identity)


@dataclass(frozen=True, eq=False)
class Expected:
    """The units that a results folder should hold, in declared order.

    Attributes:
        experiment: the declared experiment.
        folder: results/NAME, or a copy of it.
        units: with the identities that their records must have.
        manifests: by dataset the digest of its files on this disk, None if any is accepted.
        recorded: true if the records themselves define what is expected.
        zero_shots: by dataset and variant the file of the teacher's zero-shot accuracy, where it is
            asked for.
        ledger: the revisions of the code that count as one.
    """

    experiment: Experiment
    folder: Path
    units: list[ExpectedUnit]
    manifests: dict[str, str | None]
    recorded: bool
    zero_shots: dict[tuple[str, str], Path] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=read_ledger)

    def place(self, unit: ExpectedUnit) -> Path:
        """Return the folder of a unit."""
        return self.folder / "units" / unit.key

    def is_of(self, record: Record, unit: ExpectedUnit) -> bool:
        """Say whether a record is the unit's, or equivalent by the ledger."""
        made = record.science.identity
        return record.digest == unit.digest or self.ledger.same(made, unit.identity)

    def carried_on(self, record: Record, unit: ExpectedUnit) -> str | None:
        """Return the date of the replay by which a record of other code counts as the unit's."""
        if record.digest == unit.digest:
            return None
        entry = self.ledger.entry_between(record.science.identity, unit.identity)
        return entry.date if entry else None

    @cached_property
    def owners(self) -> dict[str, ExpectedUnit]:
        """Units by digest."""
        return {unit.digest: unit for unit in self.units}

    @cached_property
    def keys(self) -> dict[tuple[Any, ...], str]:
        """Keys of units by what tells the rows of a table apart (`UnitKey.columns`)."""
        return {tuple(unit.columns.values()): unit.key for unit in self.units}

    def zero_shot(self, dataset: str, variant: str) -> Path | None:
        """Return the file of the teacher's zero-shot accuracy, if it is there."""
        if not self.recorded:
            path = self.zero_shots.get((dataset, variant))
            return path if path and path.exists() else None
        identity = next(
            one.identity for one in self.units if (one.dataset, one.variant) == (dataset, variant)
        )
        if "teacher" not in identity:
            return None
        # Its name ends with a digest of the code that made it.
        names = identity["dataset"]["name"], identity["teacher"]["name"]
        pattern = zero_shot_name(*names, "[0-9a-f]" * 12)
        found = list((self.folder / "teacher").glob(pattern))
        return found[0] if len(found) == 1 else None


class Recorded(Experiment):
    """An experiment as it was run: its names need not be in the present catalog or on disk."""

    @model_validator(mode="after")
    def _no_faults(self) -> "Recorded":
        return self


def agreed(folder: Path) -> Expected:
    """Read what a results folder declares, and what most of its records agree on.

    Neither the code nor the data nor the weights that made it are needed. Within a dataset and
    variant all records share everything but held-out domains and seed, and what belongs to a
    method (its code, the settings searched); the first declared win a tie.

    Raises:
        ResultError: experiment.json is missing or cannot be read.
    """
    experiment, ledger = read_recorded(folder), read_ledger()
    grid = cells(experiment, folder)
    common, own = _Votes(), _Votes()
    for cell in grid:
        identity, weight = _identity(folder / "units" / cell.key)
        identity = ledger.settled(identity)
        if _in_place(cell, identity, experiment.datasets[cell.dataset]):
            ours = {key: identity.get(key) for key in OF_METHOD}
            rest = {k: v for k, v in identity.items() if k not in (*OF_UNIT, *OF_METHOD)}
            common.add((cell.dataset, cell.variant), rest, weight)
            own.add((cell.dataset, cell.variant, cell.method), ours, weight)
    shared, of_method = common.taken(), own.taken()
    found = [
        replace(
            cell,
            identity={
                **cell.identity,
                **shared.get((cell.dataset, cell.variant), {}),
                **of_method.get((cell.dataset, cell.variant, cell.method), {}),
            },
        )
        for cell in grid
    ]
    nothing = dict.fromkeys(experiment.datasets)
    return Expected(experiment, folder, found, nothing, recorded=True)


def read_recorded(folder: Path) -> Recorded:
    """Read the experiment.json of a results folder; its name is the folder's.

    Raises:
        ResultError: it is missing or cannot be read.
    """
    path = folder / "experiment.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Recorded.model_validate({**values, "name": name_of(folder.resolve().name)})
    except OSError as error:
        raise ResultError(
            f"{path}: cannot be read ({error.strerror}); name a folder such as results/demo"
        ) from error
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ResultError(
            f"{path}: {place}: is not known to this version of rise; use the version that wrote it"
        ) from error
    except (ValueError, TypeError) as error:
        raise ResultError(f"{path}: is not a JSON mapping; copy the folder again") from error


def write_recorded(experiment: Experiment, folder: Path) -> None:
    """Write the experiment.json of a results folder, unless it is up to date.

    Keys are in declared order, which is the order of datasets and methods in a report.
    """
    path = folder / "experiment.json"
    text = json.dumps(experiment.model_dump(mode="json"), indent=2, allow_nan=False) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def held_out_groups(dataset: str, choice: DatasetChoice) -> list[tuple[str, ...]]:
    """List the domains that are held out together, one group after the other."""
    if choice.held_out == "all":
        return [(domain,) for domain in lookup.dataset(dataset, choice.folder).domains]
    return [(one,) if isinstance(one, str) else tuple(one) for one in choice.held_out]


def domains_held_out(folder: Path, dataset: str, choice: DatasetChoice) -> list[tuple[str, ...]]:
    """List the domains held out in a results folder, even if its dataset is not here."""
    # A custom folder may hold other domains today.
    if choice.held_out != "all" or choice.folder is None:
        with suppress(RiseError):
            return held_out_groups(dataset, choice)
    # Every unit that was ever asked for has a folder.
    names = {
        path.name for path in (folder / "units" / path_part(dataset)).glob("*/*/*") if path.is_dir()
    }
    return [held_out_of(name) for name in sorted(names)]


class _Votes:
    """Values by key with their weights; the heaviest wins, the first among equals."""

    def __init__(self) -> None:
        self.weights: dict[tuple[str, ...], Counter[str]] = {}

    def add(self, key: tuple[str, ...], value: Any, weight: int) -> None:
        self.weights.setdefault(key, Counter())[canonical(value)] += weight

    def taken(self) -> dict[tuple[str, ...], JsonObject]:
        return {key: json.loads(one.most_common(1)[0][0]) for key, one in self.weights.items()}


def cells(experiment: Experiment, folder: Path) -> list[ExpectedUnit]:
    """List the declared grid; identities hold only what a unit's place determines."""
    return [
        ExpectedUnit(
            *(dataset, variant, method, domains, seed),
            identity={"method": {"name": method}, "held_out": list(domains), "seed": seed},
        )
        for dataset, choice in experiment.datasets.items()
        for variant, method, domains, seed in product(
            experiment.variants,
            experiment.methods,
            domains_held_out(folder, dataset, choice),
            experiment.seed_list,
        )
    ]


# More than all requests together.
RECORD = 10**9


def _identity(place: Path) -> tuple[JsonObject, int]:
    """Read a unit's identity from its record, else its request; a record outweighs all requests."""
    record = read_plain(place / "record.json").get("science")
    if isinstance(record, dict) and isinstance(record.get("identity"), dict):
        return record["identity"], RECORD
    request = read_plain(place / "request.json").get("identity")
    return (request, 1) if isinstance(request, dict) else ({}, 0)


def _in_place(cell: ExpectedUnit, identity: JsonObject, choice: DatasetChoice) -> bool:
    """Say whether an identity is of this dataset, method, held-out domains and seed."""
    here = cell.identity
    same = all(identity.get(key) == here[key] for key in OF_UNIT)
    name = identity.get("dataset", {}).get("name")
    return (
        same
        and identity.get("method", {}).get("name") == cell.method
        and (choice.folder is not None or name == cell.dataset)
    )
