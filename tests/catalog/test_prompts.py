"""Prompts as data: the sets, the spelling, the anchors, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from rise.catalog import lookup
from rise.catalog.prompts import (
    class_words,
    prompt_sets,
    released_texts,
    texts_of,
    without_place,
)
from rise.catalog.schema import Dataset
from rise.config.load import parse
from rise.config.schema import Variant
from rise.errors import ConfigError
from rise.planning.identities import text_identity
from rise.planning.units import job_of, units
from tests.synthetic import declare

HOME = Dataset.model_validate(
    {
        "revision": 1,
        "title": "made up",
        "domains": {
            "art_painting": {"style": "an art painting"},
            "RealWorld": {"style": "a photo"},
        },
        "classes": {"Alarm_Clock": "an alarm clock", "TV": "tv"},
        "templates": ["{}", "a drawing of {}"],
        "protocols": ["rise"],
        "licence": "none",
    }
)


def class_prompts(entry: Dataset, **changes: Any) -> list[list[str]]:
    return texts_of(entry, **changes).class_prompts


def anchor_prompts(entry: Dataset, **changes: Any) -> list[list[str]]:
    return texts_of(entry, **changes).anchor_prompts


def test_the_sets() -> None:
    sets = prompt_sets()
    assert {name: len(set(templates)) for name, templates in sets.items()} == {
        "released": 7,
        "clip80": 80,
        "photo": 1,
    }
    assert sets["released"][4] == "a {} in a video game."
    assert (sets["clip80"][0], sets["clip80"][-1]) == (
        "a bad photo of a {}.",
        "a tattoo of the {}.",
    )
    assert set(sets["released"]) <= set(sets["clip80"])
    assert not any(without_place(templates) for templates in sets.values())


def test_a_dataset_s_own_words_are_the_default() -> None:
    assert class_prompts(HOME) == [
        ["an alarm clock", "a drawing of an alarm clock"],
        ["tv", "a drawing of tv"],
    ]
    assert anchor_prompts(HOME)[1] == ["an art painting of tv", "a photo of tv"]


def test_released_spelling_keeps_underscores_and_words_lose_their_article() -> None:
    released = {"prompts": "photo", "class_names": "released", "anchors": "domains"}
    assert class_prompts(HOME, **released)[0] == ["a photo of a Alarm_Clock"]
    assert anchor_prompts(HOME, **released)[0] == [
        "a art_painting of a Alarm_Clock",
        "a RealWorld of a Alarm_Clock",
    ]
    words = {"prompts": ["one {}"], "anchors": "domains"}
    assert class_prompts(HOME, **words)[0] == ["one alarm clock"]
    assert anchor_prompts(HOME, **words)[0][0] == "a art painting of a alarm clock"


def test_a_domain_or_class_may_hold_braces() -> None:
    given = {
        "domains": {"a{}b": {"style": "a{}b"}, "c": {"style": "c"}},
        "classes": {"x{}": "x{}", "y": "y"},
    }
    entry = Dataset.model_validate({**HOME.model_dump(by_alias=True), **given})
    assert class_prompts(entry)[0] == ["x{}", "a drawing of x{}"]
    assert anchor_prompts(entry)[0][0] == "a{}b of x{}"
    assert anchor_prompts(entry, anchors="domains")[1] == ["a a{}b of a y", "a c of a y"]


def test_fixed_anchors() -> None:
    assert anchor_prompts(HOME, anchors="photo")[1] == [
        "a bright photo of a tv",
        "a corrupted photo of a tv",
        "a dark photo of a tv",
        "a good photo of a tv",
    ]


def words_of(name: str, **changes: Any) -> dict[str, str]:
    """Class -> the words that the released order gives it."""
    entry = lookup.datasets()[name]
    words = class_words(entry, changes.get("class_names", "words"), "released", bare=True)
    return dict(zip(entry.classes, words, strict=True))


@pytest.mark.parametrize(
    ("name", "agreeing"),
    [
        ("office_home", ["Glasses"]),
        ("terra_incognita", ["squirrel"]),
        ("terra_incognita_cct20", ["squirrel"]),
        ("pacs", list(lookup.datasets()["pacs"].classes)),
        ("vlcs", list(lookup.datasets()["vlcs"].classes)),
    ],
)
def test_the_released_order_gives_each_class_one_text(name: str, agreeing: list[str]) -> None:
    entry = lookup.datasets()[name]
    texts = released_texts(entry)
    assert sorted(texts) == list(range(len(entry.classes)))
    assert [one for at, one in enumerate(entry.classes) if texts[at] == at] == agreeing


def test_the_released_words() -> None:
    home = words_of("office_home")
    # The first class of the lists gets the first name of the alphabet; case is ignored, so that
    # TV stands after Trash_Can.
    assert (home["Scissors"], home["TV"], home["Desk_Lamp"]) == (
        "alarm clock",
        "backpack",
        "webcam",
    )
    assert (home["Alarm_Clock"], home["Calculator"]) == ("toys", "TV")
    assert words_of("office_home", class_names="released")["Toys"] == "Trash_Can"
    terra = words_of("terra_incognita")
    assert (terra["coyote"], terra["cat"], terra["bird"]) == ("bird", "bobcat", "opossum")


def test_the_released_order_reaches_prompts_and_anchors() -> None:
    entry = lookup.datasets()["terra_incognita"]
    coyote = list(entry.classes).index("coyote")
    asked = {"class_order": "released", "prompts": "photo", "anchors": "photo"}
    assert class_prompts(entry, **asked)[coyote] == ["a photo of a bird"]
    assert anchor_prompts(entry, **asked)[coyote][0] == "a bright photo of a bird"
    styled = anchor_prompts(entry, class_order="released")[coyote]
    assert styled[0] == "a camera trap photo at location 100 of bird"


def test_where_both_orders_agree_the_words_are_the_same() -> None:
    entry = lookup.datasets()["pacs"]
    own = Variant(student="tiny-resnet", teacher="tiny-clip")
    other = own.model_copy(update={"class_order": "released"})
    assert text_identity(entry, own).words == text_identity(entry, other).words


def test_a_dataset_without_a_released_order_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"main\.class_order: .* no order for emojidg; write own"):
        declare_with(class_order="released")


def declare_with(**changes: Any) -> None:
    """Read an experiment whose variant is changed so."""
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip", **changes}
    values = declare().model_dump(exclude={"name"}) | {"variants": {"main": variant}}
    parse(values, Path("my.yaml"))


def test_every_switch_is_in_the_identity_and_an_arm_shares_the_texts() -> None:
    plain = {"student": "tiny-resnet", "teacher": "tiny-clip"}
    changes: list[dict[str, Any]] = [
        {"prompts": "released"},
        {"prompts": ["a {}"]},
        {"class_names": "released"},
        {"average": "after"},
        {"anchors": "photo"},
        {"text": "shuffled"},
        {"text": "random"},
    ]
    first = units(declare())[0]
    seen = {first.digest}
    paths = {job_of(first, declare()).texts}
    for change in changes:
        other = declare(variants={"main": {**plain, **change}})
        unit = units(other)[0]
        seen.add(unit.digest)
        paths.add(job_of(unit, other).texts)
    assert len(seen) == 1 + len(changes)
    assert len(paths) == 1 + len(changes) - 2


def test_the_identity_holds_the_prompts_themselves() -> None:
    one = Variant(student="tiny-resnet", teacher="tiny-clip", prompts="photo")
    two = one.model_copy(update={"prompts": ["a photo of a {}"]})
    entry = lookup.datasets()["emojidg"]
    found = [text_identity(entry, variant).words for variant in (one, two)]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ("clip", "variants.main.prompts: unknown set of prompts 'clip'; did you mean 'clip80'?"),
        ([], "variants.main.prompts: is an empty list"),
        (["a {}", "a photo"], "template 'a photo' must contain {} exactly once, for the class"),
        (["{} and {}"], "template '{} and {}' must contain {} exactly once"),
    ],
)
def test_wrong_prompts(prompts: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        declare_with(prompts=prompts)
    assert len(str(caught.value).splitlines()) == 1
    assert message in str(caught.value)
