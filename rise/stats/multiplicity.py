"""Adjusted p values of a declared family of tests."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def holm(p: Sequence[float | None]) -> NDArray[np.float64]:
    """Holm's step-down adjustment: reject where the adjusted p is at most alpha.

    Holds the chance of any false rejection at alpha whatever the dependence of the tests, and is
    never less powerful than Bonferroni (Holm, 1979, Scandinavian Journal of Statistics 6).

    Args:
        p: m p values in [0, 1], all that were declared; None, a test that could not be made,
            stays in the family as p = 1.

    Returns:
        float64 (m,) in the order of the input: of the sorted p, the largest (m - i + 1) p_(i) up
        to each place, at most 1.

    Raises:
        ValueError: a p is NaN or outside [0, 1].
    """
    values = np.array([1.0 if value is None else value for value in p], dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("p values must be between 0 and 1; a missing one is None")
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(values.size, 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return adjusted
