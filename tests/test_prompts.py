"""Prompts as data: the sets, the spelling, the anchors, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from rise import catalogue
from rise.config import parse
from rise.entries import Dataset
from rise.errors import ConfigError
from rise.experiment import text_identity, units
from rise.prompts import anchor_prompts, class_prompts, prompt_sets, without_place
from rise.sections import Variant
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


def text(**changes: Any) -> dict[str, Any]:
    defaults = {"prompts": "dataset", "class_names": "words", "anchors": "styles"}
    return {**defaults, **changes}


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
    assert class_prompts(HOME, text()) == [
        ["an alarm clock", "a drawing of an alarm clock"],
        ["tv", "a drawing of tv"],
    ]
    assert anchor_prompts(HOME, text())[1] == ["an art painting of tv", "a photo of tv"]


def test_released_spelling_keeps_underscores_and_words_lose_their_article() -> None:
    released = text(prompts="photo", class_names="released", anchors="domains")
    assert class_prompts(HOME, released)[0] == ["a photo of a Alarm_Clock"]
    assert anchor_prompts(HOME, released)[0] == [
        "a art_painting of a Alarm_Clock",
        "a RealWorld of a Alarm_Clock",
    ]
    words = text(prompts=["one {}"], anchors="domains")
    assert class_prompts(HOME, words)[0] == ["one alarm clock"]
    assert anchor_prompts(HOME, words)[0][0] == "a art painting of a alarm clock"


def test_fixed_anchors() -> None:
    assert anchor_prompts(HOME, text(anchors="photo"))[1] == [
        "a bright photo of a tv",
        "a corrupted photo of a tv",
        "a dark photo of a tv",
        "a good photo of a tv",
    ]


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
    paths = {first.request(declare())["texts"]}
    for change in changes:
        other = declare(variants={"main": {**plain, **change}})
        unit = units(other)[0]
        seen.add(unit.digest)
        paths.add(unit.request(other)["texts"])
    assert len(seen) == 1 + len(changes)
    assert len(paths) == 1 + len(changes) - 2


def test_the_identity_holds_the_prompts_themselves() -> None:
    one = Variant(student="tiny-resnet", teacher="tiny-clip", prompts="photo")
    two = one.model_copy(update={"prompts": ["a photo of a {}"]})
    entry = catalogue.datasets()["emojidg"]
    found = [text_identity(entry, variant)["words"] for variant in (one, two)]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ("clip", "variants.main.prompts: unknown set of prompts 'clip'; did you mean 'clip80'?"),
        ([], "variants.main.prompts: is an empty list"),
        (["a {}", "a photo"], "template 'a photo' must hold {} once, for the class"),
        (["{} and {}"], "template '{} and {}' must hold {} once"),
    ],
)
def test_wrong_prompts(prompts: Any, message: str) -> None:
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip", "prompts": prompts}
    values = declare().model_dump(exclude={"name"}) | {"variants": {"main": variant}}
    with pytest.raises(ConfigError) as caught:
        parse(values, Path("my.yaml"))
    assert len(str(caught.value).splitlines()) == 1
    assert message in str(caught.value)
