"""The plan of an experiment: its units, and those still to be made.

Digests decide what runs, not modification times: the folder is settled before Snakemake looks at
it. Then a finished unit has no inputs that could trigger it, and an unfinished one has no record.
"""

import json
import os
import sys
import time
from collections.abc import Container, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from rise.catalog import lookup
from rise.catalog.declared import module_names
from rise.config.load import Experiment
from rise.errors import ResultError
from rise.experiment.job import Job
from rise.experiment.key import UNIT
from rise.experiment.paths import (
    REPORTS,
    cache_path,
    decoded_path,
    results_folder,
    texts_path,
    work_folder,
    zero_shot_path,
)
from rise.planning.aside import (
    find_record,
    move_aside,
    record_path,
    settle_record,
)
from rise.planning.asked import manifests
from rise.planning.units import Unit, job_of, units
from rise.results.expected import write_recorded
from rise.results.ledger import read_ledger
from rise.utils.code_digest import code_digest
from rise.utils.io import digest, write_json


class Plan:
    """An experiment's units by key, and (once looked at) the keys of those still to be made."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.manifests = manifests(experiment)
        self.ledger = read_ledger()
        self.units: dict[str, Unit] = {unit.key: unit for unit in units(experiment)}
        self.results = results_folder(experiment.name)
        self.work = work_folder(experiment.name)
        self.resolved = self.results / "experiment.json"
        self.report = REPORTS / self.results.name / "report.json"
        self.stale: dict[str, Unit] = {}
        self.records: dict[str, Path] = {}
        self.looked = False

    def look(self, forced: Container[str] = ()) -> "Plan":
        """Find the stale units without changing a file; forced: keys of those to make again."""
        found = {key: self._record(unit) for key, unit in self.units.items() if key not in forced}
        self.records = {key: path for key, path in found.items() if path is not None}
        self.stale = {key: unit for key, unit in self.units.items() if key not in self.records}
        self.looked = True
        return self

    def _record(self, unit: Unit) -> Path | None:
        """Return the record that is asked for, made of the data on this disk (if any)."""
        return find_record(unit, self.manifests[unit.dataset], self.ledger)

    def settle(self, forced: Container[str] = ()) -> "Plan":
        """Prepare the results folder so that Snakemake makes what is missing; nothing is lost.

        A record that is not the one asked for is moved aside or replaced by a kept one, and so is
        that of a forced unit. A report of other units loses its stamp. Every unit that a job will
        make gets a request.
        """
        moved = [
            unit
            for unit in self.units.values()
            if unit.key not in forced
            and settle_record(unit, self.manifests[unit.dataset], self.ledger)
        ]
        if moved:
            folder = moved[0].folder
            print(
                f"rise: {len(moved)} records do not match the present {self.experiment.name}; "
                f"moved aside as record.*.json, the first in {folder}; if only code changed, and "
                f"no result, keep them: rise accept {self.results}",
                file=sys.stderr,
            )
        for unit in self.units.values():
            if unit.key in forced:
                move_aside(record_path(unit))
        self.look(forced)
        shared = {path for unit in self.stale.values() for path in self.inputs(unit)}
        asking = [self.user_of(path) for path in [*shared, *self.missing_zero_shots()]]
        for unit in [*self.stale.values(), *asking]:
            _write_if_other(
                unit.folder / "request.json",
                self.job(unit).mapping(),
            )
            for path in self.inputs(unit):
                _not_in_future(path)
        if not self.reported:
            self.report.unlink(missing_ok=True)
        write_recorded(self.experiment, self.results)
        return self

    @property
    def reported(self) -> bool:
        """True if the report is of these units, all of them."""
        return read_stamp(self.report) == self.report_digest(self.units)

    def record(self, unit: Unit) -> Path:
        """Return where a unit's record is, or will be: a look finds some where they were kept."""
        return self.records.get(unit.key, record_path(unit))

    def to_replace(self) -> list[Path]:
        """List what is there and would be made again: looking at a plan moves nothing aside."""
        files = [record_path(unit) for unit in self.stale.values()]
        return [*files, *([] if self.reported else [self.report])]

    def bring_back(self) -> None:
        """Put kept records that are asked for now where no record is; nothing is moved aside."""
        for unit in self.units.values():
            if not record_path(unit).exists():
                settle_record(unit, self.manifests[unit.dataset], self.ledger)

    def job(self, unit: Unit) -> Job:
        """Resolve everything needed to make a unit."""
        return job_of(unit, self.experiment, self.manifests[unit.dataset])

    def needs(self, unit: Unit) -> list[Path]:
        """List the unit's inputs: none once it is finished."""
        # A job on another machine has not looked at all units.
        stale = unit.key in self.stale if self.looked else self._record(unit) is None
        return self.inputs(unit) if stale else []

    def inputs(self, unit: Unit) -> list[Path]:
        """List the files that a unit needs to train: decoded dataset, texts, cache.

        No cache is needed if the method uses no image embeddings, or computes them online.
        """
        identity, manifest = unit.identity, self.manifests[unit.dataset]
        files = [
            decoded_path(identity.dataset, manifest) / "dataset.json",
            texts_path(identity),
        ]
        file = self.experiment.methods[unit.method].file
        if lookup.method(unit.method, file).teachers and identity.teacher_mode == "bank":
            files.append(cache_path(identity, manifest) / "cache.json")
        return files

    def user_of(self, path: str | Path) -> Unit:
        """Return the first unit that needs a file; settle() gives it a request for a missing file.

        Finished units count, too: a job on another machine must find the same one.
        """
        return self._users[Path(path)]

    @cached_property
    def _users(self) -> dict[Path, Unit]:
        return {
            path: unit
            for unit in reversed(self.units.values())
            for path in [*self.inputs(unit), *self.zero_shot(unit)]
        }

    def zero_shot(self, unit: Unit) -> list[Path]:
        """Return the file of its teacher's zero-shot accuracy; none without an image tower."""
        given = self.experiment.variant_on(unit.dataset, unit.variant).teacher
        if lookup.teacher(given).text_only:
            return []
        return [zero_shot_path(unit.experiment, unit.identity, self.manifests[unit.dataset])]

    def missing_zero_shots(self) -> list[Path]:
        """List the files of teachers' zero-shot accuracies that are still to be made."""
        wanted = {path for unit in self.units.values() for path in self.zero_shot(unit)}
        return sorted(path for path in wanted if not path.exists())

    def report_digest(self, keys: Iterable[str]) -> str:
        """Digest everything a report of the given units depends on: units, experiment, code."""
        made_of = sorted(self.units[key].digest for key in keys)
        code = code_digest("rise.report.build", *_tables())
        # The way jobs run changes no line of a report.
        how = {"image", "resources", "workers"}
        declared = self.experiment.model_dump(mode="json", exclude=how)
        own = [(name, one.file) for name, one in self.experiment.methods.items() if one.file]
        labels = [lookup.method(*one).label for one in own]
        return digest([made_of, declared, code, *labels])

    def stamp_report(self, keys: Iterable[str]) -> None:
        """Record the units of a report; if some are missing, the next run remakes it."""
        made_of = self.report_digest(keys)
        stamp = json.loads(self.report.read_text(encoding="utf-8"))
        write_json(self.report, {**stamp, "made_of": made_of})

    def log(self, key: str) -> Path:
        """Return the log file of a unit's job."""
        return self.work / "logs" / "units" / f"{key}.log"

    def unit_of(self, **parts: str) -> Unit:
        """Return the unit that Snakemake's wildcards name by the parts of its path."""
        return self.units[UNIT.format(**parts)]


def _tables() -> list[str]:
    """Name the modules of a report's tables, which no import statement names."""
    return [f"rise.report.tables.{name}" for name in module_names("report/tables")]


def read_stamp(path: Path) -> str | None:
    """Read the digest in a report's stamp; None if there is no readable one."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["made_of"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_resolved(path: Path) -> Experiment:
    """Read the resolved experiment that `settle` wrote.

    Raises:
        ResultError: it is missing or damaged.
    """
    try:
        return Experiment.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: is missing or damaged; run snakemake first") from error


def _not_in_future(path: Path) -> None:
    """Set a file time in the future to now: Snakemake refuses outputs older than inputs."""
    if path.exists() and path.stat().st_mtime > time.time():
        os.utime(path)


def _write_if_other(path: Path, value: Any) -> None:
    try:
        if json.loads(path.read_text(encoding="utf-8")) == value:
            return
    except (OSError, ValueError):
        pass
    write_json(path, value)
