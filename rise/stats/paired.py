"""Compute mean and Student interval over seeds: of paired differences, and of one method."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from rise.stats.checks import TOLERANCE, finite, inside

# Fewer seeds give numbers, but no test and no interval.
MIN_SEEDS = 3

Status = Literal["ok", "too few", "identical", "constant"]


@dataclass(frozen=True)
class PairedT:
    """Result of `paired_t` or `corrected_t`; mean, sd, se, low and high are in points.

    Attributes:
        n: number of seeds.
        df: degrees of freedom, n - 1; None when n = 0.
        mean: mean difference; None when n = 0.
        sd: standard deviation with ddof 1; None when n < 2.
        se: sd / sqrt(n), or what `corrected_t` puts in its place; None when n < 2.
        t: mean / se; None unless the status is ok.
        p: two-sided p value of mean zero; None unless the status is ok.
        low: lower limit of the interval of the mean; None unless the status is ok.
        high: upper limit; None unless the status is ok.
        status: `ok`; `too few` (n < 3); `identical` (all differences are zero); `constant` (all
            are equal but not zero: almost surely a seed that reaches nothing).
    """

    n: int
    df: int | None
    mean: float | None
    sd: float | None
    se: float | None
    t: float | None
    p: float | None
    low: float | None
    high: float | None
    status: Status


@dataclass(frozen=True)
class Interval:
    """Result of `mean_interval`, all in the unit of the values.

    Attributes:
        n: number of seeds.
        mean: mean over seeds; None when n = 0.
        sd: standard deviation with ddof 1; None when n < 2.
        low: lower limit of the interval of the mean; None when n < 3 or when all values are
            equal, because an interval of no width would claim to know the mean exactly.
        high: upper limit; None with `low`.
    """

    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


def domain_average(table: ArrayLike) -> NDArray[np.float64]:
    """Average the held-out domains with equal weights, one number a seed.

    Domains of one seed share code, teacher and most training images, so they are no separate
    experiments and are averaged before any test. Weights are equal because the benchmark asks
    about domains, not images (Gulrajani and Lopez-Paz, 2021, In search of lost domain
    generalization).

    Args:
        table: float64 (seeds, domains), accuracies in per cent; every cell must be there.

    Returns:
        float64 (seeds,), in per cent.

    Raises:
        ValueError: not a table, no domain, or a cell that is not finite: a mean over the domains
            that happen to be there would be a mean of something else.
    """
    cells = finite(table, 2, "the table of accuracies")
    if cells.shape[1] == 0:
        raise ValueError("the table of accuracies has no domain to average")
    averages: NDArray[np.float64] = cells.mean(axis=1)
    return averages


def t_critical(n: int, level: float = 0.95) -> float:
    """Compute the half-width of the interval of a mean of n values, in standard errors.

    Args:
        n: number of values, at least 2.
        level: coverage, between 0 and 1.

    Returns:
        The quantile 1 - (1 - level) / 2 of Student's t with n - 1 degrees of freedom.

    Raises:
        ValueError: n < 2, or level outside (0, 1).
    """
    if n < 2:
        raise ValueError(f"an interval needs at least 2 values, not {n}")
    return float(stats.t.isf((1 - inside(level, 0, 1, "level")) / 2, n - 1))


def paired_t(differences: ArrayLike, level: float = 0.95) -> PairedT:
    """Test the differences of matched seeds for mean zero by Student's t, with its interval.

    Source: Student (1908), The probable error of a mean, Biometrika 6. With few seeds the normal
    quantiles would cover far less than they promise, so t is used for every n.

    Args:
        differences: float64 (n,), first method minus second, one number a seed, in points
            (percentage points).
        level: coverage of the interval, between 0 and 1.

    Returns:
        A `PairedT`. Where a number has no meaning it is None, never NaN or 0: a library t test
        answers p = 0 for differences that do not vary, and NaN for zeros.

    Raises:
        ValueError: a difference is NaN or infinite, the input is not one axis of float64 numbers,
            or level is outside (0, 1).
    """
    return student(finite(differences, 1, "the differences"), level)


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Compute the mean and t interval over seeds of one method (the cell of a table).

    Whether the intervals of two methods overlap says nothing about their paired difference; that
    is what `paired_t` is for.

    Args:
        values: float64 (n,), one number a seed, for example accuracies in per cent.
        level: coverage of the interval, between 0 and 1.

    Raises:
        ValueError: as `paired_t`.
    """
    cell = student(finite(values, 1, "the values"), level)
    return Interval(cell.n, cell.mean, cell.sd, cell.low, cell.high)


def student(x: NDArray[np.float64], level: float, ratio: float = 0.0) -> PairedT:
    """Run Student's test on checked numbers, with the variance of the mean sd^2 (1/n + ratio)."""
    inside(level, 0, 1, "level")
    n = x.size
    mean = float(x.mean()) if n else None
    sd = _sd(x)
    se = None if sd is None else sd * (1 / n + ratio) ** 0.5
    status = _status(x)
    if status != "ok" or mean is None or se is None:
        return PairedT(n, n - 1 if n else None, mean, sd, se, None, None, None, None, status)
    t = mean / se
    half = t_critical(n, level) * se
    p = float(2 * stats.t.sf(abs(t), n - 1))
    return PairedT(n, n - 1, mean, sd, se, t, p, mean - half, mean + half, status)


def _equal(x: NDArray[np.float64]) -> bool:
    return bool(np.ptp(x) <= TOLERANCE)


def _sd(x: NDArray[np.float64]) -> float | None:
    if x.size < 2:
        return None
    # Equal numbers with a last-bit difference have a spread that is rounding and nothing else.
    return 0.0 if _equal(x) else float(x.std(ddof=1))


def _status(x: NDArray[np.float64]) -> Status:
    if x.size < MIN_SEEDS:
        return "too few"
    if not _equal(x):
        return "ok"
    return "identical" if bool(np.abs(x).max() <= TOLERANCE) else "constant"
