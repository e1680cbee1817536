"""The noncentral t distribution to the digits that float64 holds."""

from collections.abc import Callable
from math import exp, lgamma, log, sqrt

from scipy.integrate import quad
from scipy.special import ndtr


def tail(t: float, df: int, nc: float) -> float:
    """P(T >= t) of the noncentral t.

    Given s, the observed over the true standard deviation, t is normal; so the probability is an
    integral over the density of s (chi over the root of its degrees of freedom). Library versions
    keep only about seven digits for few degrees of freedom, and may return NaN.

    Args:
        t: any number.
        df: degrees of freedom, at least 1.
        nc: noncentrality, any number.

    Returns:
        The probability; exact to about 1e-12.
    """
    return over_spread(df, lambda s: float(ndtr(nc - t * s)))


def over_spread(df: int, function: Callable[[float], float]) -> float:
    """Mean of a function of s, the observed over the true standard deviation of normal values.

    Args:
        df: degrees of freedom of the standard deviation, at least 1.
        function: of one s > 0, between 0 and 1.

    Returns:
        The mean; exact to about 1e-12.
    """
    scale = log(2) + df / 2 * log(df / 2) - lgamma(df / 2)

    def weighted(s: float) -> float:
        return exp(scale + (df - 1) * log(s) - df / 2 * s * s) * function(s)

    # Twelve standard deviations of s hold all of it that float64 can see.
    reach = 12 / sqrt(2 * df)
    value, _ = quad(weighted, max(0.0, 1 - reach), 1 + reach, epsabs=1e-13, epsrel=1e-12, limit=500)
    return float(value)
