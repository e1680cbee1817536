"""The trainer: it runs the stages of any method under a recipe, and knows no method by name.

A checkpoint holds the step and tensors, but no generator. Every draw is a function of its counter,
so a run that was killed ends with the same bytes as one that was not.
"""

import copy
import io
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor

from rise.errors import DamagedError
from rise.methods._base import Batch, Method, check_finite
from rise.training.data import UnitData
from rise.training.guard import guarded
from rise.training.history import Row
from rise.training.schedule import Schedule
from rise.training.score import Evaluation, evaluate
from rise.training.selection import accuracy, improves
from rise.utils.sealed import read_sealed_bytes, set_aside, write_sealed_bytes

SAVE_SECONDS = 60.0


class Best(TypedDict):
    """The best evaluation so far, and the method's tensors at that step."""

    row: Row
    tensors: Mapping[str, Any]


@dataclass
class Progress:
    """The state of a trial, all of which goes into a checkpoint."""

    stage: int = 0
    step: int = 0
    stopped: bool = False
    history: list[Row] = field(default_factory=list)
    sums: dict[str, Tensor] = field(default_factory=dict)
    counted: int = 0
    best: Best | None = None


def fit(
    method: Method,
    data: UnitData,
    schedule: Schedule,
    stages: int,
    checkpoint: Path | None = None,
    save_seconds: float = SAVE_SECONDS,
) -> tuple[list[Row], Row]:
    """Train a method on the source domains, and leave it with the weights to keep.

    Args:
        method: built and on its device.
        data: of source domains only; held-out images are not passed in.
        schedule: of this trial.
        stages: the number of stages that the method declares.
        checkpoint: file to resume from and save to; the caller removes it.
        save_seconds: the least time between two saves; it changes no result.

    Returns:
        The history, with one row for each evaluation, and the row of the kept weights.

    Raises:
        TrainingError: a term is not finite.
    """
    progress, state = _resume(method, checkpoint)
    saved = time.monotonic()
    for stage in range(progress.stage, stages):
        with guarded("start", schedule.seed, stage):
            method.start_stage(stage)
            groups = method.param_groups(schedule.lr)
        optimizer = schedule.optimizer(groups)
        base = [group["lr"] for group in optimizer.param_groups]
        if state is not None:
            optimizer.load_state_dict(dict(state))
            state = None
        method.train()
        with closing(data.batches(schedule.pick, progress.step)) as batches:
            while progress.step < schedule.steps and not progress.stopped:
                _train_step(method, next(batches), schedule, optimizer, base, progress)
                if schedule.evaluates(progress.step):
                    _evaluate(method, data, schedule, progress)
                if checkpoint and time.monotonic() - saved >= save_seconds:
                    _save(checkpoint, method, optimizer, progress)
                    saved = time.monotonic()
            with guarded("finalize", schedule.seed, stage):
                stands = method.finalize(batches)
        kept = _keep(method, data, schedule, progress, stands)
        progress.stage, progress.step, progress.stopped = stage + 1, 0, False
        progress.best = None
    return progress.history, kept


def _keep(
    method: Method, data: UnitData, schedule: Schedule, progress: Progress, stands: bool
) -> Row:
    """Settle a stage's weights (the method's own, the best or the last), and return their row."""
    if stands:  # an average has no score yet
        scores = evaluate(method, data)
        progress.history.append(_row(progress, progress.history[-1]["terms"], scores, schedule))
    elif schedule.recipe.keep == "best" and progress.best:
        method.load_state_dict(progress.best["tensors"])
        return progress.best["row"]
    return progress.history[-1]


def _train_step(
    method: Method,
    batch: Batch,
    schedule: Schedule,
    optimizer: torch.optim.Optimizer,
    base: list[float],
    progress: Progress,
) -> None:
    for group, lr in zip(optimizer.param_groups, base, strict=True):
        group["lr"] = lr * schedule.lr_factor(progress.step)
    with guarded("step", schedule.seed, progress.stage, progress.step):  # dropout
        logged = method.step(batch, optimizer, schedule.recipe.clip_norm)
        progress.step += 1
        method.after_step(progress.step)
    for name, value in logged.items():
        progress.sums[name] = progress.sums.get(name, torch.zeros_like(value)) + value
    progress.counted += 1


def _evaluate(method: Method, data: UnitData, schedule: Schedule, progress: Progress) -> None:
    """Score source validation; only here are values read back from the device."""
    terms = {name: float(value) / progress.counted for name, value in progress.sums.items()}
    check_finite(terms, progress.step)
    scores = evaluate(method, data)
    row = _row(progress, terms, scores, schedule)
    progress.history.append(row)
    progress.sums, progress.counted = {}, 0
    if improves(row, progress.best["row"] if progress.best else None):
        progress.best = {"row": row, "tensors": copy.deepcopy(method.state_dict())}
    with guarded("after_eval", schedule.seed, progress.stage, progress.step):
        progress.stopped = method.after_eval(progress.step, row["loss"])


def _row(
    progress: Progress, terms: dict[str, float], scores: dict[str, Evaluation], schedule: Schedule
) -> Row:
    """Make an evaluation's row: accuracy by the recipe's rule, loss as the mean of domains."""
    counts = {name: (one.correct, one.total) for name, one in scores.items()}
    return {
        "stage": progress.stage,
        "step": progress.step,
        "terms": terms,
        "accuracy": accuracy(counts, schedule.recipe.validation),
        "loss": sum(one.loss for one in scores.values()) / len(scores),
        "validation": {
            name: {"correct": one.correct, "total": one.total} for name, one in scores.items()
        },
    }


def _save(path: Path, method: Method, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    state = {"method": method.state_dict(), "optimizer": optimizer.state_dict()}
    saved = io.BytesIO()
    torch.save({**state, "progress": vars(progress), "of": path.parent.name}, saved)
    write_sealed_bytes(path, saved.getvalue())


def _resume(method: Method, path: Path | None) -> tuple[Progress, Mapping[str, Any] | None]:
    try:
        saved = None if path is None else _saved(path)
    except DamagedError as damage:
        set_aside(damage)
        saved = None
    if saved is None:
        return Progress(), None
    method.load_state_dict(saved["method"])
    progress = Progress(**saved["progress"])
    device = next(method.parameters()).device
    progress.sums = {name: value.to(device) for name, value in progress.sums.items()}
    return progress, saved["optimizer"]


def _saved(path: Path) -> Mapping[str, Any] | None:
    """Read a checkpoint, if there is one, to the CPU: optimizer and method move their tensors."""
    try:
        data = read_sealed_bytes(path)
    except FileNotFoundError:
        return None
    saved: Mapping[str, Any] = torch.load(data, map_location="cpu", weights_only=True)
    if saved["of"] != path.parent.name:
        raise DamagedError(path, f"it is of {saved['of']}")
    return saved
