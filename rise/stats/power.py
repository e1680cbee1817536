"""Plan an experiment: compute its power, and how many seeds it needs."""

from collections.abc import Callable
from math import exp, lgamma, log, sqrt

from scipy.integrate import quad
from scipy.special import chdtri, ndtr, stdtrit

from rise.stats.checks import inside
from rise.stats.paired import MIN_SEEDS

# An experiment of more seeds is another kind of experiment; the search stops here.
MAX_SEEDS = 100_000


def power_at(n: int, alpha: float, difference: float) -> float:
    """Compute the chance that a two-sided paired t test with n seeds finds a true mean difference.

    The difference is one that would matter, in units of a spread from a pilot. Power at the
    observed difference is the p value in disguise (Hoenig and Heisey, 2001, The abuse of power,
    American Statistician 55).

    Args:
        n: number of seeds, at least 3.
        alpha: level of the test, between 0 and 1; in a family of m, alpha / m (Holm's first step).
        difference: true mean over the true standard deviation of the paired differences (d_z).

    Returns:
        The chance, from alpha to 1; exact to about 1e-12.

    Raises:
        ValueError: n < 3, alpha is outside (0, 1), or the difference is not finite.
    """
    if n < MIN_SEEDS:
        raise ValueError(f"a test needs at least {MIN_SEEDS} seeds, not {n}")
    critical = -float(stdtrit(n - 1, inside(alpha, 0, 1, "alpha") / 2))
    centre = inside(difference, -float("inf"), float("inf"), "the difference") * sqrt(n)
    # Both tails: a difference near zero is found nearly as often on the wrong side.
    return _over_spread(
        n - 1, lambda s: float(ndtr(centre - critical * s) + ndtr(-centre - critical * s))
    )


def seeds_needed(difference: float, sd: float, alpha: float, m: int, power: float) -> int:
    """Find the smallest number of seeds whose paired t test has the wanted power.

    Args:
        difference: mean difference in points that must not be missed, not zero; chosen, never
            the one that was observed.
        sd: standard deviation of paired differences in points, above 0, from a pilot. With few
            pilot seeds it is hardly known: after 3, the true one may be six times as large.
        alpha: level of the family, between 0 and 1.
        m: number of pre-specified contrasts, at least 1; each is planned at alpha / m.
        power: between alpha / m and 1 - 1e-9.

    Returns:
        The number of seeds, at least 3.

    Raises:
        ValueError: an argument is outside its range, or more than 100,000 seeds would be needed.
    """
    if m < 1:
        raise ValueError(f"a family has at least one contrast, not {m}")
    level = inside(alpha, 0, 1, "alpha") / m
    inside(power, level, 1 - 1e-9, "power")
    size = abs(difference) / inside(sd, 0, float("inf"), "the standard deviation")
    if not power_at(MAX_SEEDS, level, size) >= power:
        raise ValueError(
            f"a difference of {size:g} standard deviations needs more than {MAX_SEEDS} seeds"
        )
    low, high = MIN_SEEDS - 1, MIN_SEEDS
    while power_at(high, level, size) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle, level, size) >= power else (middle, high)
    return high


def spread_interval(sd: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Compute the interval of a true standard deviation, from that of n normal values.

    Args:
        sd: observed standard deviation (ddof 1), above 0.
        n: number of values, at least 2.
        level: coverage, between 0 and 1.

    Returns:
        (low, high), in the unit of `sd`: sd * sqrt((n - 1) / quantile of chi squared).
    """
    side = (1 - inside(level, 0, 1, "level")) / 2
    high, low = (sqrt((n - 1) / float(chdtri(n - 1, 1 - p))) for p in (side, 1 - side))
    return sd * low, sd * high


def _over_spread(df: int, function: Callable[[float], float]) -> float:
    """Average a function of s, the observed over the true standard deviation of normal values.

    Library versions of the noncentral t keep about seven digits for few degrees of freedom, and
    may return NaN; this integral over the density of s is exact to about 1e-12.

    Args:
        df: degrees of freedom of the standard deviation, at least 1.
        function: of one s > 0, between 0 and 1.
    """
    scale = log(2) + df / 2 * log(df / 2) - lgamma(df / 2)

    def weighted(s: float) -> float:
        return exp(scale + (df - 1) * log(s) - df / 2 * s * s) * function(s)

    # Twelve standard deviations of s hold all of it that float64 can see.
    reach = 12 / sqrt(2 * df)
    value, _ = quad(weighted, max(0.0, 1 - reach), 1 + reach, epsabs=1e-13, epsrel=1e-12, limit=500)
    return float(value)
