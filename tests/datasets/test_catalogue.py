"""The catalogue against what is known of the datasets."""

import hashlib
import re

import pytest
from pydantic import ValidationError

from rise.acquisition.layouts import LAYOUTS
from rise.catalog import lookup
from rise.catalog.schema import Dataset
from tests.datasets import toy

REAL = [name for name, entry in lookup.datasets().items() if not entry.embedded]
TOTALS = {
    "pacs": [2048, 2344, 1670, 3929],
    "vlcs": [1415, 2656, 3282, 3376],
    "office_home": [2427, 4365, 4439, 4357],
    "terra_incognita": [4741, 9736, 3970, 5883],
    "terra_incognita_24788": [4879, 9767, 4020, 6122],
    "domainnet": [48129, 51605, 72266, 172500, 172947, 69128],
}
IMAGES = {
    "pacs": 9991,
    "vlcs": 10729,
    "office_home": 15588,
    "terra_incognita": 24330,
    "terra_incognita_24788": 24788,
    "terra_incognita_cct20": None,
    "domainnet": 586575,
}
CLASSES = {"pacs": 7, "vlcs": 5, "office_home": 65, "domainnet": 345}


def test_there_are_these_datasets() -> None:
    assert sorted(REAL) == sorted(IMAGES)


@pytest.mark.parametrize("name", REAL)
def test_entry(name: str) -> None:
    entry = lookup.datasets()[name]
    assert entry.images == IMAGES[name]
    assert len(entry.classes) == CLASSES.get(name, 10)
    assert list(entry.classes) == sorted(entry.classes), "labels follow ImageFolder's order"
    folders = [entry.folder_of(domain) for domain in entry.domains]
    assert folders == sorted(folders), "domains follow DomainBed's order"
    assert re.match(r"[a-z]+\d{4}[a-z]+: .+\. (ICCV|CVPR|ECCV) \d{4}", entry.citation)
    assert entry.licence and entry.notes and entry.bytes
    for source in entry.sources:
        assert source.layout in LAYOUTS
        # Parquet has no file names, so nothing of DomainBed's order is left in it.
        assert ("domainbed" in source.protocols) <= (source.layout != "parquet")
        assert set(source.protocols) <= set(entry.protocols)


@pytest.mark.parametrize("name", TOTALS)
def test_counts(name: str) -> None:
    counts = lookup.datasets()[name].counts
    assert [sum(n) if isinstance(n, list) else n for n in counts.values()] == TOTALS[name]


def test_counts_by_class_stand_at_their_class() -> None:
    def count(name: str, domain: str, label: str) -> int:
        entry = lookup.datasets()[name]
        counts = entry.counts[domain]
        assert isinstance(counts, list)
        return counts[list(entry.classes).index(label)]

    assert count("pacs", "sketch", "house") == 80
    assert count("vlcs", "SUN09", "bird") == 20
    assert count("office_home", "Art", "Ruler") == count("office_home", "Art", "Drill") == 15
    assert count("office_home", "Real_World", "Marker") == 23
    assert count("terra_incognita", "location_38", "bird") == 3


def test_classes_of_domainnet_by_digest() -> None:
    classes = lookup.datasets()["domainnet"].classes
    digest = hashlib.sha256("\n".join(classes).encode()).hexdigest()
    assert digest.startswith("f54521e7f5d873bd")
    assert classes["The_Eiffel_Tower"] == "The Eiffel Tower"


def test_class_phrases() -> None:
    classes = lookup.datasets()["office_home"].classes
    assert (classes["Alarm_Clock"], classes["TV"]) == ("alarm clock", "TV")
    for entry in lookup.datasets().values():
        assert not any("_" in phrase for phrase in entry.classes.values())


def test_revisions_of_terra_are_apart() -> None:
    entries = [lookup.datasets()[name] for name in REAL if "terra" in name]
    assert len({entry.revision for entry in entries}) == len(entries) == 3
    assert lookup.datasets()["terra_incognita_24788"].sources == []
    doubles = [d for d in lookup.datasets()["terra_incognita"].defects if "two labels" in d.text]
    assert len(doubles) == 4


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"counts": {"ink": [2, 2], "oil_paint": [2, 1]}}, "counts do not add up"),
        ({"counts": {"ink": [8]}}, "1 for 2 classes"),
        ({"counts": {"tar": 8}}, "tar is no domain"),
        ({"templates": ["a thing"]}, "holds no {}"),
        ({"colour": "red"}, "Extra inputs"),
        ({"manifest": "abc"}, "manifest"),
    ],
)
def test_schema_refuses(changes: dict[str, object], said: str) -> None:
    assert isinstance(toy.entry(), Dataset)
    with pytest.raises(ValidationError, match=said):
        toy.entry(**changes)
