"""Splits: nothing held out in training, nothing lost, the same for everyone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rise.catalog.protocols import protocols
from rise.datasets import split
from rise.datasets.decoded import DecodedDataset
from rise.errors import DataError
from tests.datasets.images import PACS_DOMAINS, listed_dataset, pacs_dataset
from tests.training.conftest import make_decoded

CLASSES = ("Cat", "dog")


@st.composite
def folders(draw) -> list[tuple[str, str]]:
    """(path, sha256) of 2 to 5 domains with 5 to 60 images each."""
    files = []
    for d in range(draw(st.integers(2, 5))):
        for k in range(draw(st.integers(5, 60))):
            label = CLASSES[draw(st.integers(0, 1))]
            files.append((f"d{d}/{label}/{k:04}.jpg", f"{d}-{k}-{draw(st.integers(0, 9))}"))
    return sorted(files)


def held(decoded: DecodedDataset, number: int) -> list[str]:
    """One held-out domain, or two: leave-one-domain-out selection holds out two."""
    wanted = 1 if len(decoded.domains) == 2 else 1 + number % 2
    return [decoded.domains[(number + at) % len(decoded.domains)] for at in range(wanted)]


@settings(max_examples=60, deadline=None)
@given(folders(), st.sampled_from(["rise", "domainbed"]), st.integers(0, 7), st.integers(0, 1000))
def test_sources_are_whole_disjoint_and_of_the_right_size(files, protocol, number, seed):
    decoded = listed_dataset(files)
    held_out = held(decoded, number)
    found = split.sources(decoded, protocol, held_out, seed)
    assert list(found.validation) == [d for d in decoded.domains if d not in held_out]
    everything = np.concatenate([found.train, *found.validation.values()])
    expected = np.concatenate([decoded.rows(domain) for domain in found.validation])
    assert sorted(everything) == sorted(expected)  # covers, and nothing twice
    for domain, rows in found.validation.items():
        n = len(decoded.rows(domain))
        size = max(1, n // 10) if protocol == "rise" else math.floor(n * 0.2)
        assert len(rows) == size
        assert {decoded.domains[d] for d in decoded.columns["domain"][rows]} == {domain}
    domains = decoded.columns["domain"][found.train]
    assert (np.diff(domains) >= 0).all()  # grouped, as the embedding cache's files are


@settings(max_examples=40, deadline=None)
@given(folders(), st.sampled_from(["rise", "domainbed"]), st.integers(0, 7), st.integers(0, 1000))
def test_scored_are_held_out_images_alone(files, protocol, number, seed):
    decoded = listed_dataset(files)
    held_out = held(decoded, number)
    rows = split.scored_rows(decoded, protocol, held_out, seed)
    assert {decoded.domains[d] for d in decoded.columns["domain"][rows]} == set(held_out)
    assert len(set(rows)) == len(rows)
    sizes = [len(decoded.rows(domain)) for domain in held_out]
    out = [math.floor(n * 0.2) if protocol == "domainbed" else 0 for n in sizes]
    assert len(rows) == sum(sizes) - sum(out)
    found = split.sources(decoded, protocol, held_out, seed)
    assert not set(rows) & {*found.train, *np.concatenate(list(found.validation.values()))}


@settings(max_examples=40, deadline=None)
@given(folders(), st.randoms(use_true_random=False), st.integers(0, 1000))
def test_a_mirror_with_other_names_and_order_has_the_same_split_under_rise(files, random, seed):
    numbers = random.sample(range(10_000), len(files))
    mirror = sorted(
        (f"{path.rsplit('/', 1)[0]}/other{n}.jpg", key)
        for (path, key), n in zip(files, numbers, strict=True)
    )
    first, second = listed_dataset(files), listed_dataset(mirror)
    held_out = [first.domains[0]]
    ours, theirs = (split.sources(decoded, "rise", held_out, seed) for decoded in (first, second))
    ids = first.columns["id"], second.columns["id"]
    assert list(ids[0][ours.train]) == list(ids[1][theirs.train])
    for domain, rows in ours.validation.items():
        assert list(ids[0][rows]) == list(ids[1][theirs.validation[domain]])


@settings(max_examples=30, deadline=None)
@given(folders(), st.sampled_from(["rise", "domainbed"]), st.integers(0, 1000))
def test_a_split_is_a_function_of_dataset_and_seed(files, protocol, seed):
    first, second = (split.sources(listed_dataset(files), protocol, ["d0"], seed) for _ in range(2))
    assert np.array_equal(first.train, second.train)
    for domain, rows in first.validation.items():
        assert np.array_equal(rows, second.validation[domain])


@pytest.mark.parametrize("protocol", ["rise", "domainbed"])
def test_which_domain_is_held_out_changes_no_other_domains_split(protocol):
    files = [(f"{d}/Cat/{k:03}.jpg", f"{d}{k}") for d in "abcd" for k in range(50)]
    decoded = listed_dataset(files)
    whole = split.sources(decoded, protocol, ["a"], 1).validation
    for held_out in (["b"], ["b", "a"], ["d", "c"]):
        for domain, rows in split.sources(decoded, protocol, held_out, 1).validation.items():
            if domain in whole:
                assert np.array_equal(rows, whole[domain])


@pytest.mark.parametrize("protocol", ["rise", "domainbed"])
def test_seeds_differ(protocol):
    decoded = listed_dataset([(f"{d}/Cat/{k:03}.jpg", f"{d}{k}") for d in "ab" for k in range(100)])
    drawn = [
        set(split.sources(decoded, protocol, ["a"], seed).validation["b"]) for seed in range(4)
    ]
    assert len({frozenset(rows) for rows in drawn}) == 4
    scored = {tuple(split.scored_rows(decoded, protocol, ["a"], seed)) for seed in range(4)}
    assert (len(scored) > 1) == protocols()[protocol].scored_images_depend_on_seed
    share = protocols()[protocol].drawn_fraction or 1.0
    assert {len(rows) for rows in scored} == {round(100 * share)}


def test_the_draw_under_rise_stays_what_it_is():
    decoded = listed_dataset([(f"{d}/Cat/{k:03}.jpg", f"{d}{k}") for d in "ab" for k in range(40)])
    rows = split.sources(decoded, "rise", ["a"], 0).validation["b"]
    assert sorted(path[-7:] for path in decoded.columns["path"][rows]) == [
        "019.jpg",
        "021.jpg",
        "030.jpg",
        "038.jpg",
    ]


def test_pacs_under_rise_has_the_official_lists():
    decoded = pacs_dataset()
    # Train and validation images of every class, as in the published lists.
    listed = {
        "art_painting": "341/38 229/26 256/29 165/19 180/21 265/30 404/45",
        "cartoon": "350/39 411/46 311/35 121/14 291/33 259/29 364/41",
        "photo": "170/19 181/21 163/19 167/19 179/20 251/29 388/44",
        "sketch": "694/78 665/75 677/76 547/61 734/82 71/9 143/17",
    }
    for held_out in PACS_DOMAINS:
        found = split.sources(decoded, "rise", [held_out], 0)
        for domain, rows in found.validation.items():
            train = found.train[
                decoded.columns["domain"][found.train] == decoded.domains.index(domain)
            ]
            counts = [np.bincount(decoded.columns["label"][part]) for part in (train, rows)]
            assert " ".join(f"{t}/{v}" for t, v in zip(*counts, strict=True)) == listed[domain]
        again = split.sources(decoded, "rise", [held_out], 5)
        assert np.array_equal(again.train, found.train)
        assert len(split.scored_rows(decoded, "rise", [held_out], 0)) == len(decoded.rows(held_out))
    rows = split.sources(decoded, "rise", ["sketch"], 0).validation["art_painting"]
    paths = set(decoded.columns["path"][rows])
    assert {"art_painting/dog/pic_225.jpg", "art_painting/dog/pic_249.jpg"} <= paths


def test_another_set_under_the_name_of_pacs_is_refused():
    files = [(f"{d}/dog/{k}.jpg", f"{d}{k}") for d in PACS_DOMAINS for k in range(20)]
    decoded = listed_dataset(files, "pacs", ("dog", "house"))
    with pytest.raises(DataError, match="art_painting holds 0 of the 208 images of the official"):
        split.sources(decoded, "rise", ["sketch"], 0)


def test_identity_disjoint_takes_the_parts_of_the_dataset():
    decoded = make_decoded(3)
    found = split.sources(decoded, "identity_disjoint", ["domain1"], 4)
    expected = [decoded.rows(d, "train") for d in ("domain0", "domain2")]
    assert np.array_equal(found.train, np.concatenate(expected))
    assert list(found.validation) == ["domain0", "domain2"]
    assert np.array_equal(found.validation["domain2"], decoded.rows("domain2", "validation"))
    scored = split.scored_rows(decoded, "identity_disjoint", ["domain1"], 4)
    assert np.array_equal(scored, decoded.rows("domain1"))


def test_scored_subsets():
    decoded = make_decoded(2)
    rows = decoded.rows("domain1")
    assert list(split.subsets(decoded, rows)) == ["all"]
    decoded.columns["part"][rows[:10]] = "test"
    decoded.columns["group"] = np.where(np.arange(len(decoded)) % 2, "new", "drawn")
    found = split.subsets(decoded, rows)
    assert {name: len(at) for name, at in found.items()} == {
        "test": 10,
        "all": 36,
        "test, drawn": 5,
        "test, new": 5,
    }


@pytest.mark.parametrize(
    ("protocol", "held_out", "words"),
    [
        ("identity_disjoint", ["a"], "made up: has no identities"),
        ("rise", ["a", "b"], "all domains are held out"),
        ("rise", ["c"], "unknown domain 'c'"),
        ("raise", ["a"], "there is no protocol 'raise' in rise/datasets/protocols"),
        ("rise", ["a"], "b has 1 images, too few to train and validate on"),
        ("domainbed", ["a"], "b has 1 images, too few to train and validate on"),
    ],
)
def test_what_cannot_be_split_is_said(protocol, held_out, words):
    decoded = listed_dataset([("a/Cat/x.png", "x"), ("b/Cat/y.png", "y")])
    with pytest.raises(DataError, match=words):
        split.sources(decoded, protocol, held_out, 0)


def test_the_table_of_protocols_is_complete():
    assert set(protocols()) == {"identity_disjoint", "rise", "domainbed"}
    seeded = [name for name, info in protocols().items() if info.scored_images_depend_on_seed]
    assert seeded == ["domainbed"]
