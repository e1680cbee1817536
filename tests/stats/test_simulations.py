"""Simulated experiments: error rates, coverage and power are what the statistics promise.

A row's bounds are its true value with about 3.3 Monte-Carlo standard errors on either side.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rise.stats.bootstrap import Units, crossed_bootstrap, prepared, weighted
from rise.stats.corrected import corrected_t
from rise.stats.equivalence import compare_published
from rise.stats.multiplicity import benjamini_hochberg, holm
from rise.stats.paired import PairedT, paired_t
from rise.stats.signflip import sign_flip
from tests.stats.conftest import REFERENCE

pytestmark = pytest.mark.slow

Floats = NDArray[np.float64]
TARGETS = {target["id"]: target for target in REFERENCE["simulation_targets"]}
SEEDS = [3, 5, 8, 10]
ALPHA = 0.05


def check(name: str, one: Callable[[np.random.Generator], float]) -> None:
    """The mean of one experiment's outcome over the target's repetitions is within its bounds."""
    target = TARGETS[name]
    rng = np.random.default_rng(list(name.encode()))
    found = float(np.mean([one(rng) for _ in range(target["repetitions"])]))
    print(f"{name}: {found:.4f}, expected {target['expected']}")
    assert target["accept_low"] <= found <= target["accept_high"]


def found(test: Any) -> bool:
    """Whether a test has p <= alpha."""
    return bool(test.p <= ALPHA)


def covers(result: Any, value: float = 0.0) -> bool:
    """Whether an interval holds the value."""
    return bool(result.low <= value <= result.high)


@pytest.mark.parametrize("n", SEEDS)
def test_paired_t(n: int) -> None:
    """False positives, coverage, and power at the minimum detectable difference."""
    difference = {3: 3.2640435497, 5: 1.681996966, 8: 1.156034678, 10: 0.9960013715}[n]
    check(f"S1.fpr.n{n}", lambda rng: found(paired_t(rng.normal(size=n))))
    check(f"S1.coverage.n{n}", lambda rng: covers(paired_t(rng.normal(size=n))))
    check(f"S2.power.n{n}", lambda rng: found(paired_t(rng.normal(difference, size=n))))


@pytest.mark.parametrize("n", [5, 6, 8, 10])
def test_sign_flip(n: int) -> None:
    """Never at five seeds, and just below the level from six on."""
    check(f"S3.signflip.n{n}", lambda rng: found(sign_flip(rng.normal(size=n))))


def raw_p(differences: Floats) -> list[float | None]:
    """Of the tests of the rows."""
    return [paired_t(row).p for row in differences]


def test_holm() -> None:
    """Any false verdict in a family of six, independent or with one baseline."""

    def shared(rng: np.random.Generator) -> bool:
        methods = rng.normal(size=(7, 5))
        return bool((holm(raw_p(methods[1:] - methods[0])) <= ALPHA).any())

    check(
        "S4.holm.independent",
        lambda rng: bool((holm(raw_p(rng.normal(size=(6, 5)))) <= ALPHA).any()),
    )
    check("S4.holm.shared", shared)


def test_benjamini_hochberg() -> None:
    """The share of false finds: 15 of 20 differences are none."""

    def false_share(rng: np.random.Generator) -> float:
        means = np.repeat([0.0, 1.5], [15, 5])
        finds = benjamini_hochberg(raw_p(rng.normal(means[:, None], 1, (20, 10)))) <= ALPHA
        return float(finds[:15].sum() / max(1, finds.sum()))

    check("S5.bh", false_share)


def resampled(rng: np.random.Generator, scored: int) -> tuple[Floats, float]:
    """Five seeds that score a part of the same 200 images each; and the mean of all 200."""
    pool = rng.normal(size=200)
    return np.array([rng.permutation(pool)[:scored].mean() for _ in range(5)]), pool.mean()


def test_corrected_t() -> None:
    """It holds its level for the population of images; the paired t test does not."""

    def corrected(ratio: float, scored: int) -> Callable[[np.random.Generator], bool]:
        return lambda rng: found(corrected_t(resampled(rng, scored)[0], ratio=ratio))

    def conditional(rng: np.random.Generator) -> bool:
        differences, pool = resampled(rng, 160)
        return found(paired_t(differences - pool))

    check("S6.nb.holds.r0.25", corrected(0.25, 40))
    check("S6.nb.holds.r4", corrected(4, 160))
    check("S6.plain.fails", lambda rng: found(paired_t(resampled(rng, 160)[0])))
    check("S6.nb.r0.25.fails", corrected(0.25, 160))
    check("S6.plain.conditional", conditional)


def crossed(rng: np.random.Generator, seeds: int) -> Floats:
    """Differences of 300 images, mean zero over other seeds and images."""
    shape = (seeds, 300)
    seed, image = rng.normal(0, 0.02, (seeds, 1)), rng.normal(0, 0.3, (1, 300))
    return np.asarray(seed + image + rng.normal(0, 0.3, shape))


def times(rng: np.random.Generator, number: int) -> NDArray[np.int64]:
    """How often each of a number is drawn, 1000 times."""
    return rng.multinomial(number, np.full(number, 1 / number), 1000)


def within(drawn: Floats, value: float = 0.0) -> bool:
    """Whether the percentile interval holds the value."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return bool(low <= value <= high)


@pytest.mark.parametrize("n", [5, 10])
def test_crossed_bootstrap(n: int) -> None:
    """Slightly more than it promises where images dominate."""

    def covered(rng: np.random.Generator) -> bool:
        x = crossed(rng, n)
        return covers(crossed_bootstrap([x], rng, resampled=False, draws=1000))

    check(f"S7.crossed.n{n}", covered)


def test_half_a_bootstrap() -> None:
    """Images alone miss retraining, seeds alone miss images."""

    def images(rng: np.random.Generator) -> bool:
        groups, seeds = prepared([crossed(rng, 5)], None)
        return within(weighted(groups, np.ones((1000, seeds), dtype=np.int64), [times(rng, 300)]))

    def seeds(rng: np.random.Generator) -> bool:
        groups, number = prepared([crossed(rng, 5)], None)
        return within(weighted(groups, times(rng, number), [np.ones((1000, 300), dtype=np.int64)]))

    check("S7.image_only.n5", images)
    check("S7.seed_only.n5", seeds)


def clusters(rng: np.random.Generator, number: int) -> list[Units]:
    """Of 2 to 19 images, with a level of their own."""
    names = np.repeat(np.arange(number), rng.integers(2, 20, number))
    level = rng.normal(size=number)[names]
    return prepared([(level + rng.normal(size=names.size))[None]], [names])[0]


@pytest.mark.parametrize("number", [5, 30])
def test_cluster_bootstrap(number: int) -> None:
    """Five clusters are too few, which is why fewer than 20 are refused."""

    def covered(rng: np.random.Generator) -> bool:
        groups = clusters(rng, number)
        return within(weighted(groups, np.ones((1000, 1), dtype=np.int64), [times(rng, number)]))

    check(f"S8.cluster.k{number}", covered)


def verdict(true: float, sd: float, runs: int = 3) -> Callable[[np.random.Generator], str]:
    """Of five own seeds against rounded published runs, with a margin of one point."""

    def one(rng: np.random.Generator) -> str:
        ours, theirs = rng.normal(84 + true, sd, 5), rng.normal(84, sd, runs)
        error = None if runs == 1 else round(theirs.std(ddof=1) / runs**0.5, 1)
        kind: Any = "none" if error is None else "se"
        return compare_published(ours, round(theirs.mean(), 1), error, kind, runs, 1, 1.0).verdict

    return one


def test_compare_published() -> None:
    """Wrong verdicts at the margin are rarer than alpha; a good replication is recognised."""
    at_margin, exact, alone = verdict(1, 0.5), verdict(0, 0.2), verdict(1, 0.2, runs=1)
    check("S9.tost.margin", lambda rng: at_margin(rng) == "reproduced")
    check("S9.tost.not_at_margin", lambda rng: at_margin(rng) == "not reproduced")
    check("S9.tost.power", lambda rng: exact(rng) == "reproduced")
    check("S9.tost.noerror.margin", lambda rng: alone(rng) == "reproduced")


def test_domains_are_no_seeds() -> None:
    """Five seeds of four domains taken as twenty units find what is not there."""

    def cells(rng: np.random.Generator) -> Floats:
        return np.asarray(rng.normal(0, 0.5, (5, 1)) + rng.normal(0, 0.5, (5, 4)))

    def per_seed(rng: np.random.Generator) -> PairedT:
        return paired_t(cells(rng).mean(axis=1))

    check("S13.cells", lambda rng: found(paired_t(cells(rng).ravel())))
    check("S13.per_seed", lambda rng: found(per_seed(rng)))
