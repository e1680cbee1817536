"""The corrected t test against reference values, its formula and its limits."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rise.catalog.protocols import protocols
from rise.stats.corrected import corrected_t, ratio_of_scored
from rise.stats.paired import PairedT, paired_t

VALUES = st.lists(st.floats(-100, 100), min_size=3, max_size=12).filter(lambda x: np.ptp(x) > 1e-3)


@pytest.mark.reference("nb.", 5)
def test_corrected_reference(case: dict[str, Any]) -> None:
    """Every field to the digits given."""
    found = corrected_t(**case["inputs"])
    for name, value in case["expected"].items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9, abs=1e-11)
    assert (found.df, found.status) == (found.n - 1, "ok")


@given(VALUES, st.floats(0.01, 10))
def test_the_formula_and_the_library(x: list[float], ratio: float) -> None:
    """A one-sample t test whose t is divided by sqrt(1 + n ratio), and scipy's interval."""
    found, n = corrected_t(x, ratio=ratio, level=0.9), len(x)
    shrunk = stats.ttest_1samp(x, 0).statistic / np.sqrt(1 + n * ratio)
    assert found.t == pytest.approx(shrunk, rel=1e-9)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(shrunk), n - 1), rel=1e-9)
    se = np.std(x, ddof=1) * np.sqrt(1 / n + ratio)
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.9, n - 1, np.mean(x), se))


@given(VALUES, st.floats(0.01, 10))
def test_opposite_differences_give_the_opposite(x: list[float], ratio: float) -> None:
    """The order of the methods changes signs and no p."""
    one, other = corrected_t(x, ratio=ratio), corrected_t(-np.array(x), ratio=ratio)
    assert (one.mean, one.t) == (-other.mean, -other.t)
    assert (one.p, one.low) == (other.p, -other.high)


@given(VALUES)
def test_a_larger_ratio_finds_less(x: list[float]) -> None:
    """From the paired t test, the limit of no common images, upwards."""
    p = [paired_t(x).p, *(corrected_t(x, ratio=r).p for r in (0.25, 1, 4))]
    assert p == sorted(p)
    assert corrected_t(x, ratio=1e-300) == paired_t(x)


@pytest.mark.parametrize(
    ("x", "status"), [([], "too few"), ([1.0, 2.0], "too few"), ([0.0] * 3, "identical")]
)
def test_no_test_without_a_spread(x: list[float], status: str) -> None:
    """As the paired t test: None, never NaN."""
    found: PairedT = corrected_t(x, ratio=4)
    assert (found.status, found.t, found.p, found.low) == (status, None, None, None)


def test_the_ratio_of_a_scored_fraction() -> None:
    """rho / (1 - rho) with the common share for rho; that of DomainBed is 4."""
    assert ratio_of_scored(0.5) == 1.0
    fraction = protocols()["domainbed"].drawn_fraction
    assert fraction is not None and ratio_of_scored(fraction) == pytest.approx(4, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_bad_ratios_are_refused(value: float) -> None:
    """Zero is the paired t test."""
    with pytest.raises(ValueError, match="ratio must be"):
        corrected_t([1.0, 2.0, 4.0], ratio=value)


@pytest.mark.parametrize("value", [0.0, 1.0, 1.2, float("nan")])
def test_bad_fractions_are_refused(value: float) -> None:
    """All images are fixed images."""
    with pytest.raises(ValueError, match="scored fraction must be"):
        ratio_of_scored(value)
    with pytest.raises(ValueError, match="finite"):
        corrected_t([1.0, float("nan"), 4.0], ratio=4)
