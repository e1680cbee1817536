"""Compute the minimum detectable difference of a paired t test with n seeds."""

from math import sqrt

from scipy.optimize import brentq

from rise.stats.checks import inside
from rise.stats.power import power_at


def minimum_difference(n: int, alpha: float, power: float, ratio: float = 0.0) -> float:
    """Find the smallest true mean difference that a two-sided t test finds with the given power.

    Multiply by a standard deviation of the differences for points: one known from a pilot
    before the experiment, the observed one after it.
    Power *at the observed mean* is the p value in disguise and is not offered (Hoenig and Heisey,
    2001, The abuse of power, American Statistician 55; for why to print this one:
    Card et al., 2020, With little power comes great responsibility, EMNLP).

    Args:
        n: number of seeds, at least 3.
        alpha: level of the test, between 0 and 1; in a family of m, alpha / m (Holm's first step).
        power: chance to find the difference, between alpha and 1 - 1e-9.
        ratio: that of `corrected_t`, which needs a difference sqrt(1 + n ratio) times as large; 0,
            the paired t test.

    Returns:
        The difference in standard deviations of the paired differences; exact to about 1e-10.

    Raises:
        ValueError: n < 3, alpha or power outside its range, or a ratio below 0 or not finite.
    """
    if not 0 <= ratio < float("inf"):
        raise ValueError(f"the ratio must be finite and not below 0, not {ratio}")
    power_at(n, alpha, 0.0)  # checks n and alpha
    inside(power, alpha, 1 - 1e-9, "power")
    high = 1.0
    while power_at(n, alpha, high) < power:
        high *= 2
    root = brentq(lambda d: power_at(n, alpha, d) - power, 0.0, high, xtol=1e-13, rtol=1e-13)
    return float(root) * sqrt(1 + n * ratio)
