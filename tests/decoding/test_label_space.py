"""Classes and domains that cannot be trained or scored are found by name."""

import pytest

from rise.catalog.schema import Dataset
from rise.decoding.label_space import label_faults, unseen_classes
from tests.datasets import toy


def own(places: list[str], each: int = 2) -> tuple[list[str], Dataset]:
    """Images of `<domain>/<class>` places, and the entry that their folders make."""
    domains = {place.split("/")[0]: {"style": "s"} for place in places}
    classes = {place.split("/")[1]: "a" for place in places}
    kept = toy.entry().model_dump() | {"domains": domains, "classes": classes, "counts": {}}
    entry = Dataset.model_validate({**kept, "folder": "mine", "images": None, "sources": []})
    return [f"{place}/{number}.png" for place in places for number in range(each)], entry


SOUND = [f"{domain}/{label}" for domain in "abc" for label in ("cup", "mug")]


def test_a_sound_set_has_no_fault() -> None:
    images, entry = own(SOUND)
    assert list(label_faults(images, entry)) == []
    assert unseen_classes(images, entry, ["a"]) == {}


@pytest.mark.parametrize(
    ("more", "where", "words"),
    [
        (["a/Cup"], "Cup", "but for case"),
        (["a/cup "], "cup ", "but for case"),
        ([" a/cup"], " a", "but for case"),
        (["a/caf\u00e9", "b/cafe\u0301"], "cafe\u0301", "but for case"),
        (["a/ tin"], " tin", "begins or ends with a blank"),
    ],
)
def test_names_that_differ_in_looks_only(more: list[str], where: str, words: str) -> None:
    found = dict(label_faults(*own(SOUND + more)))
    assert words in found[where]


def test_a_slip_is_named_with_what_the_others_call_it() -> None:
    places = [p for p in SOUND if p != "a/mug"] + ["a/jug"]
    images, entry = own(places)
    assert [w for w, what in label_faults(images, entry) if "'mug'" in what] == ["a/jug"]
    assert unseen_classes(images, entry, ["a", "b"]) == {"a": ["jug"]}


def test_too_few_images() -> None:
    images, entry = own(SOUND)
    few = [image for image in images if not image.startswith("b")] + ["b/cup/0.png"]
    assert [where for where, _ in label_faults(few, entry)] == ["b"]
    few = [image for image in images if "/mug/" not in image]
    assert [where for where, _ in label_faults(few, entry)] == ["mug"]
