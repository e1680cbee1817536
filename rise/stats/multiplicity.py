"""Adjust the p values of a pre-specified family of tests."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control


def holm(p: Sequence[float | None]) -> NDArray[np.float64]:
    """Adjust by Holm's step-down method: reject where the adjusted p is at most alpha.

    Holds the chance of any false rejection at alpha whatever the dependence of the tests, and is
    never less powerful than Bonferroni (Holm, 1979, Scandinavian Journal of Statistics 6).

    Args:
        p: m p values in [0, 1], all that were pre-specified; None, a test that could not be made,
            stays in the family as p = 1.

    Returns:
        float64 (m,) in the order of the input: of the sorted p, the largest (m - i + 1) p_(i) up
        to each place, at most 1.

    Raises:
        ValueError: a p is NaN or outside [0, 1].
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(values.size, 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return adjusted


def last_step(p: Sequence[float | None], alpha: float) -> float:
    """Compute the level at which Holm's step-down method tests what it does not reject.

    Every p value that is rejected lies at or below this level, every other one above it. So a
    contrast's interval at one minus the level excludes zero exactly where Holm's method rejects.
    The level hangs on the data, so all that is known of the coverage, for one contrast by itself,
    is that it is at least 1 - alpha; of all contrasts together nothing is.

    Args:
        p: m p values in [0, 1], as in `holm`.
        alpha: of the family, between 0 and 1.

    Returns:
        alpha / (m - r), where r of them are rejected; alpha itself where all are, or m is 0.

    Raises:
        ValueError: a p is NaN or outside [0, 1].
    """
    rejected = int((holm(p) <= alpha).sum())
    return alpha / max(1, len(p) - rejected)


def benjamini_hochberg(p: Sequence[float | None]) -> NDArray[np.float64]:
    """Adjust by Benjamini and Hochberg's step-up method, for tables that one browses.

    Holds the expected share of false finds among all finds, for independent or positively
    dependent tests (Benjamini and Hochberg, 1995, JRSS B 57). No verdict rests on it.

    Args:
        p: m p values in [0, 1], all that are printed; None counts as 1.

    Returns:
        float64 (m,) in the order of the input, called q: of the sorted p, the smallest
        m p_(i) / i from each place on, at most 1.

    Raises:
        ValueError: a p is NaN or outside [0, 1].
    """
    adjusted: NDArray[np.float64] = false_discovery_control(_checked(p))
    return adjusted


def _checked(p: Sequence[float | None]) -> NDArray[np.float64]:
    values = np.array([1.0 if value is None else value for value in p], dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("p values must be between 0 and 1; a missing one is None")
    return values
