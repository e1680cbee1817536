"""A trial: one setting of hyper-parameters, trained once and kept in work/ under its digest."""

import importlib
import io
import json
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch

from rise.errors import DamagedError
from rise.experiment.identity import Setting
from rise.experiment.job import Job
from rise.methods._base import Context, Method
from rise.methods._load import load_method
from rise.students._build import make_trunk
from rise.training.data import UnitData
from rise.training.guard import guarded
from rise.training.history import Row, TrialResult
from rise.training.schedule import Schedule
from rise.training.trainer import fit
from rise.utils.io import JsonObject, digest, file_digest, remove_abandoned, replacing
from rise.utils.sealed import read_sealed, set_aside, write_sealed

TRIAL, WEIGHTS, CHECKPOINT = "trial.json", "weights.pt", "checkpoint.pt"


def trial_folder(
    identity: Mapping[str, Any],
    setting: Mapping[str, Setting],
    found: Mapping[str, str],
    work: Path,
) -> Path:
    """Return the folder of a trial, named by a digest of all that it depends on.

    Args:
        identity: of the unit, as a record holds it; of its settings only the trial's counts.
        setting: of the trial.
        found: what the identity does not pin, as `found_here` returns it.
        work: the folder of what the experiment can make again.
    """
    key = digest([{**identity, "settings": [setting]}, found])
    return work / "trials" / key


def found_here(job: Job) -> dict[str, str]:
    """Return digests that the identity does not pin: of the files on this disk and the hub's."""
    found = {} if job.manifest is None else {"manifest": job.manifest}
    weights = job.student.weights
    if job.identity.student.start.startswith("timm:") and weights and weights.sha256:
        found["student"] = weights.sha256
    return found


def build_method(
    job: Job, setting: Mapping[str, Setting], data: UnitData, trained: bool = False
) -> Method:
    """Build a unit's method on its device; first weights depend on seed, file and part alone.

    trained: a state dict is loaded afterwards, so no starting weights are read.
    """
    identity = job.identity
    source = job.student.model_copy(update={"weights": None}) if trained else job.student
    context = Context(
        classes=len(data.decoded.classes),
        domains=len(data.validation),
        texts=data.texts,
        seed=identity.seed,
        make_trunk=partial(
            make_trunk, source, identity.student, identity.seed, identity.device.precision
        ),
        second_head=identity.recipe.second_head,
    )
    with guarded("method", identity.seed):
        method = load_method(identity.method.name, job.method.file)(context, setting)
    if identity.recipe.average != "none":
        average = importlib.import_module(f"rise.averages.{identity.recipe.average}")
        method = average.Average(method)
    return method.to(data.device).to(memory_format=torch.channels_last)


def run_trial(
    job: Job, setting: Mapping[str, Setting], data: UnitData, folder: Path
) -> TrialResult:
    """Train a trial unless its history is there already.

    Returns:
        The content of trial.json.

    Raises:
        TrainingError: a term is not finite.
    """
    try:
        return read_trial(folder)
    except FileNotFoundError:
        pass
    except DamagedError as damage:
        set_aside(damage)
    _, history, kept = _train(job, setting, data, folder)
    return _write_trial(folder, {"setting": dict(setting), "history": history, "kept": kept})


def read_trial(folder: Path) -> TrialResult:
    """Read trial.json.

    Raises:
        FileNotFoundError: the trial is not finished.
        DamagedError: it is not what was written there.
    """
    return cast(TrialResult, read_sealed(folder / TRIAL, folder.name))


def read_weights(folder: Path) -> Mapping[str, Any]:
    """Read the weights that a finished trial was left with, to the CPU.

    Raises:
        FileNotFoundError: they were deleted when another trial was selected.
        DamagedError: they are not what was written there.
    """
    path = folder / WEIGHTS
    if file_digest(path) != read_trial(folder)["weights"]:
        raise DamagedError(path, f"it does not have the sha256 in {TRIAL}")
    state: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _train(
    job: Job, setting: Mapping[str, Setting], data: UnitData, folder: Path
) -> tuple[Method, list[Row], Row]:
    """Train a method, save its weights in the folder, and return history and kept row too."""
    method = build_method(job, setting, data)
    schedule = Schedule(
        recipe=job.identity.recipe,
        lr=float(setting["lr"] or 0),
        weight_decay=float(setting["weight_decay"] or 0),
        images=len(data.rows),
        views=job.identity.views.count,
        seed=job.identity.seed,
    )
    history, kept = fit(method, data, schedule, job.method.stages, folder / CHECKPOINT)
    weights = io.BytesIO()  # given a path, torch.save writes its name into the file
    torch.save(method.state_dict(), weights)
    with replacing(folder / WEIGHTS) as beside:
        beside.write_bytes(weights.getbuffer())
    return method, history, kept


def _write_trial(folder: Path, trial: JsonObject) -> TrialResult:
    """Write trial.json with the digest of the weights beside it: now the trial is finished."""
    trial = {**trial, "weights": file_digest(folder / WEIGHTS)}
    write_sealed(folder / TRIAL, trial, folder.name)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    remove_abandoned(folder)
    return cast(TrialResult, trial)


def load_trial(job: Job, setting: Mapping[str, Setting], data: UnitData, folder: Path) -> Method:
    """Load the trained method of a trial, or train it again if its weights are gone or damaged.

    Its history stays the one that it was selected by; on a CPU the new one is the same.
    """
    try:
        state = read_weights(folder)
    except FileNotFoundError:
        print(
            f"rise: the weights of {json.dumps(setting)} were deleted when another setting was "
            "selected; it is trained again",
            file=sys.stderr,
        )
    except DamagedError as damage:
        set_aside(damage)
    else:
        method = build_method(job, setting, data, trained=True)
        method.load_state_dict(state)
        return method
    method, *_ = _train(job, setting, data, folder)
    _write_trial(folder, dict(read_trial(folder)))
    return method


def keep_weights_of(selected: Path, folders: Iterable[Path]) -> None:
    """Delete the weights of a unit's other trials; their histories stay.

    Units of an experiment share trials if they differ only in the settings they list. If one of
    them is at work meanwhile and selects a trial whose weights are gone, it trains it again.
    """
    for folder in folders:
        if folder != selected:
            (folder / WEIGHTS).unlink(missing_ok=True)
