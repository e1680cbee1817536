"""Power and seeds needed, against a series and known numbers of seeds."""

import numpy as np
import pytest
from scipy import stats

from rise.stats.minimum_difference import minimum_difference
from rise.stats.power import power_at, seeds_needed, spread_interval
from tests.stats.test_minimum_difference import power_by_series


@pytest.mark.parametrize("n", [3, 5, 10, 50])
@pytest.mark.parametrize("alpha", [0.05, 0.05 / 6])
@pytest.mark.parametrize("difference", [0.0, 0.3, 1.0, -2.0])
def test_power_by_two_routes(n: int, alpha: float, difference: float) -> None:
    """An integral over the spread, and Poisson-weighted incomplete betas."""
    found = power_at(n, alpha, difference)
    assert found == pytest.approx(power_by_series(n, alpha, abs(difference)), rel=1e-10)


def test_power_without_a_difference_is_alpha() -> None:
    """And it is the same in both directions, and grows with the difference."""
    assert power_at(5, 0.05, 0) == pytest.approx(0.05, rel=1e-12)
    powers = [power_at(5, 0.05, d) for d in np.linspace(0, 3, 20)]
    assert (np.diff(powers) > 0).all()
    assert power_at(5, 0.05, -1.5) == power_at(5, 0.05, 1.5)


@pytest.mark.parametrize(("d_z", "n"), [(0.5, 34), (0.8, 15), (1.0, 10), (1.5, 6), (2.0, 5)])
def test_the_seeds_of_the_table(d_z: float, n: int) -> None:
    """Known numbers; one seed fewer is not enough, in whatever unit."""
    assert seeds_needed(d_z, 1.0, 0.05, 1, 0.8) == n
    assert seeds_needed(-0.4 * d_z, 0.4, 0.05, 1, 0.8) == n
    assert power_at(n, 0.05, d_z) >= 0.8 > power_at(n - 1, 0.05, d_z)


@pytest.mark.parametrize("m", [1, 3, 6])
@pytest.mark.parametrize("n", [3, 5, 8, 10])
def test_seeds_and_minimum_difference_agree(n: int, m: int) -> None:
    """A little more than the minimum difference needs n seeds, a little less one more."""
    edge = minimum_difference(n, 0.05 / m, 0.8)
    assert seeds_needed(edge * (1 + 1e-9), 1.0, 0.05, m, 0.8) == n
    assert seeds_needed(edge * (1 - 1e-9), 1.0, 0.05, m, 0.8) == n + 1


def test_small_differences_need_many_seeds() -> None:
    """Next to the normal approximation, and refused where it is hopeless."""
    normal = ((stats.norm.isf(0.025) + stats.norm.isf(0.2)) / 0.02) ** 2
    assert seeds_needed(0.02, 1.0, 0.05, 1, 0.8) == pytest.approx(normal, rel=2e-4)
    for difference in (1e-3, 0.0):
        with pytest.raises(ValueError, match="more than 100000 seeds"):
            seeds_needed(difference, 1.0, 0.05, 1, 0.8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((float("nan"), 1.0, 0.05, 1, 0.8), "difference must be"),
        ((1.0, 0.0, 0.05, 1, 0.8), "standard deviation must be"),
        ((1.0, 1.0, 1.0, 1, 0.8), "alpha must be"),
        ((1.0, 1.0, 0.05, 0, 0.8), "at least one contrast"),
        ((1.0, 1.0, 0.05, 1, 0.05), "power must be"),
        ((1.0, 1.0, 0.05, 1, 1.0), "power must be"),
    ],
)
def test_bad_plans_are_refused(arguments: tuple[float, float, float, int, float], message: str):
    """Each argument outside its range."""
    with pytest.raises(ValueError, match=message):
        seeds_needed(*arguments)


def test_too_few_seeds_have_no_power() -> None:
    """Two seeds cannot be tested."""
    with pytest.raises(ValueError, match="at least 3 seeds"):
        power_at(2, 0.05, 1.0)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(3, 0.521, 6.285), (5, 0.599, 2.874), (8, 0.661, 2.035), (10, 0.688, 1.826)],
)
def test_the_spread_of_few_seeds_is_hardly_known(n: int, low: float, high: float) -> None:
    """Known factors of the observed spread; a chi squared value in, the limit out."""
    assert spread_interval(2.0, n) == pytest.approx((2 * low, 2 * high), abs=2e-3)
    drawn = stats.chi2(n - 1).cdf((n - 1) * (2.0 / spread_interval(2.0, n)[1]) ** 2)
    assert drawn == pytest.approx(0.025)
