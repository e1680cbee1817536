"""The key of a unit: one place for its five parts and its path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rise.errors import ConfigError
from rise.experiment.key import FIELDS, UnitKey, parse_key, split_held_out

NAMES = st.text("abcxyz_-", min_size=1, max_size=5)
KEYS = st.builds(
    UnitKey,
    NAMES,
    NAMES,
    NAMES,
    st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
    st.integers(0, 99),
)


@given(KEYS)
def test_a_path_leads_back_to_its_parts(key: UnitKey) -> None:
    dataset, variant, method, held_out, seed = key.key.split("/")
    assert seed == f"seed{key.seed}"
    assert UnitKey(dataset, variant, method, split_held_out(held_out), key.seed) == key
    assert [str(value) for value in key.columns.values()] == [
        *(dataset, variant, method, held_out, str(key.seed))
    ]
    assert tuple(key.columns) == FIELDS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a/b/c", "'a/b/c' names no unit; write DATASET/VARIANT/METHOD/HELD_OUT/seedK"),
        ("d/main/ries/x/seed0", "unknown method 'ries'; did you mean 'rise'? known: erm, rise"),
        ("d/main/rise/x/seed7", "unknown seed 'seed7'"),
    ],
)
def test_a_wrong_part_is_named(text: str, said: str) -> None:
    known = {"d/main/rise/x/seed0", "d/main/erm/x/seed0"}
    assert parse_key("d/main/rise/x/seed0", known) == "d/main/rise/x/seed0"
    with pytest.raises(ConfigError) as caught:
        parse_key(text, known)
    assert str(caught.value).startswith(said)
