"""Two one-sided tests against reference values, intervals and their own promises."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rise.stats import equivalence
from rise.stats.equivalence import PublishedComparison, compare_published

OURS = [84.0, 83.9, 84.3, 84.1, 83.9]
TIGHT = [83.7, 83.74, 83.72, 83.71, 83.73]
VALUES = st.lists(st.floats(-10, 10), min_size=3, max_size=12).filter(lambda x: np.ptp(x) > 1e-2)


def compare(ours: Any = OURS, **changes: Any) -> PublishedComparison:
    """Against 84.2 +/- 0.1 of three runs, as DomainBed's script prints it."""
    published = {
        "published": 84.2,
        "error": 0.1,
        "error_kind": "se_ddof0",
        "n_published": 3,
        "decimals": 1,
        "margin": 1.0,
    }
    return compare_published(ours, **published | changes)


@pytest.mark.reference("tost.", 6)
def test_comparison_reference(case: dict[str, Any]) -> None:
    """All fields, verdicts to the letter."""
    found = compare_published(**case["inputs"])
    for name, value in case["expected"].items():
        field = getattr(found, {"low90": "low", "high90": "high"}.get(name, name))
        if isinstance(value, str):
            assert field == value
        else:
            assert field == pytest.approx(value, rel=1e-9, abs=1e-11)


@given(VALUES, st.floats(-3, 3), st.floats(0, 2), st.sampled_from(["se", "sd", "ci95", "unknown"]))
def test_comparison_is_symmetric(x: list[float], at: float, error: float, kind: Any) -> None:
    """All signs turned: the same verdict, limits turned too."""
    one, other = (
        compare(sign * np.array(x), published=sign * at, error=error, error_kind=kind)
        for sign in (1, -1)
    )
    assert (one.low, one.high95, one.p_lower) == (-other.high, -other.low95, other.p_upper)
    assert (one.verdict, one.notes) == (other.verdict, other.notes)


@given(VALUES, st.floats(-3, 3), st.floats(0, 2), st.integers(2, 10))
def test_the_smallest_margin_and_p_agree_with_the_verdict(
    x: list[float], at: float, error: float, runs: int
) -> None:
    """Above the smallest margin it is reproduced with p below alpha, below it neither."""
    smallest = compare(x, published=at, error=error, n_published=runs).smallest_margin
    for factor, reproduced in ((1 + 1e-9, True), (1 - 1e-9, False)):
        margin = smallest * factor
        if margin > 0.05:
            found = compare(x, published=at, error=error, n_published=runs, margin=margin)
            assert (found.verdict == "reproduced") == (found.p_tost <= 0.05) == reproduced


@pytest.mark.parametrize(
    ("kind", "factor"),
    [
        ("se", 1.0),
        ("se_ddof0", sqrt(3 / 2)),
        ("sd", 1 / sqrt(3)),
        ("sd_ddof0", 1 / sqrt(2)),
        ("ci95", 1 / 4.302652729749464),
        ("unknown", sqrt(3 / 2)),
    ],
)
def test_kinds_of_error(kind: Any, factor: float) -> None:
    """The error at the upper end of its rounding, as a standard error with ddof 1."""
    found = compare(error=0.3, error_kind=kind)
    assert found.u_published == pytest.approx(0.35 * factor, rel=1e-12)
    assert found.notes == ((equivalence.KIND_UNKNOWN,) if kind == "unknown" else ())


def test_the_errors_of_the_same_trials_agree() -> None:
    """Whatever kind is printed: to many digits it is one standard error."""
    trials = np.array([84.1, 84.6, 83.9])
    sd, sd0 = trials.std(ddof=1), trials.std()
    half = 4.302652729749464 * sd / sqrt(3)
    printed = {"se": sd / sqrt(3), "se_ddof0": sd0 / sqrt(3), "sd": sd, "sd_ddof0": sd0}
    for kind, error in (printed | {"ci95": half}).items():
        found = compare(error=error, error_kind=kind, decimals=12)
        assert found.u_published == pytest.approx(stats.sem(trials), rel=1e-10)


def test_against_exact_trials_it_is_welchs_test() -> None:
    """Without rounding: scipy's test of two samples, shifted by the margin."""
    trials = np.array([84.1, 84.6, 83.9])
    found = compare(published=trials.mean(), error=stats.sem(trials), error_kind="se", decimals=14)
    library = stats.ttest_ind(np.array(OURS) + 1, trials, equal_var=False, alternative="greater")
    assert (found.p_lower, found.df) == pytest.approx((library.pvalue, library.df), rel=1e-9)
    interval = stats.ttest_ind(OURS, trials, equal_var=False).confidence_interval(0.95)
    assert (found.low95, found.high95) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_verdicts_have_exact_edges() -> None:
    """A margin above the rounding narrows one verdict, and widens the other."""
    near = compare()
    assert near.verdict == "reproduced" and near.smallest_margin == pytest.approx(0.7003, abs=1e-4)
    far = compare([86.0, 85.9, 86.3, 86.1, 85.9])
    assert far.verdict == "not reproduced" and far.low > 1.05
    # The lower limit is what margin plus rounding is compared with.
    assert compare([86.0, 85.9, 86.3, 86.1, 85.9], margin=far.low - 0.04).verdict == "inconclusive"
    assert compare([86.0, 85.9, 86.3, 86.1, 85.9], margin=far.low - 0.06).verdict.startswith("not")


def test_within_the_margin_yet_different() -> None:
    """Said where the 95 % interval excludes zero by more than the rounding, on either side."""
    exact = {"error": 0.0, "error_kind": "se", "n_published": 5}
    assert compare(TIGHT, **exact).notes == (equivalence.YET_DIFFERENT,)
    above = compare(np.array(TIGHT) + 0.96, **exact)
    assert above.verdict == "reproduced" and above.notes == (equivalence.YET_DIFFERENT,)
    # Rounding alone may be what excludes zero.
    for shift in (0.64, 0.32):
        rounded = compare(np.array(TIGHT) + shift, **exact)
        assert min(abs(rounded.low95), abs(rounded.high95)) < 0.05
        assert rounded.low95 * rounded.high95 > 0 and rounded.notes == ()
    assert compare().notes == ()


def test_what_is_assumed_is_said() -> None:
    """No error, no number of runs, no kind."""
    none = compare(error=None, error_kind="none", n_published=None)
    assert none.notes == (equivalence.SPREAD_UNKNOWN,) and none.df == 4
    assert none.u_published == pytest.approx(np.std(OURS, ddof=1), rel=1e-12)
    three = compare(error=None, error_kind="none", n_published=3)
    assert three.u_published == pytest.approx(np.std(OURS, ddof=1) / sqrt(3), rel=1e-12)
    assert compare(n_published=None).notes == (equivalence.RUNS_UNKNOWN,)
    assert compare(n_published=None).u_published == compare(n_published=3).u_published


def test_own_values_that_do_not_vary() -> None:
    """The published error alone is left; without it nothing is."""
    still = compare([84.0] * 4)
    assert (still.u_ours, still.df) == (0.0, pytest.approx(2.0))
    with pytest.raises(ValueError, match="do not vary"):
        compare([84.0] * 4, error=None, error_kind="none")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ours": [84.0, 84.1]}, "at least 3 seeds"),
        ({"ours": [84.0, 84.1, float("nan")]}, "finite"),
        ({"n_published": 1}, "at least 2 runs"),
        ({"n_published": 0, "error": None, "error_kind": "none"}, "at least 1 runs"),
        ({"margin": 0.05}, "margin must be"),
        ({"margin": float("inf")}, "margin must be"),
        ({"error": None}, "kind is none"),
        ({"error_kind": "none"}, "has the kind none"),
        ({"error_kind": "sem"}, "one of se, se_ddof0"),
        ({"error": -0.1}, "error must be"),
        ({"error": float("nan")}, "error must be"),
        ({"decimals": -1}, "digits after the point"),
        ({"published": float("nan")}, "published number must be"),
        ({"alpha": 0.5}, "alpha must be"),
    ],
)
def test_bad_comparisons_are_refused(changes: dict[str, Any], message: str) -> None:
    """Each with its reason."""
    with pytest.raises(ValueError, match=message):
        compare(**changes)
