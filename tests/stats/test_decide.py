"""The decision rule: family, verdicts, statuses and what is printed beside."""

from typing import Any

import numpy as np
import pytest

from rise.stats.corrected import corrected_t
from rise.stats.decide import Agreeing, Contrast, Decision, Resampled, decide
from rise.stats.minimum_difference import minimum_difference
from rise.stats.paired import domain_average, paired_t
from rise.stats.signflip import SignFlip, sign_flip

RISE_ERM = [0.975, 0.9, 1.05, 0.275, 0.925]
WEAK = [0.9, -0.4, 0.3, -0.2, 0.7]


def contrast(differences: Any, a: str = "rise", dataset: str = "pacs") -> Contrast:
    """A against erm."""
    return Contrast(a, "erm", dataset, differences)


def of(result: list[Decision], field: str) -> list[Any]:
    """One field of every decision."""
    return [getattr(decision, field) for decision in result]


@pytest.mark.reference("family.three_contrasts", 1)
def test_family_reference(case: dict[str, Any], tables: dict[str, Any]) -> None:
    """From accuracies of every seed and domain to adjusted p values."""
    average = {name: domain_average(tables[name]) for name in ("rise", "kd", "erm")}
    pairs = [name.split("-") for name in case["inputs"]["contrasts"]]
    result = decide([Contrast(a, b, "pacs", average[a] - average[b]) for a, b in pairs])
    expected = list(case["expected"].values())
    assert [t.p for t in of(result, "t")] == pytest.approx(case["inputs"]["p"], rel=1e-9)
    assert of(result, "p_holm") == pytest.approx(expected, rel=1e-9)
    assert of(result, "verdict") == ["better"] * 3
    assert [[d.a, d.b] for d in result] == pairs


def test_one_contrast_alone() -> None:
    """Nothing to adjust; every part is that of its own function."""
    (decision,) = decide([contrast(RISE_ERM)])
    t = paired_t(RISE_ERM)
    assert t.p is not None and t.sd is not None and t.low is not None and t.high is not None
    assert decision == Decision(
        a="rise",
        b="erm",
        dataset="pacs",
        test="paired t",
        ratio=None,
        t=t,
        flip=sign_flip(RISE_ERM),
        p_holm=t.p,
        verdict="better",
        agreeing=Agreeing(0.95, t.low, t.high),
        status="ok",
        minimum_difference=t.sd * minimum_difference(5, 0.05, 0.8),
        resampled=None,
    )


def test_the_verdict_has_a_direction() -> None:
    """A negative mean is worse, a weak one undecided."""
    assert decide([contrast(-np.array(RISE_ERM))])[0].verdict == "worse"
    assert decide([contrast(WEAK)])[0].verdict == "undecided"
    assert decide([contrast(-np.array(WEAK))])[0].verdict == "undecided"


def test_alpha_itself_is_enough() -> None:
    """Reject at p = alpha, not only below it."""
    p = paired_t(RISE_ERM).p
    assert p is not None
    assert decide([contrast(RISE_ERM)], alpha=p)[0].verdict == "better"
    assert decide([contrast(RISE_ERM)], alpha=p * (1 - 1e-12))[0].verdict == "undecided"


def test_the_family_is_all_that_was_declared() -> None:
    """Undecided, missing and empty contrasts of all datasets make the strong one pay."""
    family = [
        contrast(WEAK),
        contrast(None, dataset="vlcs"),
        contrast(RISE_ERM, dataset="office"),
        contrast([1.0, 1.0, 1.0, 1.0, 1.0], a="kd"),
        contrast([], a="clip"),
    ]
    result = decide(family)
    p, weak = paired_t(RISE_ERM).p, paired_t(WEAK).p
    assert p is not None and weak is not None
    assert of(result, "p_holm") == pytest.approx([min(1, 4 * weak), 1.0, 5 * p, 1.0, 1.0])
    assert of(result, "verdict") == ["undecided", "undecided", "better", "undecided", "undecided"]
    assert of(result, "status") == ["ok", "incomplete", "ok", "constant", "too few"]
    sd = paired_t(RISE_ERM).sd
    assert sd is not None
    assert result[2].minimum_difference == pytest.approx(
        sd * minimum_difference(5, 0.05 / 5, 0.8), rel=1e-12
    )
    assert (
        of(result, "minimum_difference")[3:] == [None, None]
        and result[1].minimum_difference is None
    )


def test_a_missing_contrast_can_cost_a_verdict() -> None:
    """p = 0.0041 passes 0.05 among 12 declared contrasts and not among 13."""
    others = [contrast(None, dataset=f"d{i}") for i in range(12)]
    assert decide([contrast(RISE_ERM), *others[:11]])[0].verdict == "better"
    assert decide([contrast(RISE_ERM), *others])[0].verdict == "undecided"


def test_the_interval_is_unadjusted_and_does_not_decide() -> None:
    """It excludes zero while Holm does not reject, and follows level, not alpha."""
    others = [contrast(None, dataset=f"d{i}") for i in range(12)]
    first = decide([contrast(RISE_ERM), *others], level=0.9)[0]
    assert first.t == paired_t(RISE_ERM, 0.9) and first.t.low is not None and first.t.low > 0
    assert first.verdict == "undecided"


@pytest.mark.parametrize(
    ("differences", "status", "has_flip"),
    [
        (None, "incomplete", False),
        ([], "too few", False),
        ([5.0], "too few", False),
        ([5.0, 5.1], "too few", False),
        ([0.0, 0.0, 0.0], "identical", True),
        ([5.0, 5.0, 5.0], "constant", True),
    ],
)
def test_no_p_no_verdict(differences: list[float] | None, status: str, has_flip: bool) -> None:
    """Whatever the mean, and even at a high alpha."""
    (decision,) = decide([contrast(differences)], alpha=0.99)
    assert (decision.status, decision.verdict, decision.p_holm) == (status, "undecided", 1.0)
    assert (decision.flip is not None, decision.minimum_difference) == (has_flip, None)
    assert (decision.t is None) == (differences is None)


def test_the_exact_test_does_not_decide() -> None:
    """Five seeds cannot go below 0.0625, and the t test decides all the same."""
    (decision,) = decide([contrast(RISE_ERM)])
    assert decision.flip == SignFlip(2, 32, 0.0625, 0.0625)
    assert decision.verdict == "better"


def test_the_corrected_test_decides_where_seeds_score_other_images() -> None:
    """The same differences are better on fixed images and undecided on resampled test sets."""
    family = [Contrast("rise", "erm", "pacs", RISE_ERM), Contrast("rise", "erm", "db", RISE_ERM, 4)]
    fixed, drawn = decide(family)
    plain, corrected = paired_t(RISE_ERM), corrected_t(RISE_ERM, ratio=4)
    assert plain.p is not None and corrected.p is not None and corrected.sd is not None
    assert (fixed.test, fixed.ratio, fixed.t, fixed.verdict) == ("paired t", None, plain, "better")
    assert (drawn.test, drawn.ratio, drawn.t) == ("corrected t", 4, corrected)
    # One family over both kinds.
    assert (fixed.p_holm, drawn.p_holm) == pytest.approx((2 * plain.p, corrected.p), rel=1e-12)
    assert drawn.verdict == "undecided" and drawn.status == "ok"
    assert drawn.resampled == Resampled(plain, corrected_t(RISE_ERM, ratio=0.25))
    assert fixed.resampled is None and drawn.flip == fixed.flip
    assert drawn.minimum_difference == pytest.approx(
        corrected.sd * minimum_difference(5, 0.025, 0.8) * 21**0.5
    )


def test_a_corrected_test_can_find_something_and_can_be_missing() -> None:
    """Far apart is better after all; without differences there is nothing beside."""
    far = [10.0, 10.2, 9.9, 10.1, 9.8]
    assert decide([Contrast("a", "b", "db", far, 4)])[0].verdict == "better"
    (missing,) = decide([Contrast("a", "b", "db", None, 4)])
    assert (missing.test, missing.status, missing.resampled) == ("corrected t", "incomplete", None)
    with pytest.raises(ValueError, match="ratio"):
        decide([Contrast("a", "b", "db", far, 0)])


def test_above_twenty_seeds_each_contrast_has_its_generator() -> None:
    """The order of the list changes no number."""
    rng = np.random.default_rng(5)
    family = [contrast(rng.normal(0.2, 1, 21), a=a) for a in ("rise", "kd")]

    def generator(c: Contrast) -> np.random.Generator:
        return np.random.default_rng(len(c.a))

    result = decide(family, generator=generator)
    assert result == decide(family[::-1], generator=generator)[::-1]
    assert result[0].flip == sign_flip(np.asarray(family[0].differences), generator(family[0]))
    with pytest.raises(ValueError, match="generator"):
        decide(family)


@pytest.mark.parametrize("second", [("rise", "erm"), ("erm", "rise")])
def test_a_contrast_is_declared_once(second: tuple[str, str]) -> None:
    """Twice would weaken the family for nothing; on another dataset it is another contrast."""
    first = contrast(RISE_ERM)
    with pytest.raises(ValueError, match="specified twice"):
        decide([first, Contrast(*second, "pacs", WEAK)])
    assert len(decide([first, Contrast(*second, "vlcs", WEAK)])) == 2


def test_no_contrast_no_decision() -> None:
    """An experiment may declare none."""
    assert decide([]) == []


@pytest.mark.parametrize("share", [0.0, 1.0, 5, float("nan")])
def test_bad_shares_are_refused(share: float) -> None:
    """Alpha and level, even where every contrast is incomplete."""
    with pytest.raises(ValueError, match="alpha must be"):
        decide([contrast(None)], alpha=share)
    with pytest.raises(ValueError, match="level must be"):
        decide([contrast(None)], level=share)


def test_a_difference_that_is_not_finite_is_an_error() -> None:
    """It is no missing seed."""
    with pytest.raises(ValueError, match="finite"):
        decide([contrast([0.1, float("nan"), 0.2])])
