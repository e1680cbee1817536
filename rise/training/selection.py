"""The choice of the best evaluation of a trial, and of the best trial, by source validation alone.

The highest accuracy on the source domains' validation images wins; of equal ones the earliest
epoch, then the trial declared first. The release breaks ties between settings by the accuracy on
the held-out domain (OoDBag/RISE, evaluate_results.py 57), so that its labels decide; no held-out
number reaches this module.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rise.training.history import Row, TrialResult


def accuracy(counts: Mapping[str, tuple[int, int]], rule: str) -> float:
    """Compute the accuracy over source domains from the (correct, total) of each.

    Args:
        counts: by domain; no total is 0.
        rule: "mean" gives each domain equal weight (DomainBed), "pooled" each image (OoDBag/RISE,
            train_rise.py 181-188).

    Returns:
        The nearest float to the exact fraction, so that equal accuracies are equal numbers.
    """
    if rule == "pooled":
        correct, total = (sum(column) for column in zip(*counts.values(), strict=True))
        return float(Fraction(correct, total))
    return float(sum(Fraction(c, t) for c, t in counts.values()) / len(counts))


def improves(row: Row, best: Row | None) -> bool:
    """Say whether a later evaluation replaces the best one before it."""
    return best is None or bool(row["accuracy"] > best["accuracy"])


def select(trials: Sequence[TrialResult]) -> TrialResult:
    """Choose the trial, in declared order, whose kept weights are the best."""
    chosen = trials[0]
    for trial in trials[1:]:
        if improves(trial["kept"], chosen["kept"]):
            chosen = trial
    return chosen
