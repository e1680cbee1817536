"""The size of a paired difference in standard deviations: a description, it decides nothing."""

from dataclasses import dataclass
from math import exp, lgamma, sqrt

from numpy.typing import ArrayLike
from scipy.optimize import brentq

from rise.stats.checks import inside
from rise.stats.noncentral import tail
from rise.stats.paired import paired_t


@dataclass(frozen=True)
class Effect:
    """Result of `effect`; no units.

    Attributes:
        d_z: mean / sd (ddof 1) of the paired differences.
        hedges_factor: what takes the bias of few seeds from d_z.
        g_z: d_z times this factor.
        low: lower limit of the interval of the true d_z.
        high: upper limit.
    """

    d_z: float
    hedges_factor: float
    g_z: float
    low: float
    high: float


def effect(differences: ArrayLike, level: float = 0.95) -> Effect | None:
    """Mean paired difference in standard deviations, with the interval of the noncentral t.

    Not comparable between designs: the fewer sources of variation, the larger d_z. Sources:
    Cohen (1988), Statistical power analysis; Hedges (1981), Journal of Educational Statistics 6;
    the interval holds all true d_z that a t test with this t would not reject (Steiger and
    Fouladi, 1997, Noncentrality interval estimation).

    Args:
        differences: float64 (n,), first method minus second, one number a seed.
        level: coverage of the interval, between 0 and 1.

    Returns:
        An `Effect`, limits exact to about 1e-10; None where `paired_t` has no test, because there
        is no spread to measure in.

    Raises:
        ValueError: as `paired_t`.
    """
    result = paired_t(differences, level)
    if result.t is None:
        return None
    n, t = result.n, result.t
    d_z = t / sqrt(n)
    factor = hedges_factor(n)
    side = (1 - level) / 2
    low, high = (_noncentrality(t, n - 1, share) / sqrt(n) for share in (side, 1 - side))
    return Effect(d_z, factor, factor * d_z, low, high)


def hedges_factor(n: int) -> float:
    """What makes d_z unbiased: below 1, and 1 for many seeds.

    Args:
        n: number of seeds, at least 3.

    Raises:
        ValueError: n < 3.
    """
    df = inside(n, 2, float("inf"), "the number of seeds") - 1
    return exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)


def _noncentrality(t: float, df: int, share: float) -> float:
    """The noncentrality under which a t of at least `t` has the chance `share`."""
    low, high = t - 1.0, t + 1.0
    while tail(t, df, low) > share:
        low -= high - low
    while tail(t, df, high) < share:
        high += high - low
    return float(brentq(lambda nc: tail(t, df, nc) - share, low, high, xtol=1e-12, rtol=1e-13))
