"""Test whether own results and a published number agree within a margin set beforehand.

Two one-sided t tests (Schuirmann, 1987, Journal of Pharmacokinetics and Biopharmaceutics 15). A t
test that finds no difference is no evidence of equivalence; these are the tests that can be.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from rise.stats.checks import inside
from rise.stats.paired import MIN_SEEDS, mean_interval

ErrorKind = Literal["se", "se_ddof0", "sd", "sd_ddof0", "ci95", "unknown", "none"]
EquivalenceVerdict = Literal["reproduced", "not reproduced", "inconclusive"]

# Where a table does not say how many runs it is a mean of: three, as DomainBed's.
USUAL_RUNS = 3

KIND_UNKNOWN = "kind of the published error unknown, taken as standard error with ddof 0"
RUNS_UNKNOWN = f"number of published runs unknown, taken as {USUAL_RUNS}"
SPREAD_UNKNOWN = "published spread unknown, ours assumed"
YET_DIFFERENT = "within the margin, yet different"


@dataclass(frozen=True)
class PublishedComparison:
    """Result of `compare_published`; numbers in points unless they say otherwise.

    Attributes:
        n: number of own seeds.
        difference: own mean minus the published number.
        u_ours: standard error of the own mean.
        u_published: standard error of the published number.
        u: that of the difference.
        df: its degrees of freedom (Welch and Satterthwaite), a real number.
        low: lower limit of the interval of the difference at level 1 - 2 alpha, which decides.
        high: upper limit.
        low95: lower limit of the 95 % interval.
        high95: upper limit.
        p_lower: p value of "the difference is at most -margin", rounding counted against us.
        p_upper: p value of "the difference is at least the margin".
        p_tost: the larger of both; at most alpha where the verdict is `reproduced`.
        verdict: about the number, not about quality: a higher one may be `not reproduced`.
        smallest_margin: the least margin with the verdict `reproduced`; exploratory.
        notes: what was assumed, and "within the margin, yet different" where the 95 % interval
            excludes zero by more than the rounding.
    """

    n: int
    difference: float
    u_ours: float
    u_published: float
    u: float
    df: float
    low: float
    high: float
    low95: float
    high95: float
    p_lower: float
    p_upper: float
    p_tost: float
    verdict: EquivalenceVerdict
    smallest_margin: float
    notes: tuple[str, ...]


def compare_published(
    ours: ArrayLike,
    published: float,
    error: float | None,
    error_kind: ErrorKind,
    n_published: int | None,
    decimals: int,
    margin: float,
    alpha: float = 0.05,
) -> PublishedComparison:
    """Compare own seeds with a printed mean by two one-sided t tests.

    Rounding is an unknown shift of up to half a unit of the last printed digit, and no noise: it
    narrows the margin for `reproduced`, widens it for `not reproduced`, and raises the printed
    error. Degrees of freedom: Welch (1947), Biometrika 34.

    Args:
        ours: float64 (n,), n >= 3, per cent, one number a seed.
        published: the printed mean in per cent.
        error: what is printed after "+/-", in points; None where nothing is.
        error_kind: what it is: a standard error or standard deviation, with ddof 1 or 0, the
            half-width of a 95 % t interval, `unknown`, or `none` where error is None.
        n_published: number of published runs, None where it is not stated.
        decimals: digits printed after the point, of mean and error.
        margin: difference in points that would change a reader's mind, set before the
            results; above the rounding.
        alpha: chance of each wrong verdict, between 0 and 0.5.

    Returns:
        A `PublishedComparison`.

    Raises:
        ValueError: fewer than 3 seeds, numbers out of range, an error without a kind or the other
            way round, the error of a single run, a margin within the rounding, or neither own nor
            published values that vary.
    """
    half_unit = _half_unit(decimals)
    inside(published, -float("inf"), float("inf"), "the published number")
    inside(margin, half_unit, float("inf"), "the margin")
    inside(alpha, 0, 0.5, "alpha")
    cell = mean_interval(ours)
    if cell.n < MIN_SEEDS or cell.mean is None or cell.sd is None:
        raise ValueError(f"a comparison needs at least {MIN_SEEDS} seeds, not {cell.n}")
    notes = [KIND_UNKNOWN] if error_kind == "unknown" else []
    u_ours = cell.sd / sqrt(cell.n)
    if error_kind == "none":
        if error is not None:
            raise ValueError(f"the published error {error} has the kind none; say what it is")
        notes.append(SPREAD_UNKNOWN)
        u_published, df = cell.sd / sqrt(_runs(n_published, 1)), float(cell.n - 1)
    else:
        if n_published is None:
            notes.append(RUNS_UNKNOWN)
        runs = _runs(USUAL_RUNS if n_published is None else n_published, 2)
        u_published = _standard_error(error, error_kind, runs, half_unit)
        df = _welch(u_ours, cell.n, u_published, runs)
    u = sqrt(u_ours**2 + u_published**2)
    if u == 0:
        raise ValueError(
            "our values do not vary and no published error is known, so nothing can be tested"
        )

    difference = cell.mean - published
    half, half95 = (-float(stdtrit(df, share)) * u for share in (alpha, 0.025))
    low, high, low95, high95 = (difference + x for x in (-half, half, -half95, half95))
    p_lower = float(stdtr(df, -(difference + margin - half_unit) / u))
    p_upper = float(stdtr(df, (difference - margin + half_unit) / u))
    verdict = _verdict(low, high, margin, half_unit)
    if verdict == "reproduced" and (low95 > half_unit or high95 < -half_unit):
        notes.append(YET_DIFFERENT)
    return PublishedComparison(
        n=cell.n,
        difference=difference,
        u_ours=u_ours,
        u_published=u_published,
        u=u,
        df=df,
        low=low,
        high=high,
        low95=low95,
        high95=high95,
        p_lower=p_lower,
        p_upper=p_upper,
        p_tost=max(p_lower, p_upper),
        verdict=verdict,
        smallest_margin=max(abs(low), abs(high)) + half_unit,
        notes=tuple(notes),
    )


def _half_unit(decimals: int) -> float:
    if decimals < 0:
        raise ValueError(f"digits after the point cannot be {decimals}")
    return float(0.5 * 10.0**-decimals)


def _runs(runs: int | None, least: int) -> int:
    if runs is None:
        return least
    if runs < least:
        raise ValueError(f"the published number must be of at least {least} runs, not {runs}")
    return runs


def _standard_error(error: float | None, kind: ErrorKind, runs: int, half_unit: float) -> float:
    """Convert the printed error, rounded up, to a standard error with ddof 1."""
    if error is None:
        raise ValueError("without a published error its kind is none")
    if not 0 <= error < float("inf"):
        raise ValueError(f"the published error must be finite and not below 0, not {error}")
    factor = {
        "se": 1.0,
        "se_ddof0": sqrt(runs / (runs - 1)),
        "sd": 1 / sqrt(runs),
        "sd_ddof0": 1 / sqrt(runs - 1),
        "ci95": -1 / float(stdtrit(runs - 1, 0.025)),
        # The widest of the usual ones: harder to conclude either way.
        "unknown": sqrt(runs / (runs - 1)),
    }
    if kind not in factor:
        raise ValueError(f"the kind of a published error is one of {', '.join(factor)}, not {kind}")
    return (error + half_unit) * factor[kind]


def _welch(u_a: float, n_a: int, u_b: float, n_b: int) -> float:
    return float((u_a**2 + u_b**2) ** 2 / (u_a**4 / (n_a - 1) + u_b**4 / (n_b - 1)))


def _verdict(low: float, high: float, margin: float, half_unit: float) -> EquivalenceVerdict:
    if -(margin - half_unit) <= low and high <= margin - half_unit:
        return "reproduced"
    if low > margin + half_unit or high < -(margin + half_unit):
        return "not reproduced"
    return "inconclusive"
