"""Merge results that were made separately: seeds, methods or held-out domains of one experiment.

Only results that could have been made together are merged: their declarations must agree, and so
must everything that defines the results.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

from rise.config.load import Experiment
from rise.errors import ResultError
from rise.experiment.path_part import name_of
from rise.experiment.record import predictions_path, read_record
from rise.results.collect import collect, unit_names
from rise.results.consistency import AGREE
from rise.results.expected import (
    OF_METHOD,
    OF_UNIT,
    ExpectedUnit,
    Recorded,
    agreed,
    cells,
    domains_held_out,
    write_recorded,
)
from rise.results.nested_diff import Difference, differences, named, short
from rise.utils.io import JsonObject

# Keys that may differ between parts: the grid is joined, and the way jobs run defines no result.
FREE = {"name", "seeds", "methods", "datasets", "image", "resources", "workers"}
KEPT_FOLDERS = ("scored", "teacher")


@dataclass(frozen=True)
class Merged:
    """The outcome of a merge: counts of units by part, and the environments of each part."""

    units: int
    declared: int
    taken: dict[str, int]
    twice: int
    environments: dict[str, list[str]]


def merge(folders: list[Path], out: Path) -> Merged:
    """Merge results folders into a new one, which appears complete or not at all.

    Records are copied, never linked. A unit that several folders hold with the same science is
    taken from the first of them.

    Raises:
        ResultError: `out` exists, a folder cannot be read or holds a record that cannot be used,
            or two folders do not belong together, with the key that differs and both values.
    """
    if len({folder.resolve() for folder in folders}) < max(2, len(folders)):
        raise ResultError("name at least two different folders to merge")
    if out.exists():
        raise ResultError(f"{out}: already exists; name a new folder")
    parts = [_Part(folder) for folder in folders]
    for part in parts:
        part.check()
    for one, other in combinations(parts, 2):
        _same_question(one, other)
        _comparable(one, other)
        _same_science(one, other)
    experiment = _joined(parts, name_of(out.name))
    taken = _taken(parts)
    _write(parts, taken, experiment, out)
    return Merged(
        units=len(taken),
        declared=len(cells(experiment, out)),
        taken={str(part.folder): sum(1 for one in taken.values() if one is part) for part in parts},
        twice=sum(len(part.done) for part in parts) - len(taken),
        environments={str(part.folder): part.environments for part in parts},
    )


class _Part:
    """A results folder with what its records have in common."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expected = agreed(folder)
        self.experiment = self.expected.experiment
        frame = collect(self.expected)
        self.rows = frame.drop_duplicates(["dataset", "variant", "method", "held_out", "seed"])

    def check(self) -> None:
        """Refuse records that do not belong to the rest of their own folder."""
        wrong = self.rows[~self.rows["status"].isin(["done", "failed", "missing"])]
        if len(wrong):
            raise ResultError(
                f"{self.folder}: {len(wrong)} units cannot be merged, the first of them "
                f"{unit_names(wrong).iloc[0]}: {wrong['reason'].iloc[0]}"
            )

    def with_status(self, status: str) -> dict[str, ExpectedUnit]:
        pairs = zip(self.expected.units, self.rows["status"], strict=True)
        return {unit.key: unit for unit, found in pairs if found == status}

    @cached_property
    def done(self) -> dict[str, ExpectedUnit]:
        return self.with_status("done")

    @cached_property
    def facts(self) -> dict[str, JsonObject]:
        """The shared facts of records by scope: dataset and variant, method, data, weights."""
        found: dict[str, JsonObject] = {}
        for unit in self.done.values():
            where = f"{unit.dataset}/{unit.variant}"
            if f"{where}/{unit.method}" in found:
                continue
            own = {*OF_UNIT, *OF_METHOD}
            found[where] = {k: v for k, v in unit.identity.items() if k not in own}
            found[f"{where}/{unit.method}"] = {key: unit.identity[key] for key in OF_METHOD}
            data = read_record(self.expected.place(unit) / "record.json").science.data
            for column, keys in AGREE.items():
                found[f"{column} {getattr(unit, column)}"] = {key: data.get(key) for key in keys}
        return found

    @property
    def environments(self) -> list[str]:
        return [str(one) for one in self.rows["environment"].dropna().unique()]


def _same_question(one: _Part, other: _Part) -> None:
    """Refuse parts that declare something different about what they share."""
    first, second = (
        {k: v for k, v in part.experiment.model_dump(mode="json").items() if k not in FREE}
        for part in (one, other)
    )
    _refuse(one, other, differences(first, second), "declare different things")
    for section, keys in (("methods", ("hparams",)), ("datasets", ("hparams", "variant"))):
        here, there = (getattr(part.experiment, section) for part in (one, other))
        for name in [name for name in here if name in there]:
            for key in keys:
                values = [getattr(side[name], key) for side in (here, there)]
                if section == "datasets" and key == "hparams":  # by method, as far as both have it
                    both = values[0].keys() & values[1].keys()
                    values = [{k: value[k] for k in both} for value in values]
                found = differences(values[0], values[1], f"{section}.{name}.{key}")
                _refuse(one, other, found, "declare different things")


def _comparable(one: _Part, other: _Part) -> None:
    """Refuse parts whose records differ in more than held-out domains and seed."""
    for scope in [scope for scope in one.facts if scope in other.facts]:
        found = differences(one.facts[scope], other.facts[scope])
        _refuse(one, other, found, f"are not comparable on {scope}")


def _same_science(one: _Part, other: _Part) -> None:
    for key in [key for key in one.done if key in other.done]:
        first, second = (
            read_record(part.expected.place(part.done[key]) / "record.json").science.model_dump()
            for part in (one, other)
        )
        _refuse(
            one,
            other,
            differences(first, second),
            f"have different results of {one.done[key].name}",
        )


def _refuse(one: _Part, other: _Part, found: Iterator[Difference], what: str) -> None:
    for path, here, there in found:
        raise ResultError(
            f"{one.folder} and {other.folder} {what}: {named(path)} is {short(here)} in the "
            f"first, {short(there)} in the second"
        )


def _joined(parts: list[_Part], name: str) -> Experiment:
    """Join the grids, in order of appearance."""
    values: JsonObject = parts[0].experiment.model_dump(mode="json")
    dumps = [part.experiment.model_dump(mode="json") for part in parts]
    seeds = [seed for part in parts for seed in part.experiment.seed_list]
    methods = {key: one for dump in reversed(dumps) for key, one in dump["methods"].items()}
    order = dict.fromkeys(key for dump in dumps for key in dump["methods"])
    datasets = dict.fromkeys(key for dump in dumps for key in dump["datasets"])
    values |= {
        "name": name,
        "seeds": list(dict.fromkeys(seeds)),
        "methods": {key: methods[key] for key in order},
        "datasets": {key: _dataset(key, parts) for key in datasets},
    }
    return Recorded.model_validate(values)


def _dataset(name: str, parts: list[_Part]) -> JsonObject:
    having = [part for part in parts if name in part.experiment.datasets]
    choices = [part.experiment.datasets[name] for part in having]
    value: JsonObject = choices[0].model_dump(mode="json")
    hparams = [choice.model_dump(mode="json")["hparams"] for choice in choices]
    value["hparams"] = {key: one for side in hparams for key, one in side.items()}
    if any(choice.held_out != choices[0].held_out for choice in choices):
        groups = [
            group
            for part, choice in zip(having, choices, strict=True)
            for group in domains_held_out(part.folder, name, choice)
        ]
        value["held_out"] = [
            group[0] if len(group) == 1 else list(group) for group in dict.fromkeys(groups)
        ]
    return value


def _taken(parts: list[_Part]) -> dict[str, _Part]:
    """Map the key of each done unit to the first part that has it."""
    taken: dict[str, _Part] = {}
    for part in parts:
        for key in part.done:
            taken.setdefault(key, part)
    return taken


def _write(parts: list[_Part], taken: dict[str, _Part], experiment: Experiment, out: Path) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        raise ResultError(
            f"{out}: cannot be created ({error.strerror}); name another folder"
        ) from error
    try:
        beside.chmod(0o755)
        for key, part in taken.items():
            record = part.folder / "units" / key / "record.json"
            _copy(record, beside / "units" / key)
            _copy(predictions_path(record), beside / "units" / key)
        for part in parts:
            for key in part.with_status("failed").keys() - taken.keys():
                for name in ("failed.json", "request.json"):
                    _copy(part.folder / "units" / key / name, beside / "units" / key)
            for name in KEPT_FOLDERS:
                for file in sorted((part.folder / name).glob("*")):
                    _copy_equal(file, beside / name)
        write_recorded(experiment, beside)
        beside.rename(out)
    except BaseException:
        shutil.rmtree(beside)
        raise


def _copy(file: Path, folder: Path) -> None:
    if not file.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / file.name)


def _copy_equal(file: Path, folder: Path) -> None:
    """Copy a file unless another part already provided an identical one."""
    there = folder / file.name
    if there.exists() and there.read_bytes() != file.read_bytes():
        raise ResultError(
            f"{file}: differs from the same file of another part; merge only equal ones"
        )
    _copy(file, folder)
