"""The sign-flip test against reference values, exact enumeration and scipy."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rise.stats.signflip import SignFlip, sign_flip

integers = st.lists(st.integers(-30, 30), min_size=1, max_size=9)
quick = settings(deadline=None, max_examples=60)


@pytest.mark.reference("signflip.", 8)
def test_sign_flip_reference(case: dict[str, Any]) -> None:
    """Counts and p values of exact rationals, ties among them."""
    result = sign_flip(**case["inputs"])
    assert result == SignFlip(**case["expected"])


@quick
@given(integers)
def test_counts_are_those_of_exact_enumeration(tenths: list[int]) -> None:
    """Sums of integers are exact; the same numbers as tenths of points are not, yet agree."""
    observed = abs(sum(tenths))
    sums = [sum(s * d for s, d in zip(signs, tenths, strict=True)) for signs in patterns(tenths)]
    expected = sum(abs(total) >= observed for total in sums)
    result = sign_flip([d / 10 for d in tenths])
    assert (result.as_extreme, result.arrangements) == (expected, len(sums))


def patterns(values: list[int]) -> Any:
    """All sign patterns."""
    return product([1, -1], repeat=len(values))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(-30, 30), min_size=2, max_size=7))
def test_p_is_that_of_scipy(tenths: list[int]) -> None:
    """The paired permutation test of scipy with all arrangements, on whole numbers.

    Of tenths scipy takes sums for different that are equal on paper.
    """
    other = stats.permutation_test(
        (np.array(tenths, dtype=float),),
        np.sum,
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="two-sided",
    )
    assert sign_flip([d / 10 for d in tenths]).p == pytest.approx(other.pvalue, rel=1e-12)


@quick
@given(integers, st.data())
def test_sign_order_and_scale_do_not_matter(tenths: list[int], data: st.DataObject) -> None:
    """Neither the direction of the contrast, nor the order of seeds, nor the unit."""
    differences = np.array(tenths) / 10
    base = sign_flip(differences)
    assert sign_flip(-differences) == base
    assert sign_flip(data.draw(st.permutations(differences.tolist()))) == base
    assert sign_flip(differences * data.draw(st.floats(0.01, 100))) == base


@quick
@given(integers)
def test_p_is_a_multiple_of_the_smallest(tenths: list[int]) -> None:
    """Patterns come with their opposites, so counts are even; p is neither 0 nor above 1."""
    result = sign_flip([d / 10 for d in tenths])
    assert result.arrangements == 2 ** len(tenths)
    assert result.smallest == 2 / 2 ** len(tenths)
    assert result.as_extreme % 2 == 0 and result.p == result.as_extreme / result.arrangements
    assert result.smallest <= result.p <= 1


def test_few_differences() -> None:
    """One and two differences can show nothing; zeros are as extreme as themselves."""
    assert sign_flip([0.3]) == SignFlip(2, 2, 1.0, 1.0)
    assert sign_flip([0.3, 0.4]) == SignFlip(2, 4, 0.5, 0.5)
    assert sign_flip([0.0, 0.0, 0.0]) == SignFlip(8, 8, 1.0, 0.25)


def test_all_patterns_up_to_twenty() -> None:
    """Twenty equal differences: only all plus and all minus; nineteen of one sign add 20 each."""
    total = 2**20
    assert sign_flip([0.1] * 20) == SignFlip(2, total, 2 / total, 2 / total)
    # At most one sign differs from the others: 2 (1 + 20) patterns.
    assert sign_flip([0.1] * 19 + [-0.1]).as_extreme == 42


def test_above_twenty_patterns_are_random() -> None:
    """p is (1 + hits) / (1 + draws), near the binomial truth and repeatable by its generator."""
    differences = [0.1] * 15 + [-0.1] * 6
    result = sign_flip(differences, np.random.default_rng(7))
    assert result == sign_flip(differences, np.random.default_rng(7))
    assert (result.arrangements, result.smallest) == (100_000, 1e-5)
    assert result.p == result.as_extreme / 100_000
    truth = float(stats.binomtest(6, 21).pvalue)
    assert result.p == pytest.approx(truth, abs=4 * (truth / 100_000) ** 0.5)


def test_random_p_is_never_zero_and_counts_ties() -> None:
    """No draw reaches 40 equal signs, yet p is 1 / 100,000; and zeros tie with every draw."""
    result = sign_flip([0.1] * 40, np.random.default_rng(0))
    assert result == SignFlip(1, 100_000, 1e-5, 1e-5)
    assert sign_flip([0.0] * 21, np.random.default_rng(0)).p == 1.0


def test_above_twenty_rounding_makes_no_difference() -> None:
    """The same draws on integers and on tenths hit the same patterns."""
    integers = np.array([3, 1, 2, -1, -2, 4, -3] * 3)
    exact = sign_flip(integers, np.random.default_rng(1))
    assert sign_flip(integers / 10, np.random.default_rng(1)) == exact


def test_up_to_twenty_the_generator_is_not_used() -> None:
    """An exact result takes nothing from the stream."""
    rng = np.random.default_rng(3)
    before = rng.bit_generator.state
    sign_flip([0.1] * 20, rng)
    assert rng.bit_generator.state == before


@pytest.mark.parametrize(
    ("differences", "message"),
    [
        ([], "at least one"),
        ([0.1, np.nan], "finite"),
        ([0.1, np.inf], "finite"),
        ([[0.1, 0.2]], "1 axes"),
        ([0.1] * 21, "generator"),
        (np.array([0.1, 0.2], dtype=np.float32), "float64"),
    ],
)
def test_bad_input_is_refused(differences: Any, message: str) -> None:
    """Empty, not finite, two axes, or too many without a generator."""
    with pytest.raises(ValueError, match=message):
        sign_flip(differences)
