"""The real PACS files, where RISE_PACS names their folder (9,991 images in <domain>/<class>)."""

import os
from pathlib import Path

import numpy as np
import pytest

from rise.datasets import split
from rise.datasets.decoded import open_decoded
from rise.datasets.protocols import domainbed
from rise.decoding.build_folders import build_from_folders
from tests.datasets.images import PACS_CLASSES, PACS_DOMAINS, entry, pacs_names
from tests.datasets.test_domainbed import PACS_CASES, sixteen

FOLDER = os.environ.get("RISE_PACS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="RISE_PACS names no folder")
MANIFEST = "d328addd8e1835ed868bc8d981c52b5770cd6ecba23a7ddb57d27f074029a86d"


@pytest.fixture(scope="module")
def pacs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pacs") / "decoded"
    about = entry(domains=PACS_DOMAINS, classes=PACS_CLASSES)
    built = build_from_folders("pacs", about, Path(FOLDER), folder, manifest=MANIFEST)
    assert built == (9991, 0, 0, 9991 * 227 * 227 * 3)
    yield open_decoded(folder)
    (folder / "pixels.bin").unlink()  # 1.5 GB


def test_ids_and_names_are_those_of_the_committed_list(pacs):
    expected = {image[:8]: path for path, image in pacs_names()}
    found = zip(pacs.columns["id"], pacs.columns["path"], strict=True)
    assert {image[:8]: path for image, path in found} == expected


@pytest.mark.parametrize("case", PACS_CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_domainbeds_split(pacs, case):
    trial, short, *_, names, keys = case
    (domain,) = (name for name in PACS_DOMAINS if name.startswith(short))
    out, rest = domainbed.parts(pacs, domain, int(trial))
    paths = sorted(path.split("/", 1)[1] for path in pacs.columns["path"][out])
    assert sixteen(paths, "\n") == names
    assert sixteen(sorted(pacs.columns["rank"][out]), ",") == keys
    assert np.array_equal(split.scored_rows(pacs, "domainbed", [domain], int(trial)), rest)


def test_rises_split(pacs):
    found = split.sources(pacs, "rise", ["sketch"], 0)
    sizes = {domain: len(rows) for domain, rows in found.validation.items()}
    assert (len(found.train), sizes) == (5446, {"art_painting": 208, "cartoon": 237, "photo": 171})
