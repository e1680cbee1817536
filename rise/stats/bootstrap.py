"""Resample seeds and images crossed, for what other images might have shown. Exploratory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rise.stats.checks import finite, inside

# With fewer, the interval covers far less than it promises.
MIN_SEEDS = 5
MIN_CLUSTERS = 20
# Weights held at once: 32 MiB of int64.
CHUNK = 2**22

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Bootstrap:
    """Result of `crossed_bootstrap`, in the unit of the differences.

    Attributes:
        estimate: the observed mean: over images within a domain, then over domains.
        se: standard deviation (ddof 1) of the draws.
        low: lower percentile limit.
        high: upper percentile limit.
        draws: how many.
        seeds: number of seeds.
        clusters: number of clusters over all domains; None where images were drawn.
    """

    estimate: float
    se: float
    low: float
    high: float
    draws: int
    seeds: int
    clusters: int | None


@dataclass(frozen=True, eq=False)
class Units:
    """The units drawn together: images of one domain, or clusters of all.

    Units with equal sums are interchangeable, so kinds of units are drawn, which is the same draw.

    Attributes:
        sums: float64 (kinds, domains, seeds), sum of the differences of a unit's images.
        sizes: int64 (kinds, domains), number of a unit's images.
        units: int64 (kinds,), how many units there are of a kind.
    """

    sums: Floats
    sizes: Counts
    units: Counts


def crossed_bootstrap(
    differences: Sequence[ArrayLike],
    rng: np.random.Generator,
    *,
    resampled: bool,
    clusters: Sequence[Sequence[str] | NDArray[np.generic]] | None = None,
    draws: int = 10_000,
    level: float = 0.95,
) -> Bootstrap:
    """Bootstrap the interval of a mean difference for other seeds and other images.

    Seeds are drawn with replacement, the same in every domain; images are drawn with replacement
    within a domain, or, where they come in groups, whole clusters over all domains: a cluster that
    occurs in several has one weight in all. Domains are fixed and count equally. Slightly too wide
    where images dominate, too narrow where few seeds do, so no verdict and no p rests on it.
    Source: Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1.

    Args:
        differences: a domain each, (seeds, images): of each image, correct of the first method
            minus correct of the second, -1, 0 or 1. The same seeds in the same order everywhere,
            at least 5; the same images for every seed and both methods.
        rng: generator of the draws; derive it from the contrast, and no result hangs on order.
        resampled: whether each seed scores other images, which leaves no axis of images.
        clusters: a domain each, (images,) names; at least 20 different ones in each domain.
        draws: how many, at least 1000.
        level: coverage of the interval, between 0 and 1.

    Returns:
        A `Bootstrap`. Draws are made in parts, so that memory does not grow with their number.

    Raises:
        ValueError: resampled test sets, too few seeds, clusters or draws, domains that do not
            belong together, or a difference that is not finite.
    """
    if resampled:
        raise ValueError(
            "the scored images change with the seed, so there is no image that all seeds share; "
            "the corrected t test carries the noise of images there"
        )
    inside(level, 0, 1, "level")
    if draws < 1000:
        raise ValueError(f"percentiles need at least 1000 draws, not {draws}")
    domains = [finite(one, 2, "the differences of a domain") for one in differences]
    seeds = _seeds(domains)
    names = None if clusters is None else _names(domains, clusters)
    drawn = _draw(*prepared(domains, names), draws, rng)
    side = (1 - level) / 2
    low, high = np.quantile(drawn, [side, 1 - side])
    return Bootstrap(
        estimate=float(np.mean([one.mean() for one in domains])),
        se=float(drawn.std(ddof=1)),
        low=float(low),
        high=float(high),
        draws=draws,
        seeds=seeds,
        clusters=None if names is None else len(np.unique(np.concatenate(names))),
    )


def prepared(
    domains: Sequence[Floats], names: Sequence[NDArray[np.generic]] | None
) -> tuple[list[Units], int]:
    """Group the units that are drawn apart from each other, and count the seeds.

    Args:
        domains: float64 (seeds, images) each.
        names: (images,) of clusters each; None if images are drawn.
    """
    seeds, places = domains[0].shape[0], len(domains)
    if names is not None:
        ids = np.unique(np.concatenate(names), return_inverse=True)[1]
        ends = np.cumsum([one.size for one in names])[:-1]
        group = _kinds(domains, np.split(ids, ends), range(places), places)
        return [group], seeds
    return [
        _kinds([one], [np.arange(one.shape[1])], [place], places)
        for place, one in enumerate(domains)
    ], seeds


def weighted(groups: Sequence[Units], seed_weights: Counts, weights: Sequence[Counts]) -> Floats:
    """Average the domains of resampled data.

    Args:
        groups: of units, from `prepared`.
        seed_weights: int64 (draws, seeds), how often each seed was drawn.
        weights: a group each, int64 (draws, kinds), how often each kind of unit was drawn.

    Returns:
        float64 (draws,), NaN where a domain has no image in a draw.
    """
    share = seed_weights / seed_weights.sum(axis=1, keepdims=True)
    sums = sum(np.tensordot(w, g.sums, 1) for g, w in zip(groups, weights, strict=True))
    sizes = sum(w @ g.sizes for g, w in zip(groups, weights, strict=True))
    with np.errstate(invalid="ignore"):
        means = np.einsum("bds,bs->bd", sums, share) / sizes
    averages: Floats = means.mean(axis=1)
    return averages


def _draw(groups: Sequence[Units], seeds: int, draws: int, rng: np.random.Generator) -> Floats:
    parts = [_chunk(groups, seeds, size, rng) for size in _sizes(groups, draws)]
    return np.concatenate(parts)


def _chunk(groups: Sequence[Units], seeds: int, size: int, rng: np.random.Generator) -> Floats:
    seed_weights = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size)
    weights = [rng.multinomial(g.units.sum(), g.units / g.units.sum(), size) for g in groups]
    drawn = weighted(groups, seed_weights, weights)
    # A domain without an image has no mean. With 20 clusters that is one draw in 500 million.
    empty = np.isnan(drawn)
    if empty.any():
        drawn[empty] = _chunk(groups, seeds, int(empty.sum()), rng)
    return drawn


def _sizes(groups: Sequence[Units], draws: int) -> Iterator[int]:
    """Split the draws so that the weights of each part fit in memory."""
    widest = max(max(len(g.units), g.sums[0].size) for g in groups)
    step = max(1, CHUNK // widest)
    for start in range(0, draws, step):
        yield min(step, draws - start)


def _kinds(
    domains: Sequence[Floats], ids: Sequence[NDArray[np.intp]], places: Sequence[int], of: int
) -> Units:
    """Sum up units, equal ones together; domains elsewhere have nothing of them."""
    number = 1 + max(int(one.max()) for one in ids)
    sums = np.zeros((number, of, domains[0].shape[0]))
    sizes = np.zeros((number, of), dtype=np.int64)
    for x, unit, place in zip(domains, ids, places, strict=True):
        np.add.at(sums[:, place], unit, x.T)
        sizes[:, place] = np.bincount(unit, minlength=number)
    flat = np.concatenate([sums.reshape(number, -1), sizes], axis=1)
    first, counts = np.unique(flat, axis=0, return_index=True, return_counts=True)[1:]
    return Units(sums[first], sizes[first], counts)


def _seeds(domains: Sequence[Floats]) -> int:
    shapes = [one.shape for one in domains]
    if len({seeds for seeds, _ in shapes}) != 1 or min(shape[1] for shape in shapes) == 0:
        raise ValueError(f"every domain needs the same seeds and an image, not shapes {shapes}")
    seeds = int(shapes[0][0])
    if seeds < MIN_SEEDS:
        raise ValueError(f"a bootstrap over seeds needs at least {MIN_SEEDS}, not {seeds}")
    return seeds


def _names(
    domains: Sequence[Floats], clusters: Sequence[Sequence[str] | NDArray[np.generic]]
) -> list[NDArray[np.generic]]:
    names = [np.asarray(one) for one in clusters]
    if [one.shape for one in names] != [(one.shape[1],) for one in domains]:
        raise ValueError("every image of every domain needs the name of its cluster")
    fewest = min(len(np.unique(one)) for one in names)
    if fewest < MIN_CLUSTERS:
        raise ValueError(
            f"a bootstrap over clusters needs at least {MIN_CLUSTERS} in each domain, not {fewest}"
        )
    return names
