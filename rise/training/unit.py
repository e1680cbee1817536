"""Train a unit's trials, select one on source validation, predict and score."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from rise.datasets import split
from rise.datasets.decoded import DecodedDataset
from rise.experiment.job import Job
from rise.training.data import open_data
from rise.training.history import HeldOutCounts, Row, TrialResult
from rise.training.score import held_out_scores, predict
from rise.training.selection import select
from rise.training.trial import (
    found_here,
    keep_weights_of,
    load_trial,
    run_trial,
    trial_folder,
)


@dataclass(frozen=True)
class Outcome:
    """The result of training a unit.

    Attributes:
        chosen: the selected trial.
        budget: counts of trials, evaluations, steps, and training images.
        predictions: arrays of the held-out images, by name, as `predict` gives them.
        held_out: their scores by subset.
        data: digests of data that the unit was made of and its identity does not pin.
        decoded: the dataset.
        workers: the number of processes that made views.
    """

    chosen: TrialResult
    budget: dict[str, int]
    predictions: dict[str, np.ndarray]
    held_out: dict[str, HeldOutCounts]
    data: dict[str, str]
    decoded: DecodedDataset
    workers: int


def trial_folders(job: Job, work: Path) -> list[Path]:
    """List the folders of a unit's trials, in the order of its settings."""
    where = partial(trial_folder, job.identity.mapping(), found=found_here(job))
    return [where(setting, work=work) for setting in job.identity.settings]


def train_unit(job: Job, device: torch.device, work: Path) -> Outcome:
    """Train the trials of a unit that are missing, select one, predict and score.

    Args:
        job: of the unit.
        device: to compute on, as `use_device` returns it.
        work: the folder of what the experiment can make again.

    Raises:
        RiseError: data is missing or damaged, or a loss is not finite.
    """
    identity, folders = job.identity, trial_folders(job, work)
    data = open_data(job, device)
    trials = [
        run_trial(job, setting, data, folder)
        for setting, folder in zip(identity.settings, folders, strict=True)
    ]
    chosen = select(trials)
    selected = folders[trials.index(chosen)]
    method = load_trial(job, chosen["setting"], data, selected)
    rows = split.scored_rows(data.decoded, identity.protocol, identity.held_out, identity.seed)
    predictions = predict(method, data, rows)
    keep_weights_of(selected, folders)
    return Outcome(
        chosen=chosen,
        budget={
            "trials": len(trials),
            "evaluations": sum(_evaluations(trial["history"]) for trial in trials),
            "steps": sum(_steps(trial["history"]) for trial in trials),
            "images": len(data.rows),
        },
        predictions=predictions,
        held_out=held_out_scores(data.decoded, rows, predictions["predicted"]),
        data={"pack": data.decoded.content, **found_here(job)},
        decoded=data.decoded,
        workers=data.workers,
    )


def _evaluations(history: list[Row]) -> int:
    """Count a trial's evaluations; one more, of an average that stands, is no choice among them."""
    return len({(row["stage"], row["step"]) for row in history})


def _steps(history: list[Row]) -> int:
    """Count a trial's steps: in each stage those up to its last evaluation."""
    last = {row["stage"]: row["step"] for row in history}
    return sum(last.values())
