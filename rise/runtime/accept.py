"""Carry records over a change of code: replay one unit of each kind, and compare every byte."""

import platform
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rise.config.load import Experiment
from rise.errors import ResultError
from rise.experiment.paths import results_folder
from rise.experiment.record import Record
from rise.planning.asked import manifests
from rise.planning.plan import Plan
from rise.planning.units import Unit, job_of, units
from rise.results.expected import read_recorded
from rise.results.ledger import (
    Codes,
    Entry,
    Ledger,
    append,
    but_for_code,
    codes_of,
    kind_of,
    read_ledger,
)
from rise.results.nested_diff import differences, sentence
from rise.results.read import read_whole
from rise.runtime.prepare import prepare
from rise.runtime.unit_job import science_of
from rise.training.unit import train_unit
from rise.utils.device import use_device
from rise.utils.io import file_digest
from rise.utils.machine import device_name
from rise.utils.npz import write_npz


@dataclass(frozen=True)
class Replay:
    """A stored result of other code, and the unit of today's code that should give the same."""

    unit: Unit
    record: Record
    path: Path

    @property
    def change(self) -> tuple[str, Codes, Codes]:
        """The change a replay vouches for: units of this kind, from the old code to the new."""
        identity = self.unit.identity.mapping()
        return kind_of(identity), codes_of(self.record.science.identity), codes_of(identity)


@dataclass(frozen=True)
class Replayed:
    """The outcome of a replay; fault: None if the bytes are the same, else what differs first."""

    replay: Replay
    fault: str | None
    seconds: float


def accept(folder: Path, ledger: Path) -> Iterator[Replayed]:
    """Replay one stored unit of every kind under today's code; equal results enter the ledger.

    Args:
        folder: results of other code, made on this machine.
        ledger: the file that entries are appended to.

    Returns:
        The replays, as they end; none where no record differs from today's in its code alone.

    Raises:
        ResultError: the folder cannot be read.
    """
    experiment = Experiment.model_validate(read_recorded(folder).model_dump())
    for replay in to_replay(experiment, folder, read_ledger(ledger)):
        verdict = _replayed(replay, experiment)
        if verdict.fault is None:
            append([_entry(replay, experiment)], ledger)
        yield verdict
    if folder.resolve() == results_folder(experiment.name).resolve():
        Plan(experiment).bring_back()


def to_replay(experiment: Experiment, folder: Path, ledger: Ledger) -> list[Replay]:
    """Choose, for each kind and change of code, the record with the fewest steps."""
    chosen: dict[tuple[str, Codes, Codes], Replay] = {}
    for unit in units(experiment):
        asked = unit.identity.mapping()
        for path in sorted((folder / "units" / unit.key).glob("record*.json")):
            try:
                replay = Replay(unit, read_whole(path), path)
            except ResultError:
                continue
            made = replay.record.science.identity
            if but_for_code(made) != but_for_code(asked) or ledger.same(made, asked):
                continue
            before = chosen.get(replay.change)
            if before is None or _steps(replay) < _steps(before):
                chosen[replay.change] = replay
    return list(chosen.values())


def _steps(replay: Replay) -> int:
    return replay.record.science.budget.get("steps", 0)


def _replayed(replay: Replay, experiment: Experiment) -> Replayed:
    started = time.monotonic()
    unit = replay.unit
    job = job_of(unit, experiment, manifests(experiment)[unit.dataset])
    prepare(job)
    device = use_device(job.identity.device.kind, job.identity.device.threads)
    with tempfile.TemporaryDirectory(prefix="rise-accept-") as folder:
        outcome = train_unit(job, device, Path(folder))
        predictions = Path(folder) / "predictions.npz"
        write_npz(predictions, outcome.predictions)
        made = science_of(job, outcome, file_digest(predictions)).model_dump(mode="json")
    stored = replay.record.science.model_dump(mode="json")
    found = list(differences(_uncoded(stored), _uncoded(made)))
    fault = sentence(found, ("stored", "now")) if found else None
    return Replayed(replay, fault, time.monotonic() - started)


def _uncoded(science: Mapping[str, Any]) -> dict[str, Any]:
    return {**science, "identity": but_for_code(science["identity"])}


def _entry(replay: Replay, experiment: Experiment) -> Entry:
    kind, old, new = replay.change
    identity = replay.unit.identity
    return Entry(
        old=old,
        new=new,
        kind=kind,
        method=identity.method.name,
        policy=identity.views.policy,
        protocol=identity.protocol,
        unit=f"{experiment.name}: {replay.unit.key}",
        predictions=replay.record.science.predictions,
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        machine=device_name(torch.device(identity.device.kind)),
        versions=f"python {platform.python_version()}, torch {torch.__version__}",
    )
