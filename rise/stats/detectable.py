"""The mean difference that a paired t test with n seeds could have found."""

from math import exp, lgamma, log, sqrt

from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr, stdtrit

from rise.stats.checks import inside
from rise.stats.paired import MIN_SEEDS


def detectable(n: int, alpha: float, power: float) -> float:
    """Smallest true mean difference that a two-sided paired t test finds with the given power.

    Multiply by a standard deviation of the differences for points: one declared from a pilot
    before the experiment, the observed one after it ("detectable with the observed spread").
    Power *at the observed mean* is the p value in disguise and is not offered (Hoenig and Heisey,
    2001, The abuse of power, American Statistician 55; for why to print a detectable difference:
    Card et al., 2020, With little power comes great responsibility, EMNLP).

    Args:
        n: number of seeds, at least 3.
        alpha: level of the test, between 0 and 1; in a family of m, alpha / m (Holm's first step).
        power: chance to find the difference, between alpha and 1 - 1e-9.

    Returns:
        The difference in standard deviations of the paired differences; exact to about 1e-10.

    Raises:
        ValueError: n < 3, or alpha or power outside its range.
    """
    if n < MIN_SEEDS:
        raise ValueError(f"a test needs at least {MIN_SEEDS} seeds, not {n}")
    inside(alpha, 0, 1, "alpha")
    inside(power, alpha, 1 - 1e-9, "power")
    critical = -float(stdtrit(n - 1, alpha / 2))
    high = 1.0
    while _power(n, critical, high) < power:
        high *= 2
    root = brentq(lambda d: _power(n, critical, d) - power, 0.0, high, xtol=1e-13, rtol=1e-13)
    return float(root)


def _power(n: int, critical: float, difference: float) -> float:
    """Chance that |t| exceeds `critical` when the true mean is `difference` standard deviations.

    Given s, the observed over the true standard deviation, t is normal; so the noncentral t is an
    integral over the density of s (chi over the root of its degrees of freedom). Library versions
    of the noncentral t keep only about seven digits for few seeds, and may return NaN.
    """
    df = n - 1
    centre = difference * sqrt(n)
    scale = log(2) + df / 2 * log(df / 2) - lgamma(df / 2)

    def found(s: float) -> float:
        density = exp(scale + (df - 1) * log(s) - df / 2 * s * s)
        return float(density * (ndtr(centre - critical * s) + ndtr(-centre - critical * s)))

    # Twelve standard deviations of s hold all of it that float64 can see.
    reach = 12 / sqrt(2 * df)
    value, _ = quad(found, max(0.0, 1 - reach), 1 + reach, epsabs=1e-13, epsrel=1e-12, limit=500)
    return float(value)
