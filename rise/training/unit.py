"""The unit: train its trials, select one on source validation, predict, score, record."""

import platform
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock

from rise.datasets.splits import split
from rise.errors import ResultError, RiseError
from rise.experiment.record import Record, Science, recorded_digest, scored_path, write_record
from rise.training.data import open_data
from rise.training.score import held_out_scores, predict, write_scored
from rise.training.selection import select
from rise.training.trial import (
    found_here,
    keep_weights_of,
    load_trial,
    run_trial,
    trial_folder,
)
from rise.utils.code_digest import code_digest
from rise.utils.device import device_name, peak_memory_mb, use_device
from rise.utils.environment import environment_digest, image
from rise.utils.io import digest, file_digest, write_json, write_npz

WORK = Path("work")
RESULTS = Path("results")


def run_unit(request: dict[str, Any]) -> None:
    """Make the record and predictions of one unit, or its failed.json.

    A lock on the unit makes a second writer wait; if the record is there by then, nothing is done.

    Raises:
        RiseError: the unit cannot be made; failed.json says why.
    """
    folder = RESULTS / request["experiment"] / "units" / request["key"]
    lock = WORK / request["experiment"] / "locks" / f"{request['key'].replace('/', '_')}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        if recorded_digest(folder / "record.json") == request["digest"]:
            return
        try:
            _check(request)
            _make(request, folder)
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            if not isinstance(error, RiseError):
                reason = f"{type(error).__name__}: {reason}"
            write_json(folder / "failed.json", {"digest": request["digest"], "reason": reason})
            raise
        (folder / "failed.json").unlink(missing_ok=True)


def _check(request: dict[str, Any]) -> None:
    if digest(request["identity"]) != request["digest"]:
        raise ResultError(
            "the request was changed by hand: its digest differs; run snakemake again"
        )
    if code_digest("rise.training.unit") != request["identity"]["code"]:
        raise ResultError(
            "the installed rise holds other code than the one that planned this unit; install the "
            "checkout (pip install -e .), or its image (make image), and run again"
        )


def _make(request: dict[str, Any], folder: Path) -> None:
    started = time.time()
    identity = request["identity"]
    found = found_here(request)
    where = partial(trial_folder, request["experiment"], identity, found=found, work=WORK)
    folders = [where(setting) for setting in identity["settings"]]
    resumed = any(folder.exists() for folder in folders)
    device = use_device(identity["device"]["class"], identity["device"]["threads"])
    data = open_data(request, device)
    trials = [
        run_trial(request, setting, data, trial)
        for setting, trial in zip(identity["settings"], folders, strict=True)
    ]
    chosen = select(trials)
    selected = where(chosen["setting"])
    method = load_trial(request, chosen["setting"], data, selected)
    rows = split.scored_rows(
        data.pack, identity["protocol"], identity["held_out"], int(identity["seed"])
    )
    predictions = predict(method, data, rows)
    write_npz(folder / "predictions.npz", predictions)
    results = RESULTS / request["experiment"]
    write_scored(data.pack, scored_path(results, data.pack.name, data.pack.content))
    science = Science(
        identity=identity,
        selected={"setting": chosen["setting"], "step": chosen["kept"]["step"]},
        validation=chosen["kept"]["validation"],
        held_out=held_out_scores(data.pack, rows, predictions["predicted"]),
        predictions=file_digest(folder / "predictions.npz"),
        budget={
            "trials": len(trials),
            "evaluations": sum(len(trial["history"]) for trial in trials),
            "steps": sum(_steps(trial["history"]) for trial in trials),
            "images": len(data.rows),
        },
        data={"pack": data.pack.content, **found},
    )
    provenance = {
        "declared": request["declared"],
        "seconds": round(time.time() - started, 2),
        "resumed": resumed,
        "peak_memory_mb": peak_memory_mb(device),
        "device": device_name(device),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "host": platform.node(),
        "threads": torch.get_num_threads(),
        "workers": data.workers,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "environment": environment_digest(),
        "image": image(),
        "history": [
            {key: row[key] for key in ("stage", "step", "accuracy", "loss", "terms")}
            for row in chosen["history"]
        ],
    }
    write_record(
        folder / "record.json",
        Record(digest=request["digest"], science=science, provenance=provenance),
    )
    keep_weights_of(selected, folders)


def _steps(history: list[dict[str, Any]]) -> int:
    """Steps of a trial: of every stage those at its last evaluation."""
    last = {row["stage"]: row["step"] for row in history}
    return sum(last.values())
