"""Effect sizes against reference values and their own promises."""

from math import gamma, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rise.stats.effect import effect, hedges_factor
from rise.stats.noncentral import tail

VALUES = st.lists(st.floats(-100, 100), min_size=3, max_size=12).filter(lambda x: np.ptp(x) > 1e-2)


@pytest.mark.reference("effect.", 3)
def test_effect_reference(case: dict[str, Any]) -> None:
    """Limits of 25-digit arithmetic."""
    found = effect(**case["inputs"])
    for name, value in case["expected"].items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9, abs=1e-11)


@given(VALUES)
def test_the_limits_are_roots(x: list[float]) -> None:
    """The observed t has the chance 0.025 at each limit, also by the library's seven digits."""
    found, n = effect(x), len(x)
    assert found is not None and found.low < found.d_z < found.high
    t = found.d_z * sqrt(n)
    assert tail(t, n - 1, found.low * sqrt(n)) == pytest.approx(0.025, rel=1e-7)
    assert tail(t, n - 1, found.high * sqrt(n)) == pytest.approx(0.975, rel=1e-7)


@given(VALUES)
def test_opposite_differences_give_the_opposite(x: list[float]) -> None:
    """The order of the methods changes signs."""
    one, other = effect(x), effect(-np.array(x))
    assert one is not None and other is not None
    assert (one.d_z, one.g_z) == (-other.d_z, -other.g_z)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("t", [-2.0, 0.0, 1.0, 6.7])
@pytest.mark.parametrize("nc", [0.0, 1.5, 5.0])
@pytest.mark.parametrize("df", [1, 2, 4, 30])
def test_tail_by_the_library(t: float, nc: float, df: int) -> None:
    """Where scipy is right, to the digits that it has."""
    assert tail(t, df, nc) == pytest.approx(stats.nct.sf(t, df, nc), abs=1e-6)


def test_tail_where_the_library_is_not_a_number() -> None:
    """A noncentral t far on the other side: practically never so large."""
    assert 0 <= tail(6.7, 4, -7.396875) < 1e-12
    assert tail(2.0, 7, 0.0) == pytest.approx(stats.t.sf(2.0, 7), rel=1e-11)
    assert tail(0.0, 4, 1.3) == pytest.approx(stats.norm.cdf(1.3), rel=1e-11)


@pytest.mark.parametrize("n", [3, 5, 8, 10, 30])
def test_hedges_factor_is_a_ratio_of_gammas(n: int) -> None:
    """J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)), near 1 - 3 / (4 df - 1)."""
    df = n - 1
    exact = gamma(df / 2) / (sqrt(df / 2) * gamma((df - 1) / 2))
    assert hedges_factor(n) == pytest.approx(exact, rel=1e-12)
    assert hedges_factor(n) == pytest.approx(1 - 3 / (4 * df - 1), abs=0.01)


def test_a_huge_effect_has_limits_too() -> None:
    """Differences that barely vary: about d_z sqrt(chi2 / df) on either side."""
    found = effect([1.0, 1.0001, 0.9999, 1.00005, 0.99995])
    assert found is not None
    limits = [found.d_z * sqrt(stats.chi2.ppf(share, 4) / 4) for share in (0.025, 0.975)]
    assert (found.low, found.high) == pytest.approx(limits, rel=1e-3)


@pytest.mark.parametrize("x", [[], [1.0, 2.0], [0.0] * 4, [1.0] * 4])
def test_no_spread_no_effect_size(x: list[float]) -> None:
    """None, never infinity."""
    assert effect(x) is None


def test_bad_input_is_refused() -> None:
    """A level that is none, a number that is none, too few seeds for the factor."""
    with pytest.raises(ValueError, match="level must be"):
        effect([1.0, 2.0, 4.0], level=1.0)
    with pytest.raises(ValueError, match="finite"):
        effect([1.0, float("inf"), 4.0])
    with pytest.raises(ValueError, match="number of seeds must be"):
        hedges_factor(2)
