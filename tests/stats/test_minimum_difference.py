"""Detectable differences against reference values and a series for the power."""

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from rise.stats.minimum_difference import minimum_difference


@pytest.mark.reference("detectable.", 16)
def test_detectable_reference(case: dict[str, Any]) -> None:
    """Values of 25-digit arithmetic, where library functions are off in the first digit."""
    assert minimum_difference(**case["inputs"]) == pytest.approx(
        case["expected"]["in_sd"], rel=1e-8
    )


@pytest.mark.reference("detectable_nb.", 8)
def test_detectable_with_a_ratio_reference(case: dict[str, Any]) -> None:
    """For the corrected t test."""
    assert minimum_difference(**case["inputs"]) == pytest.approx(
        case["expected"]["in_sd"], rel=1e-8
    )


@pytest.mark.parametrize("ratio", [-0.1, float("inf"), float("nan")])
def test_bad_ratios_are_refused(ratio: float) -> None:
    """Below zero or not finite."""
    with pytest.raises(ValueError, match="ratio must be"):
        minimum_difference(5, 0.05, 0.8, ratio)


def power_by_series(n: int, alpha: float, difference: float) -> float:
    """Chance that t^2 exceeds its critical value: Poisson-weighted incomplete betas.

    t^2 is a noncentral F, and given a Poisson number j its share of the total is a beta variable.
    """
    df, half = n - 1, n * difference**2 / 2
    critical = float(stats.t.isf(alpha / 2, df)) ** 2
    j = np.arange(int(half + 12 * half**0.5 + 60))
    tails = special.betaincc(0.5 + j, df / 2, critical / (critical + df))
    return float((stats.poisson.pmf(j, half) * tails).sum())


@pytest.mark.parametrize("n", [3, 4, 7, 20, 100])
@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.0005])
@pytest.mark.parametrize("power", [0.1, 0.5, 0.8, 0.95])
def test_power_at_the_detectable_difference(n: int, alpha: float, power: float) -> None:
    """The root gives the power that was asked for."""
    found = power_by_series(n, alpha, minimum_difference(n, alpha, power))
    assert found == pytest.approx(power, rel=1e-9)


def test_both_tails_count() -> None:
    """Where power is close to alpha the wrong side is found nearly as often."""
    assert power_by_series(5, 0.3, minimum_difference(5, 0.3, 0.31)) == pytest.approx(
        0.31, rel=1e-10
    )


def test_powers_at_the_ends_of_the_range() -> None:
    """Barely above alpha, and next to certainty."""
    small = minimum_difference(5, 0.05, 0.05 + 1e-8)
    assert 0 < small < 1e-3
    # Four digits, because the rise above alpha is a difference of nearly equal numbers.
    assert power_by_series(5, 0.05, small) - 0.05 == pytest.approx(1e-8, rel=1e-4)
    large = minimum_difference(5, 0.05, 1 - 1e-8)
    assert 1 - power_by_series(5, 0.05, large) == pytest.approx(1e-8, rel=1e-4)


def test_more_seeds_and_looser_levels_detect_smaller_differences() -> None:
    """Monotone in n, alpha and power."""
    by_n = [minimum_difference(n, 0.05, 0.8) for n in range(3, 40)]
    assert (np.diff(by_n) < 0).all()
    assert (
        minimum_difference(5, 0.05, 0.8)
        < minimum_difference(5, 0.05 / 2, 0.8)
        < minimum_difference(5, 0.05 / 2, 0.9)
    )


def test_many_seeds_are_normal() -> None:
    """For large n the difference is the sum of two normal quantiles over the root of n."""
    normal = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) / 10_000**0.5
    assert minimum_difference(10_000, 0.05, 0.8) == pytest.approx(normal, rel=5e-4)


@pytest.mark.parametrize(
    ("n", "alpha", "power", "message"),
    [
        (0, 0.05, 0.8, "at least 3 seeds"),
        (1, 0.05, 0.8, "at least 3 seeds"),
        (2, 0.05, 0.8, "at least 3 seeds"),
        (5, 0.0, 0.8, "alpha must be"),
        (5, 1.0, 0.8, "alpha must be"),
        (5, float("nan"), 0.8, "alpha must be"),
        (5, 0.05, 0.05, "power must be"),
        (5, 0.05, 1.0, "power must be"),
        (5, 0.05, 1 - 1e-10, "power must be"),
        (5, 0.05, float("nan"), "power must be"),
    ],
)
def test_bad_input_is_refused(n: int, alpha: float, power: float, message: str) -> None:
    """Too few seeds, and shares that are none."""
    with pytest.raises(ValueError, match=message):
        minimum_difference(n, alpha, power)
