"""The key of a unit: one place for its five parts and its path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rise.errors import ConfigError
from rise.experiment.key import FIELDS, UnitKey, find, held_out_of, held_out_text, is_key

NAMES = st.text("ab+\"/~ '$", min_size=1, max_size=4)
KEYS = st.builds(
    UnitKey,
    NAMES,
    NAMES,
    NAMES,
    st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
    st.integers(0, 99),
)


@given(KEYS)
def test_a_path_leads_back_to_its_unit(key: UnitKey) -> None:
    assert is_key(key.key)
    dataset, variant, method, held_out, seed = key.key.split("/")
    assert seed == f"seed{key.seed}"
    assert held_out_of(held_out) == key.held_out
    assert list(key.parts.values()) == [dataset, variant, method, str(key.seed), held_out]
    assert find([key], key.key) == find([key], key.name) == [key]
    assert tuple(key.columns) == FIELDS
    assert [key.columns[name] for name in ("dataset", "variant", "method", "seed")] == [
        *(key.dataset, key.variant, key.method, key.seed)
    ]


@given(KEYS, KEYS)
def test_two_units_have_two_paths_and_two_rows_of_a_table(one: UnitKey, other: UnitKey) -> None:
    assert (one.key == other.key) == (one == other)
    assert (one.columns == other.columns) == (one == other)


ORDINARY = UnitKey("pacs", "main", "erm", ("art", "photo"), 3)


def test_ordinary_names_are_their_path() -> None:
    assert ORDINARY.key == ORDINARY.name == "pacs/main/erm/art+photo/seed3"


@pytest.mark.parametrize(
    ("domains", "text"),
    [
        (("a", "b"), "a+b"),
        (("a+b",), '"a+b"'),
        (("c++",), "c++"),
        (("c++", "d"), '"c++"+d'),
        (('6" disk',), '"6"" disk"'),
    ],
)
def test_held_out_domains_in_print(domains: tuple[str, ...], text: str) -> None:
    assert held_out_text(domains) == text


@pytest.mark.parametrize(
    "text", ["a/b", "../b/c/d/seed0", "a/b/c/d//seed0", "/b/c/d/e", "a/b/c/$/e"]
)
def test_what_is_no_path_of_a_unit(text: str) -> None:
    assert not is_key(text)


UNITS = [
    UnitKey("d", variant, method, (domain,), 0)
    for variant in ("main", "ViT-B/16")
    for method in ("erm", "rise")
    for domain in ("x", "Real World")
]


@pytest.mark.parametrize(
    ("text", "least", "found"),
    [
        ("d/main/rise/x/seed0", 5, 1),
        ("d/ViT-B/16/rise/Real World/seed0", 5, 1),
        ("d/ViT-B~2F16/rise/Real~20World/seed0", 5, 1),
        ("d/ViT-B~2F16/rise/Real World/seed0", 5, 1),
        ("d/ViT-B/16/rise", 3, 2),
        ("d/main/rise/Real World", 3, 1),
    ],
)
def test_units_are_found_by_names_and_by_path(text: str, least: int, found: int) -> None:
    assert len(find(UNITS, text, least)) == found


@pytest.mark.parametrize(
    ("text", "least", "said"),
    [
        ("a/b/c", 5, "'a/b/c' names no unit; write DATASET/VARIANT/METHOD/HELD_OUT/seedK"),
        ("d/main", 3, "'d/main' names no unit; write DATASET/VARIANT/METHOD[/HELD_OUT[/seedK]]"),
        ("d/main/ries/x/seed0", 5, "unknown method 'ries'; did you mean 'rise'? known: erm, rise"),
        ("d/main/rise/x/seed7", 5, "unknown seed 'seed7'"),
    ],
)
def test_a_wrong_part_is_named(text: str, least: int, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find(UNITS, text, least)
    assert str(caught.value).startswith(said)
