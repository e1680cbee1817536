"""Make one unit: lock it, train it, and write its record, or the reason of a failure."""

import platform
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock

from rise.datasets.decoded import DecodedDataset
from rise.errors import RiseError
from rise.experiment.job import Job
from rise.experiment.paths import results_folder, scored_path, unit_folder, work_folder
from rise.experiment.record import Record, Science, recorded_digest, write_record
from rise.runtime.prepare import on_sound_inputs
from rise.training.unit import Outcome, train_unit, trial_folders
from rise.utils.causes import reason
from rise.utils.device import use_device
from rise.utils.environment import environment_digest, image
from rise.utils.imported import described, foreign_modules, nothing_foreign
from rise.utils.io import file_digest, write_json
from rise.utils.machine import arithmetic, device_name, peak_memory_mb
from rise.utils.npz import write_npz

SCORED = ("id", "domain", "label", "identity", "part", "group")


def run_unit(job: Job) -> None:
    """Make the record and predictions of one unit, or its failed.json.

    A lock makes a second writer of the unit wait; if the record exists by then, it does nothing.

    Raises:
        RiseError: the unit cannot be made; failed.json says why.
    """
    folder = unit_folder(job.experiment, job.key)
    lock = work_folder(job.experiment) / "locks" / f"{job.key}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        if recorded_digest(folder / "record.json") == job.digest:
            return
        try:
            _make(job)
        except Exception as error:
            known = isinstance(error, RiseError)
            why = " ".join(str(error).split()) if known else reason(error)
            with suppress(OSError):  # on a full disk, say; the log has the reason, too
                write_json(folder / "failed.json", {"digest": job.digest, "reason": why})
            raise
        (folder / "failed.json").unlink(missing_ok=True)


def _make(job: Job) -> None:
    started = time.time()
    work = work_folder(job.experiment)
    resumed = any(folder.exists() for folder in trial_folders(job, work))
    device = use_device(job.identity.device.kind, job.identity.device.threads)
    with nothing_foreign(job.method.file) if job.method.file else nullcontext():
        outcome = on_sound_inputs(job, lambda: train_unit(job, device, work))
    folder = unit_folder(job.experiment, job.key)
    write_npz(folder / "predictions.npz", outcome.predictions)
    scored = scored_path(results_folder(job.experiment), job.dataset, outcome.decoded.content)
    write_scored(outcome.decoded, scored)
    science = science_of(job, outcome, file_digest(folder / "predictions.npz"))
    provenance = _provenance(job, outcome, device)
    provenance |= {"seconds": round(time.time() - started, 2), "resumed": resumed}
    record = Record(digest=job.digest, science=science, provenance=provenance)
    write_record(folder / "record.json", record)


def science_of(job: Job, outcome: Outcome, predictions: str) -> Science:
    """Put together a record's science block; predictions: the sha256 of their file."""
    kept = outcome.chosen["kept"]
    return Science.model_validate(
        {
            "identity": job.identity.mapping(),
            "selected": {"setting": outcome.chosen["setting"], "step": kept["step"]},
            "validation": kept["validation"],
            "held_out": outcome.held_out,
            "predictions": predictions,
            "budget": outcome.budget,
            "data": outcome.data,
        }
    )


def _provenance(job: Job, outcome: Outcome, device: torch.device) -> dict[str, Any]:
    """Describe where the result came from; nothing of it is part of the result."""
    return {
        "declared": job.pre_specified.model_dump(mode="json"),
        "peak_memory_mb": peak_memory_mb(device),
        "device": device_name(device),
        **arithmetic(device),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "host": platform.node(),
        "threads": torch.get_num_threads(),
        "workers": outcome.workers,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "environment": environment_digest(),
        "foreign": described(foreign_modules()),
        "image": image(),
        "history": [
            {key: row[key] for key in ("stage", "step", "accuracy", "loss", "terms")}
            for row in outcome.chosen["history"]
        ],
    }


def write_scored(decoded: DecodedDataset, path: Path) -> None:
    """Keep what predictions are scored with: labels, identities and parts of all images.

    A dataset always gives the same bytes, so only the first unit writes them.
    """
    if not path.exists():
        columns = {name: decoded.columns[name] for name in SCORED}
        names = {"domains": np.array(decoded.domains), "classes": np.array(decoded.classes)}
        write_npz(path, {**columns, **names})
