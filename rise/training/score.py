"""Scoring: predictions first, labels only afterwards."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from rise.datasets import split
from rise.datasets.decoded import DecodedDataset
from rise.errors import TrainingError
from rise.methods._base import Method
from rise.training.data import UnitData
from rise.training.guard import guarded
from rise.training.history import Counts, HeldOutCounts


class Evaluation(NamedTuple):
    """Counts and mean cross-entropy (nats) on the validation images of one source domain."""

    correct: int
    total: int
    loss: float


@torch.no_grad()
def log_probabilities(method: Method, images: Iterable[Tensor], device: torch.device) -> Tensor:
    """Return the log-softmax of a method's scores, float32 (n, C) on the CPU.

    The method is in evaluation mode meanwhile; images come in parts (B, 3, H, W).

    Raises:
        TrainingError: its scores are not one number for each image and class.
    """
    training = method.training
    method.eval()
    with guarded("evaluate"):
        parts = [_scores(method, part.to(device)).cpu() for part in images]
    method.train(training)
    return torch.cat(parts)


def _scores(method: Method, x: Tensor) -> Tensor:
    scores = method(x)
    wanted = (len(x), method.context.classes)
    if tuple(scores.shape) != wanted:
        raise TrainingError(
            f"forward of {type(method).__name__} gives scores of shape {tuple(scores.shape)}, but "
            f"{wanted[0]} images of {wanted[1]} classes need {wanted}; mend it"
        )
    logs = F.log_softmax(scores.float(), dim=1)
    if logs.isnan().any():
        raise TrainingError(
            f"forward of {type(method).__name__} gives scores that are not numbers; lower lr, or "
            "mend it"
        )
    return logs


def evaluate(method: Method, data: UnitData) -> dict[str, Evaluation]:
    """Score the validation images of every source domain."""
    found = {}
    for domain, images, labels in data.validation_sets():
        logs = log_probabilities(method, images, data.device)
        correct = int((logs.argmax(1) == labels).sum())
        found[domain] = Evaluation(correct, len(labels), float(F.nll_loss(logs, labels)))
    return found


def predict(method: Method, data: UnitData, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Predict rows of the decoded dataset without reading their labels.

    Returns:
        log_probability float16 (n, C); predicted int16 (n,), the argmax before rounding; image
        str (n,), the ids.
    """
    logs = log_probabilities(method, data.plain(rows), data.device)
    return {
        "log_probability": logs.numpy().astype(np.float16),
        "predicted": logs.argmax(1).numpy().astype(np.int16),
        "image": data.decoded.columns["id"][rows],
    }


def held_out_labels(decoded: DecodedDataset, rows: np.ndarray) -> np.ndarray:
    """Read the labels of held-out images; nothing else in training reads them."""
    labels: np.ndarray = decoded.columns["label"][rows]
    return labels


def held_out_scores(
    decoded: DecodedDataset, rows: np.ndarray, predicted: np.ndarray
) -> dict[str, HeldOutCounts]:
    """Count correct and scored images in each scored subset, as a whole and by class."""
    labels = held_out_labels(decoded, rows)
    right = predicted == labels
    return {
        name: {**_counts(right[at]), "classes": _by_class(decoded.classes, labels[at], right[at])}
        for name, at in split.subsets(decoded, rows).items()
    }


def _by_class(classes: list[str], labels: np.ndarray, right: np.ndarray) -> dict[str, Counts]:
    return {classes[y]: _counts(right[labels == y]) for y in np.unique(labels)}


def _counts(right: np.ndarray) -> Counts:
    return {"correct": int(right.sum()), "total": len(right)}
