"""Averages, t tests and intervals against reference values, scipy and their own algebra."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from rise.stats.paired import Interval, domain_average, mean_interval, paired_t, t_critical

THREE = [0.8, 1.4, 0.5]
# Thousandths of a point, so that a difference between two of them is far above the tolerance.
samples = st.lists(st.integers(-20_000, 20_000).map(lambda i: i / 1000), min_size=3, max_size=12)


def near(expected: float | list[float] | None, absolute: float = 1e-11) -> Any:
    """Equal within the tolerance of the reference values; None only to None."""
    return expected if expected is None else pytest.approx(expected, rel=1e-9, abs=absolute)


@pytest.mark.reference("average.", 3)
def test_domain_average_reference(case: dict[str, Any], tables: dict[str, Any]) -> None:
    """The average over domains of every seed."""
    averages = domain_average(tables[case["inputs"]["table"]])
    assert averages.dtype == np.float64
    assert averages.tolist() == near(list(case["expected"].values()))


def test_domain_average_gives_one_number_a_seed() -> None:
    """Rows are seeds and columns are domains, also without any seed."""
    assert domain_average([[1, 2, 6], [4, 4, 4]]).tolist() == [3.0, 4.0]
    assert domain_average(np.empty((0, 4))).shape == (0,)


@pytest.mark.parametrize("table", [[[1.0, np.nan]], [[1.0, np.inf]], [1.0, 2.0], np.empty((3, 0))])
def test_domain_average_refuses(table: Any) -> None:
    """A missing cell, one axis, no domain."""
    with pytest.raises(ValueError, match="the table of accuracies"):
        domain_average(table)


@pytest.mark.reference("t.", 7)
def test_paired_t_reference(case: dict[str, Any]) -> None:
    """Every field that the reference gives, and status ok wherever it names no other."""
    result = paired_t(**case["inputs"])
    expected = {"status": "ok"} | case["expected"]
    for field, value in expected.items():
        exact = isinstance(value, str | int)
        assert getattr(result, field) == (value if exact else near(value)), field


@pytest.mark.reference("tcrit.", 4)
def test_t_critical_reference(case: dict[str, Any]) -> None:
    """Quantiles of Student's t."""
    assert t_critical(**case["inputs"]) == near(case["expected"]["value"])


@pytest.mark.parametrize(("n", "level"), [(1, 0.95), (0, 0.95), (5, 0.0), (5, 1.0), (5, np.nan)])
def test_t_critical_refuses(n: int, level: float) -> None:
    """Fewer than two values, and levels that are no coverage."""
    with pytest.raises(ValueError, match=r"at least 2 values|level must be"):
        t_critical(n, level)


def test_t_critical_of_two_values_is_the_cauchy_quantile() -> None:
    """With one degree of freedom the quantile is tan(pi level / 2)."""
    assert t_critical(2, 0.9) == near(np.tan(np.pi * 0.45))
    assert t_critical(2) == near(np.tan(np.pi * 0.475))


def test_too_few_seeds_give_numbers_only() -> None:
    """With 0, 1 or 2 seeds nothing is tested and what has no meaning is None."""
    nothing = {"t": None, "p": None, "low": None, "high": None, "status": "too few"}
    none = {"n": 0, "df": None, "mean": None, "sd": None, "se": None}
    one = {"n": 1, "df": 0, "mean": 0.5, "sd": None, "se": None}
    zeros = {"n": 2, "df": 1, "mean": 0.0, "sd": 0.0, "se": 0.0}
    assert asdict(paired_t([])) == none | nothing
    assert asdict(paired_t([0.5])) == one | nothing
    assert asdict(paired_t([0.0, 0.0])) == zeros | nothing
    two = {"n": 2, "df": 1, "mean": 1.5, "sd": near(0.5**0.5), "se": near(0.5)}
    assert asdict(paired_t([1.0, 2.0])) == two | nothing


@pytest.mark.parametrize(
    ("differences", "status"),
    [
        ([80.3 - 80.1, 75.3 - 75.1, 60.3 - 60.1], "constant"),
        ([-1.0, -1.0, -1.0 + 5e-10], "constant"),
        ([0.0, 0.0, 5e-10], "identical"),
        ([0.0, -0.0, -5e-10, 0.0], "identical"),
        ([0.0, 0.0, 2e-9], "ok"),
        ([1.0, 1.0, 1.0 + 2e-9], "ok"),
    ],
)
def test_equal_differences_are_seen_through_rounding(differences: list[float], status: str) -> None:
    """Differences closer than 1e-9 points are equal, and then there is no p and no spread."""
    result = paired_t(differences)
    assert result.status == status
    assert result.mean == near(float(np.mean(differences)))
    if status != "ok":
        assert (result.sd, result.se) == (0.0, 0.0)
        assert (result.t, result.p, result.low, result.high) == (None, None, None, None)


@pytest.mark.parametrize("function", [paired_t, mean_interval])
@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.nan, 2.0],
        [1.0, 2.0, np.inf],
        [-np.inf, 2.0, 3.0],
        [np.nan],
        [[1.0, 2.0, 3.0], [1.0, 2.0, 4.0]],
        3.0,
        [1.0, None, 2.0],
        ["1", "2", "3"],
        [1j, 2.0, 3.0],
        np.array([1, 2, 3], dtype=np.float32),
        np.array([1, 2, 3], dtype=np.float16),
    ],
)
def test_bad_values_are_refused(function: Any, values: Any) -> None:
    """Not finite, not one axis, not real, or too coarse."""
    with pytest.raises(ValueError, match=r"the (differences|values) must"):
        function(values)


@pytest.mark.parametrize("function", [paired_t, mean_interval])
@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.1, np.nan])
@pytest.mark.parametrize("values", [[], THREE])
def test_bad_levels_are_refused(function: Any, level: float, values: list[float]) -> None:
    """A level is a share; also where no interval would be computed."""
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        function(values, level)


def test_the_input_stays_as_it_was() -> None:
    """Functions are pure, and integers are numbers too."""
    values = np.array([3, 1, 2])
    assert paired_t(values) == paired_t([3.0, 1.0, 2.0])
    assert values.tolist() == [3, 1, 2]


@settings(deadline=None, max_examples=80)
@given(samples, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_paired_t_agrees_with_scipy(differences: list[float], level: float) -> None:
    """The one-sample t test of scipy, where it can be trusted."""
    assume(np.ptp(differences) > 0)
    result = paired_t(differences, level)
    other = stats.ttest_1samp(differences, 0.0)
    interval = other.confidence_interval(level)
    assert (result.t, result.p) == (near(other.statistic), near(other.pvalue))
    assert (result.low, result.high) == (near(interval.low), near(interval.high))
    assert result.se == near(stats.sem(differences))


@settings(deadline=None, max_examples=80)
@given(samples)
def test_the_interval_excludes_zero_exactly_when_p_is_small(differences: list[float]) -> None:
    """Test and interval of one contrast are the same statement."""
    result = paired_t(differences, level=0.8)
    assume(result.status == "ok")
    assert result.p is not None and result.low is not None and result.high is not None
    assume(abs(result.p - 0.2) > 1e-9)
    assert (result.p < 0.2) == (result.low > 0 or result.high < 0)


@settings(deadline=None, max_examples=80)
@given(samples, st.integers(-9, 9), st.sampled_from([-3.0, -1.0, 0.25, 7.0]))
def test_shift_and_scale(differences: list[float], shift: int, scale: float) -> None:
    """A shift moves mean and limits; a scale stretches them; a negative one swaps the limits."""
    base = paired_t(differences)
    assume(base.status == "ok")
    assert base.mean is not None and base.sd is not None and base.t is not None
    assert base.low is not None and base.high is not None
    moved = paired_t(np.array(differences) + shift)
    assert (moved.mean, moved.sd) == (near(base.mean + shift), near(base.sd))
    assert (moved.low, moved.high) == (near(base.low + shift), near(base.high + shift))
    scaled = paired_t(np.array(differences) * scale)
    limits = sorted([base.low * scale, base.high * scale])
    assert [scaled.low, scaled.high] == near(limits, absolute=1e-10)
    assert (scaled.mean, scaled.sd) == (near(base.mean * scale), near(base.sd * abs(scale)))
    assert (scaled.t, scaled.p) == (near(base.t * np.sign(scale)), near(base.p))


def test_mean_interval_is_the_t_interval() -> None:
    """The cell of a table: mean of 82, 83, 87 and 4.30265 standard errors either side."""
    cell = mean_interval([82.0, 83.0, 87.0])
    sd = 7.0**0.5
    half = 4.302652729749464 * sd / 3**0.5
    assert cell == Interval(3, 84.0, near(sd), near(84 - half), near(84 + half))
    narrow = mean_interval([82.0, 83.0, 87.0], level=0.5)
    assert narrow.low is not None and cell.low is not None and narrow.low > cell.low


def test_mean_interval_without_limits() -> None:
    """Too few seeds or no spread at all: numbers, but no limits."""
    assert mean_interval([]) == Interval(0, None, None, None, None)
    assert mean_interval([84.0]) == Interval(1, 84.0, None, None, None)
    assert mean_interval([84.0, 86.0]) == Interval(2, 85.0, near(2**0.5), None, None)
    assert mean_interval([84.0, 84.0, 84.0]) == Interval(3, 84.0, 0.0, None, None)
