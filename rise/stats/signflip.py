"""Test paired differences by exact permutation, as if each sign had been a coin toss."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rise.stats.checks import TOLERANCE, finite

# All patterns up to this many differences (2^20, about a million), random ones above.
MAX_EXACT = 20
DRAWS = 99_999


@dataclass(frozen=True)
class SignFlip:
    """Result of `sign_flip`.

    Attributes:
        as_extreme: number of sign patterns whose |sum| is at least the observed one.
        arrangements: number of patterns looked at, the observed one among them.
        p: as_extreme / arrangements, two-sided; never 0.
        smallest: the smallest p that this many differences, or this many draws, can give.
    """

    as_extreme: int
    arrangements: int
    p: float
    smallest: float


def sign_flip(differences: ArrayLike, rng: np.random.Generator | None = None) -> SignFlip:
    """Test paired differences by flipping signs, two-sided, with the statistic |sum|.

    Valid if the two methods are exchangeable within a seed, so that a difference is as likely as
    its opposite. Up to 20 differences all 2^n patterns are counted (Fisher, 1935, The design of
    experiments, section 21); above, 99,999 random patterns with p = (1 + hits) / (1 + draws)
    (Phipson and Smyth, 2010, Permutation p-values should never be zero, SAGMB 9).

    Args:
        differences: float64 (n,), n >= 1, one number a seed, in points (percentage points).
        rng: generator of the random patterns; needed for n > 20 and unused below.

    Returns:
        A `SignFlip`; up to n = 20 `p` is a multiple of `smallest` = 2 / 2^n.

    Raises:
        ValueError: no difference, one that is NaN or infinite, not one axis of float64 numbers,
            or n > 20 without rng.
    """
    x = finite(differences, 1, "the differences")
    if x.size == 0:
        raise ValueError("a sign-flip test needs at least one difference")
    if x.size <= MAX_EXACT:
        # A pattern and its opposite have the same |sum|, so half of them are summed.
        hits, arrangements, step = 2 * _as_extreme(_half_of_all_sums(x), x), 2**x.size, 2
    elif rng is None:
        raise ValueError(f"more than {MAX_EXACT} differences need a generator of random patterns")
    else:
        hits, arrangements, step = 1 + _as_extreme(_random_sums(x, rng), x), 1 + DRAWS, 1
    return SignFlip(hits, arrangements, hits / arrangements, step / arrangements)


def _as_extreme(sums: NDArray[np.float64], x: NDArray[np.float64]) -> int:
    # Sums that are equal on paper differ in the last bit; without the tolerance p is too small.
    return int(np.count_nonzero(np.abs(sums) >= abs(x.sum()) - TOLERANCE))


def _half_of_all_sums(x: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = x[:1]
    for difference in x[1:]:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


def _random_sums(x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    flipped = rng.integers(0, 2, size=(DRAWS, x.size), dtype=np.int8)
    return np.asarray(x.sum() - 2 * (flipped @ x), dtype=np.float64)
