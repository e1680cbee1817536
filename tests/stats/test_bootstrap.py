"""The crossed bootstrap by complete enumeration, closed variances and its own promises."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rise.stats import bootstrap
from rise.stats.bootstrap import crossed_bootstrap, prepared, weighted

Floats = NDArray[np.float64]


def domain(seeds: int, images: int, key: int) -> Floats:
    """Differences of -1, 0 and 1 with differing seeds and images."""
    rng = np.random.default_rng(key)
    level = rng.normal(0.2, 0.3, (seeds, 1)) + rng.normal(0, 0.6, (1, images))
    return np.clip(np.round(level + rng.normal(0, 0.4, (seeds, images))), -1, 1)


def run(domains: list[Any], key: int = 0, **changes: Any) -> bootstrap.Bootstrap:
    """On fixed images."""
    return crossed_bootstrap(domains, np.random.default_rng(key), **{"resampled": False} | changes)


def all_weights(number: int) -> NDArray[np.int64]:
    """Counts of all number^number draws with replacement."""
    drawn = np.array(list(product(range(number), repeat=number)))
    return (drawn[:, :, None] == np.arange(number)).sum(axis=1)


def enumerated(domains: list[Floats], names: list[Any] | None = None) -> Floats:
    """Every resample of one group of units, none of which equal another's."""
    groups, seeds = prepared(domains, None if names is None else list(map(np.asarray, names)))
    (group,) = groups
    assert (group.units == 1).all()
    by_seed, by_unit = all_weights(seeds), all_weights(len(group.units))
    return weighted(
        groups, np.repeat(by_seed, len(by_unit), 0), [np.tile(by_unit, (len(by_seed), 1))]
    )


@pytest.mark.reference("bootstrap.crossed", 1)
def test_crossed_reference(case: dict[str, Any]) -> None:
    """All 6,912 draws of 3 seeds and 4 images."""
    drawn = enumerated([np.array(case["inputs"]["difference"], dtype=np.float64)])
    low, high = np.quantile(drawn.round(12), [0.025, 0.975], method="inverted_cdf")
    found = {
        "arrangements": drawn.size,
        "mean": drawn.mean(),
        "variance": drawn.var(),
        "variance_closed": closed_variance(np.array(case["inputs"]["difference"])),
        "se": drawn.std(),
        "low": low,
        "high": high,
        "share_not_above_zero": (drawn.round(12) <= 0).mean(),
    }
    assert found == pytest.approx(case["expected"], rel=1e-9, abs=1e-11)


@pytest.mark.reference("bootstrap.cluster", 1)
def test_cluster_reference(case: dict[str, Any]) -> None:
    """All 256 draws of 4 clusters: total over drawn images by number of drawn images."""
    clusters = case["inputs"]["clusters"]
    names = np.repeat(list("abcd"), [len(one) for one in clusters])
    x = np.array([[x for one in clusters for x in one]], dtype=np.float64)
    drawn = enumerated([x], [names])
    low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
    found = {
        "arrangements": drawn.size,
        "estimate": x.mean(),
        "mean": drawn.mean(),
        "variance": drawn.var(),
        "se": drawn.std(),
        "low": low,
        "high": high,
    }
    assert found == pytest.approx(case["expected"], rel=1e-9, abs=1e-11)


def closed_variance(x: Floats) -> float:
    """Of all crossed draws of one block (Owen, 2007)."""
    r, c = x.shape
    g, rows, columns = x.mean(), x.mean(axis=1), x.mean(axis=0)
    return float(
        (1 - 1 / r) * (1 - 1 / c) * g**2
        + (1 - 1 / r) * (columns**2).sum() / c**2
        + (1 - 1 / c) * (rows**2).sum() / r**2
        + (x**2).sum() / (r * c) ** 2
        - g**2
    )


def test_a_cluster_of_several_domains_has_one_weight_in_all() -> None:
    """Against literal resampling of images, one draw at a time."""
    rng = np.random.default_rng(4)
    domains, names = [rng.normal(size=(2, n)) for n in (5, 4)], [list("aabbc"), list("cabb")]
    expected = []
    for seeds in product(range(2), repeat=2):
        for drawn in product("abc", repeat=3):
            means = []
            for x, name in zip(domains, names, strict=True):
                columns = [i for one in drawn for i, other in enumerate(name) if other == one]
                means.append(x[np.ix_(seeds, columns)].mean())
            expected.append(np.mean(means))
    assert np.sort(enumerated(domains, names)) == pytest.approx(np.sort(expected), rel=1e-12)


@pytest.mark.parametrize(("seeds", "images"), [(5, 40), (8, 300)])
def test_random_draws_have_the_closed_variance(seeds: int, images: int) -> None:
    """Where many images are equal and kinds of images are drawn in their place."""
    x = domain(seeds, images, 1)
    assert len(prepared([x], None)[0][0].units) < images
    found = run([x], draws=40_000)
    assert found.estimate == pytest.approx(x.mean(), rel=1e-12)
    assert found.se**2 == pytest.approx(closed_variance(x), rel=0.03)
    # Nearly normal, so the limits are where normal ones are.
    assert found.low == pytest.approx(found.estimate - 1.96 * found.se, abs=0.2 * found.se)
    assert found.high == pytest.approx(found.estimate + 1.96 * found.se, abs=0.2 * found.se)


def test_domains_share_seeds_and_not_images() -> None:
    """Two equal domains: the seeds' part of the variance stays, the images' is halved."""
    x = domain(6, 60, 2)
    shared = x.mean(axis=1).var() / 6
    expected = (closed_variance(x) + shared) / 2
    assert run([x, x], draws=40_000).se ** 2 == pytest.approx(expected, rel=0.03)


def test_clusters_that_are_all_of_a_domain_tie_domains_together() -> None:
    """Two equal domains of the same clusters are one domain, and an image each is no cluster."""
    x, names = domain(6, 60, 3), [f"n{i}" for i in range(60)]
    alone, twice = run([x], clusters=[names]), run([x, x], clusters=[names, names])
    assert (twice.se, twice.low, twice.high) == pytest.approx((alone.se, alone.low, alone.high))
    assert run([x]).se == pytest.approx(alone.se, rel=0.04)
    assert (alone.clusters, twice.clusters, run([x]).clusters) == (60, 60, None)
    apart = run([x, x], clusters=[names, [f"other {name}" for name in names]])
    assert apart.clusters == 120 and apart.se < 0.95 * twice.se


def test_domains_count_equally() -> None:
    """However many images they have."""
    few, many = np.ones((5, 3)), np.zeros((5, 400))
    found = run([few, many])
    expected = pytest.approx((0.5, 0.0, 0.5, 0.5), abs=1e-15)
    assert (found.estimate, found.se, found.low, found.high) == expected


def test_orders_change_nothing() -> None:
    """Shuffled images give the same bytes; shuffled seeds and domains the same estimate."""
    x, y = domain(7, 90, 5), domain(7, 30, 6)
    found, order = run([x, y], draws=1000), np.random.default_rng(0).permutation(90)
    shuffled = run([x[:, order], y], draws=1000)
    assert (shuffled.low, shuffled.high, shuffled.se) == (found.low, found.high, found.se)
    turned = run([x[::-1], y[::-1]], draws=1000)
    assert turned.estimate == pytest.approx(found.estimate, rel=1e-12)
    assert run([y, x], draws=1000).estimate == pytest.approx(found.estimate, rel=1e-12)
    assert turned.se == pytest.approx(found.se, rel=0.2)


def test_opposite_differences_give_the_opposite() -> None:
    """The order of the methods changes signs."""
    x = domain(6, 200, 7)
    one, other = run([x], draws=40_000), run([-x], key=1, draws=40_000)
    assert one.estimate == -other.estimate
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=0.1 * one.se)


def test_draws_are_made_in_parts_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """And are as many, of the same distribution, and the same again from the same key."""
    x = domain(6, 200, 8)
    whole = run([x])
    sizes = []
    chunk = bootstrap._chunk
    monkeypatch.setattr(bootstrap, "CHUNK", 2**14)
    monkeypatch.setattr(
        bootstrap, "_chunk", lambda g, s, size, rng: sizes.append(size) or chunk(g, s, size, rng)
    )
    parts = run([x])
    assert sum(sizes) == 10_000 and len(sizes) > 10
    assert parts.se == pytest.approx(whole.se, rel=0.05)
    assert parts == run([x]) and parts != run([x], key=1)


def test_a_domain_left_without_images_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no mean of nothing is among the draws."""
    monkeypatch.setattr(bootstrap, "MIN_CLUSTERS", 1)
    x, y = domain(5, 4, 9), domain(5, 2, 10)
    groups, _ = prepared([x, y], [np.array(list("abcd")), np.array(list("ef"))])
    only = (groups[0].sizes[:, 1] > 0) * groups[0].units
    assert np.isnan(weighted(groups, np.ones((1, 5), dtype=np.int64), [only[None]])).all()
    found = run([x, y], clusters=[list("abcd"), list("ef")])
    assert np.isfinite([found.se, found.low, found.high]).all()


NAMES = [str(i) for i in range(30)]


@pytest.mark.parametrize(
    ("domains", "changes", "message"),
    [
        ([np.ones((5, 30))], {"resampled": True}, "no image that all seeds share"),
        ([np.ones((4, 30))], {}, "at least 5, not 4"),
        ([], {}, "same seeds"),
        ([np.ones((5, 30)), np.ones((6, 30))], {}, "same seeds"),
        ([np.ones((5, 30)), np.ones((5, 0))], {}, "and an image"),
        ([np.ones(30)], {}, "2 axes"),
        ([np.full((5, 30), np.nan)], {}, "finite"),
        ([np.ones((5, 30))], {"draws": 999}, "at least 1000 draws"),
        ([np.ones((5, 30))], {"level": 1.0}, "level must be"),
        ([np.ones((5, 30))], {"clusters": [NAMES[:29]]}, "every image"),
        ([np.ones((5, 30))], {"clusters": []}, "every image"),
        ([np.ones((5, 30))], {"clusters": [NAMES[:19] + NAMES[:11]]}, "in each domain, not 19"),
        (
            [np.ones((5, 30)), np.ones((5, 2))],
            {"clusters": [NAMES, NAMES[:2]]},
            "in each domain, not 2",
        ),
    ],
)
def test_what_it_refuses(domains: list[Floats], changes: dict[str, Any], message: str) -> None:
    """Each with its reason."""
    with pytest.raises(ValueError, match=message):
        run(domains, **changes)
