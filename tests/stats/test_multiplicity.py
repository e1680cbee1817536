"""Adjusted p values against reference values, other routes and their own promises."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rise.stats.multiplicity import benjamini_hochberg, holm, last_step

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@pytest.mark.reference("holm.", 4)
def test_holm_reference(case: dict[str, Any]) -> None:
    """Adjusted values in the order of the input."""
    expected = list(case["expected"].values())
    assert holm(case["inputs"]["p"]).tolist() == pytest.approx(expected, rel=1e-9, abs=1e-11)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_closed_testing_with_bonferroni(p: list[float]) -> None:
    """The definition behind the shortcut: the worst Bonferroni p of any subset with the test."""
    subsets = [s for k in range(1, len(p) + 1) for s in combinations(range(len(p)), k)]
    expected = [
        max(min(1.0, len(s) * min(p[j] for j in s)) for s in subsets if i in s)
        for i in range(len(p))
    ]
    assert holm(p).tolist() == pytest.approx(expected, rel=1e-12)


@given(p_values)
def test_adjusted_values_lie_between_p_and_bonferroni(p: list[float]) -> None:
    """Never below the raw p, never above 1, never above Bonferroni; the smallest p meets it."""
    adjusted, raw = holm(p), np.array(p)
    bonferroni = np.minimum(1, len(p) * raw)
    assert adjusted.dtype == np.float64 and adjusted.shape == raw.shape
    assert (adjusted >= raw).all() and (adjusted <= 1).all() and (adjusted <= bonferroni).all()
    assert adjusted.min() == bonferroni.min()


@given(p_values)
def test_holm_keeps_the_order_of_p(p: list[float]) -> None:
    """A larger p has no smaller adjusted value, and equal ones have equal values."""
    order = np.argsort(p)
    assert (np.diff(holm(p)[order]) >= 0).all()
    doubled = holm(p + p)
    assert (doubled[: len(p)] == doubled[len(p) :]).all()


@given(p_values, st.data())
def test_holm_follows_the_order_of_the_input(p: list[float], data: st.DataObject) -> None:
    """Shuffled p values give shuffled results."""
    order = data.draw(st.permutations(range(len(p))))
    assert holm([p[i] for i in order]).tolist() == holm(p)[list(order)].tolist()


@given(p_values, st.floats(0.001, 0.5))
def test_the_last_step_separates_what_is_rejected_from_the_rest(p, alpha) -> None:
    level = last_step(p, alpha)
    rejected = holm(p) <= alpha
    assert [one <= level for one in p] == rejected.tolist() or np.isclose(p, level).any()
    assert alpha / len(p) <= level <= alpha


@given(p_values, st.integers(0, 7), st.floats(0, 1))
def test_a_smaller_p_raises_no_adjusted_value(p: list[float], place: int, factor: float) -> None:
    """Monotone in every p."""
    place %= len(p)
    smaller = [value * factor if i == place else value for i, value in enumerate(p)]
    assert (holm(smaller) <= holm(p)).all()


def test_none_stays_in_the_family() -> None:
    """A missing p counts as 1 and makes the others pay for it."""
    assert holm([0.01, None, 0.02]).tolist() == pytest.approx([0.03, 1.0, 0.04])
    assert holm([None]).tolist() == [1.0]
    assert holm([]).tolist() == []


@pytest.mark.parametrize("value", [-1e-9, 1.0000001, float("nan"), float("inf")])
def test_what_is_no_p_is_refused(value: float) -> None:
    """Outside [0, 1] or NaN."""
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match="between 0 and 1"):
            adjust([0.5, value])


@pytest.mark.reference("bh.", 4)
def test_benjamini_hochberg_reference(case: dict[str, Any]) -> None:
    """Adjusted values in the order of the input."""
    expected = list(case["expected"].values())
    found = benjamini_hochberg(case["inputs"]["p"]).tolist()
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_none_counts_in_the_table() -> None:
    """A missing p is 1 and is one more of m; a library answers NaN for all or raises."""
    assert benjamini_hochberg([0.01, None, 0.02]).tolist() == pytest.approx([0.03, 1.0, 0.03])
    assert benjamini_hochberg([]).tolist() == []
