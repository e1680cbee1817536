"""Turn the pre-specified contrasts of an experiment into verdicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from rise.stats.checks import inside
from rise.stats.corrected import USUAL_RATIO, corrected_t
from rise.stats.minimum_difference import minimum_difference
from rise.stats.multiplicity import holm, last_step
from rise.stats.paired import PairedT, Status, paired_t, t_critical
from rise.stats.signflip import SignFlip, sign_flip

# The minimum detectable difference is found four times out of five, the usual convention.
POWER = 0.8

Verdict = Literal["better", "worse", "undecided"]


@dataclass(frozen=True, eq=False)
class Contrast:
    """A pre-specified contrast of method a against method b on one dataset.

    Attributes:
        a: first method.
        b: second method.
        dataset: where they are compared.
        differences: float64 (n,), domain average of a minus that of b for every seed of the
            experiment, in points; None if any of either method is missing.
        ratio: that of `corrected_t` where the scored images change with the seed; None where they
            are the same for every seed.
    """

    a: str
    b: str
    dataset: str
    differences: ArrayLike | None
    ratio: float | None = None


@dataclass(frozen=True)
class Resampled:
    """The t tests printed beside a corrected one on resampled test sets, exploratory.

    Attributes:
        plain: the paired t test: right for a claim about the finite set that images are drawn
            from, far too liberal for one about images like these.
        usual: the corrected t test with ratio 0.25, as often used with 80/20 splits; too liberal.
    """

    plain: PairedT
    usual: PairedT


@dataclass(frozen=True)
class Agreeing:
    """An interval at the level of Holm's last step, in points (`rise.stats.multiplicity`).

    Attributes:
        level: one minus that of the step; no promised coverage beyond 1 - alpha.
        low: lower limit.
        high: upper limit.
    """

    level: float
    low: float
    high: float


@dataclass(frozen=True)
class Decision:
    """The decision on one pre-specified contrast.

    Attributes:
        a: first method.
        b: second method.
        dataset: where they were compared.
        test: the test that decides: the paired t test or, where the scored images change with
            the seed, Nadeau and Bengio's.
        ratio: that of the corrected t test; None where the paired t test decides.
        t: the result of the test, with the unadjusted interval; None when incomplete.
        flip: the exact test printed beside it; None when incomplete or too few. Exploratory where
            the corrected t test decides.
        p_holm: p value adjusted over all pre-specified contrasts; 1 where there is no p.
        verdict: of a: `better` or `worse` where p_holm <= alpha, else `undecided`.
        agreeing: the interval of the mean that excludes zero exactly where the verdict is not
            `undecided`; None unless the status is ok.
        status: why there is a p (`ok`) or none.
        minimum_difference: minimum detectable difference in points with the observed spread, at
            level alpha / m with power 0.8; None unless the status is ok.
        resampled: the other t tests, where the corrected one decides; None elsewhere and when
            incomplete.
    """

    a: str
    b: str
    dataset: str
    test: Literal["paired t", "corrected t"]
    ratio: float | None
    t: PairedT | None
    flip: SignFlip | None
    p_holm: float
    verdict: Verdict
    agreeing: Agreeing | None
    status: Status | Literal["incomplete"]
    minimum_difference: float | None
    resampled: Resampled | None


def decide(
    contrasts: Sequence[Contrast],
    alpha: float = 0.05,
    level: float = 0.95,
    generator: Callable[[Contrast], np.random.Generator] | None = None,
) -> list[Decision]:
    """Decide every pre-specified contrast by t tests with Holm's adjustment over all of them.

    The paired t test decides, or `corrected_t` for a contrast with a ratio: where each seed scores
    other images, a paired t test says too often that it has found something.

    Seeds are the unit, because the claim is about rerunning a procedure (Bouthillier et al.,
    2021, Accounting for variance in machine learning benchmarks, MLSys). The verdict follows the
    adjusted p and nothing else; the interval is of one contrast alone and may exclude zero where
    the verdict is `undecided`. A contrast without a p stays in the family with p = 1, so that
    nothing becomes easier to show because something else failed.

    Args:
        contrasts: the m pre-specified contrasts, one family over all datasets.
        alpha: chance of any wrong `better` or `worse` in the family, between 0 and 1.
        level: coverage of the intervals, between 0 and 1.
        generator: random generator of a contrast for its sign-flip test, needed above 20 seeds
            alone; derived from the contrast, so that no result hangs on the order of the list.

    Returns:
        One `Decision` a contrast, in the order of the input.

    Raises:
        ValueError: a contrast occurs twice (in either direction), a difference is NaN or
            infinite, alpha or level is outside (0, 1), a ratio is not above 0, or more than 20
            seeds come without `generator`.
    """
    inside(alpha, 0, 1, "alpha")
    inside(level, 0, 1, "level")
    family = [(frozenset((c.a, c.b)), c.dataset) for c in contrasts]
    if len(set(family)) < len(family):
        raise ValueError("a contrast is specified twice, so it would be counted twice")
    tests = [_test(c, level) for c in contrasts]
    unadjusted = [None if t is None else t.p for t in tests]
    adjusted = holm(unadjusted)
    agreeing = 1 - last_step(unadjusted, alpha)
    return [
        Decision(
            a=c.a,
            b=c.b,
            dataset=c.dataset,
            test="paired t" if c.ratio is None else "corrected t",
            ratio=c.ratio,
            t=t,
            flip=_flip(c, t, generator),
            p_holm=float(p),
            verdict=_verdict(t, float(p), alpha),
            agreeing=_agreeing(t, agreeing),
            status="incomplete" if t is None else t.status,
            minimum_difference=_minimum_difference(t, alpha / len(contrasts), c.ratio),
            resampled=_resampled(c, level),
        )
        for c, t, p in zip(contrasts, tests, adjusted, strict=True)
    ]


def _test(contrast: Contrast, level: float) -> PairedT | None:
    if contrast.differences is None:
        return None
    if contrast.ratio is None:
        return paired_t(contrast.differences, level)
    return corrected_t(contrast.differences, ratio=contrast.ratio, level=level)


def _resampled(contrast: Contrast, level: float) -> Resampled | None:
    if contrast.differences is None or contrast.ratio is None:
        return None
    return Resampled(
        plain=paired_t(contrast.differences, level),
        usual=corrected_t(contrast.differences, ratio=USUAL_RATIO, level=level),
    )


def _verdict(t: PairedT | None, p_holm: float, alpha: float) -> Verdict:
    if t is None or t.mean is None or t.status != "ok" or p_holm > alpha:
        return "undecided"
    return "better" if t.mean > 0 else "worse"


def _agreeing(t: PairedT | None, level: float) -> Agreeing | None:
    if t is None or t.mean is None or t.se is None or t.status != "ok":
        return None
    half = t_critical(t.n, level) * t.se
    return Agreeing(level, t.mean - half, t.mean + half)


def _flip(
    contrast: Contrast,
    t: PairedT | None,
    generator: Callable[[Contrast], np.random.Generator] | None,
) -> SignFlip | None:
    if contrast.differences is None or t is None or t.status == "too few":
        return None
    return sign_flip(contrast.differences, generator(contrast) if generator else None)


def _minimum_difference(t: PairedT | None, alpha: float, ratio: float | None) -> float | None:
    if t is None or t.sd is None or t.status != "ok":
        return None
    return t.sd * minimum_difference(t.n, alpha, POWER, ratio or 0.0)
