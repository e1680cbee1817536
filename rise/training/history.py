"""The types of a training's history: a row for each evaluation, and a trial's result."""

from typing import TypedDict

from rise.experiment.identity import Setting


class Counts(TypedDict):
    """The numbers of correct and of scored images."""

    correct: int
    total: int


class HeldOutCounts(Counts):
    """Counts over a set of held-out images, and over those of each class that has any."""

    classes: dict[str, Counts]


class Row(TypedDict):
    """One evaluation on source validation.

    terms: mean of each since the last evaluation; accuracy by the recipe's rule; loss: mean
    cross-entropy in nats, each domain with equal weight; validation: counts by source domain.
    """

    stage: int
    step: int
    terms: dict[str, float]
    accuracy: float
    loss: float
    validation: dict[str, Counts]


class TrialResult(TypedDict):
    """A trial's setting, the history of its evaluations, and the row of the kept weights.

    weights: sha256 of the file of the kept weights.
    """

    setting: dict[str, Setting]
    history: list[Row]
    kept: Row
    weights: str
