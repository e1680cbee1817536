"""The trainer: runs the stages of any method under a recipe, and knows no method by name.

A checkpoint holds the step and tensors, never a generator: every draw is a function of its counter,
so a run that was killed ends with the same bytes as one that was not.
"""

import copy
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rise.methods._base import Batch, Method, check_finite
from rise.training.data import UnitData
from rise.training.recipe import Recipe
from rise.training.score import Evaluation, evaluate
from rise.training.selection import accuracy, improves
from rise.utils.io import replacing
from rise.utils.rng import global_stream

SAVE_SECONDS = 60.0


@dataclass
class Progress:
    """Where a trial stands; all of it goes into a checkpoint."""

    stage: int = 0
    step: int = 0
    stopped: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    sums: dict[str, Tensor] = field(default_factory=dict)
    counted: int = 0
    best: dict[str, Any] | None = None


def fit(
    method: Method,
    data: UnitData,
    recipe: Recipe,
    stages: int,
    checkpoint: Path | None = None,
    save_seconds: float = SAVE_SECONDS,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Train a method on the source domains; afterwards it holds the weights to be kept.

    Args:
        method: built and on its device.
        data: source domains only; held-out images are no argument.
        recipe: of this trial.
        stages: how many stages the method declares.
        checkpoint: file to resume from and to save to; removed by the caller.
        save_seconds: least time between two saves; it changes no result.

    Returns:
        The history, one row an evaluation (stage, step, terms: mean since the last, accuracy and
        loss on source validation, by domain and as their mean), and the row of the kept weights.

    Raises:
        TrainingError: a term is not finite.
    """
    progress, state = _resume(method, checkpoint)
    saved = time.monotonic()
    for stage in range(progress.stage, stages):
        method.start_stage(stage)
        optimizer = recipe.optimizer(method.param_groups(recipe.lr))
        base = [group["lr"] for group in optimizer.param_groups]
        if state is not None:
            optimizer.load_state_dict(state)
            state = None
        method.train()
        with closing(data.batches(recipe.pick, progress.step)) as batches:
            while progress.step < recipe.steps and not progress.stopped:
                _train_step(method, next(batches), recipe, optimizer, base, progress)
                if recipe.evaluates(progress.step):
                    _evaluate(method, data, recipe, progress)
                if checkpoint and time.monotonic() - saved >= save_seconds:
                    _save(checkpoint, method, optimizer, progress)
                    saved = time.monotonic()
            with global_stream("finalize", recipe.seed, stage):
                stands = method.finalize(batches)
        kept = _keep(method, data, recipe, progress, stands)
        progress.stage, progress.step, progress.stopped = stage + 1, 0, False
        progress.best = None
    return progress.history, kept


def _keep(
    method: Method, data: UnitData, recipe: Recipe, progress: Progress, stands: bool
) -> dict[str, Any]:
    """Settle a stage's weights: the method's own, the best evaluated or the last ones."""
    if stands:  # an average has no score yet
        scored = _summary(evaluate(method, data), recipe.values["validation"])
        progress.history.append({**progress.history[-1], **scored})
    elif recipe.values["keep"] == "best" and progress.best:
        method.load_state_dict(progress.best["tensors"])
        row: dict[str, Any] = progress.best["row"]
        return row
    return progress.history[-1]


def _train_step(
    method: Method,
    batch: Batch,
    recipe: Recipe,
    optimizer: torch.optim.Optimizer,
    base: list[float],
    progress: Progress,
) -> None:
    for group, lr in zip(optimizer.param_groups, base, strict=True):
        group["lr"] = lr * recipe.lr_factor(progress.step)
    with global_stream("step", recipe.seed, progress.stage, progress.step):  # dropout
        logged = method.step(batch, optimizer, recipe.values["clip_norm"])
    for name, value in logged.items():
        progress.sums[name] = progress.sums.get(name, torch.zeros_like(value)) + value
    progress.counted += 1
    progress.step += 1
    method.after_step(progress.step)


def _evaluate(method: Method, data: UnitData, recipe: Recipe, progress: Progress) -> None:
    """Score source validation; the one place that reads values back from the device."""
    terms = {name: float(value) / progress.counted for name, value in progress.sums.items()}
    check_finite(terms, progress.step)
    scores = evaluate(method, data)
    summary = _summary(scores, recipe.values["validation"])
    row = {"stage": progress.stage, "step": progress.step, "terms": terms, **summary}
    progress.history.append(row)
    progress.sums, progress.counted = {}, 0
    if improves(row, progress.best and progress.best["row"]):
        progress.best = {"row": row, "tensors": copy.deepcopy(method.state_dict())}
    progress.stopped = method.after_eval(progress.step, row["loss"])


def _summary(scores: dict[str, Evaluation], rule: str) -> dict[str, Any]:
    """Accuracy by the recipe's rule, and the mean loss, each domain with equal weight."""
    return {
        "accuracy": accuracy({name: (s.correct, s.total) for name, s in scores.items()}, rule),
        "loss": sum(s.loss for s in scores.values()) / len(scores),
        "validation": {
            name: {"correct": s.correct, "total": s.total} for name, s in scores.items()
        },
    }


def _save(path: Path, method: Method, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    state = {"method": method.state_dict(), "optimizer": optimizer.state_dict()}
    with replacing(path) as beside:
        torch.save({**state, "progress": vars(progress)}, beside)


def _resume(method: Method, path: Path | None) -> tuple[Progress, dict[str, Any] | None]:
    if path is None or not path.is_file():
        return Progress(), None
    # Loaded to the CPU: optimizer and method move their tensors themselves.
    saved = torch.load(path, map_location="cpu", weights_only=True)
    method.load_state_dict(saved["method"])
    progress = Progress(**saved["progress"])
    device = next(method.parameters()).device
    progress.sums = {name: value.to(device) for name, value in progress.sums.items()}
    return progress, saved["optimizer"]
