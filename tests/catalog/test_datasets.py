"""The catalog against what is known of the datasets."""

import hashlib
import re

import pytest
from pydantic import ValidationError

from rise.acquisition.layouts import LAYOUTS
from rise.catalog import lookup
from rise.catalog.schema import Dataset
from rise.report.prose.citations import entries, key_of
from tests.datasets import toy

REAL = {name: entry for name, entry in lookup.datasets().items() if not entry.embedded}
# Images by domain as papers print them, which the catalog's counts by class must add up to.
PUBLISHED = {
    "pacs": [2048, 2344, 1670, 3929],
    "vlcs": [1415, 2656, 3282, 3376],
    "office_home": [2427, 4365, 4439, 4357],
    "terra_incognita": [4741, 9736, 3970, 5883],
}


@pytest.mark.parametrize("name", REAL)
def test_entry(name: str) -> None:
    entry = REAL[name]
    assert list(entry.classes) == sorted(entry.classes), "labels follow ImageFolder's order"
    folders = [entry.folder_of(domain) for domain in entry.domains]
    assert folders == sorted(folders), "domains follow DomainBed's order"
    assert entry.licence
    assert entry.bibtex.count("{") == entry.bibtex.count("}") > 0
    assert re.search(r"title = .*author = .*year = ", entry.bibtex, re.DOTALL)
    for source in entry.sources:
        assert source.layout in LAYOUTS
        # Parquet has no file names, so nothing of DomainBed's order is left in it.
        assert ("domainbed" in source.protocols) <= (source.layout != "parquet")
        assert set(source.protocols) <= set(entry.protocols)


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts(name: str) -> None:
    counts = REAL[name].counts.values()
    assert [sum(n) for n in counts if isinstance(n, list)] == PUBLISHED[name]


def test_one_key_names_one_work() -> None:
    keys = {entry.bibtex: key_of(entry.bibtex) for entry in REAL.values()}
    assert len(set(keys.values())) == len(keys)
    assert not set(keys.values()) & set(entries())


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
    terra = [entry for name, entry in REAL.items() if "terra" in name]
    assert len({entry.revision for entry in terra}) == len(terra)
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
        ({"bibtex": "li2017deeper: Li"}, "bibtex"),
    ],
)
def test_schema_refuses(changes: dict[str, object], said: str) -> None:
    assert isinstance(toy.entry(), Dataset)
    with pytest.raises(ValidationError, match=said):
        toy.entry(**changes)
