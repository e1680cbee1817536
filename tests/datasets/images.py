"""Made-up image folders and decoded datasets for the tests of datasets."""

import lzma
from pathlib import Path

import numpy as np
from PIL import Image

from rise.catalog import lookup
from rise.catalog.schema import Dataset
from rise.datasets.decoded import DecodedDataset
from rise.utils.io import digest
from rise.utils.rng import numpy_stream

NAMES = Path(__file__).parents[1] / "data" / "pacs.txt.xz"
PACS_CLASSES = list(lookup.datasets()["pacs"].classes)
PACS_DOMAINS = list(lookup.datasets()["pacs"].domains)


def entry(domains=("a", "b"), classes=("Cat", "dog"), folders=None, **more) -> Dataset:
    """A catalog entry of image folders."""
    folders = folders or {}
    return Dataset.model_validate(
        {
            "revision": 1,
            "title": "made up",
            "domains": {d: {"style": "a drawing", "folder": folders.get(d)} for d in domains},
            "classes": {c: f"a {c}" for c in classes},
            "templates": ["a photo of {}"],
            "protocols": ["rise", "domainbed"],
            "licence": "none",
            **more,
        }
    )


def noise(height: int, width: int, *key: int) -> Image.Image:
    """An image that is the same for the same key."""
    pixels = numpy_stream("noise", height, width, *key).integers(0, 256, (height, width, 3))
    return Image.fromarray(pixels.astype(np.uint8))


def write_folders(root: Path, each: int = 3, size=(10, 12), domains=("a", "b")) -> None:
    """`each` PNGs in every domain and class."""
    for d, domain in enumerate(domains):
        for c, label in enumerate(("Cat", "dog")):
            folder = root / domain / label
            folder.mkdir(parents=True)
            for k in range(each):
                noise(*size, d, c, k).save(folder / f"{k:05}.png")


def listed_dataset(
    files: list[tuple[str, str]], name="made up", classes=("Cat", "dog")
) -> DecodedDataset:
    """A decoded dataset without pixels, of (path, sha256 or id) in ImageFolder order."""
    domains = sorted({path.split("/")[0] for path, _ in files})
    ranks = dict.fromkeys(domains, 0)
    rows = []
    for path, key in files:
        domain, label, _ = path.split("/")
        image = key if len(key) == 64 else digest([domain, label, key])
        rows.append((image, domains.index(domain), list(classes).index(label), path, ranks[domain]))
        ranks[domain] += 1
    rows.sort()
    empty, ones = np.full(len(rows), ""), np.ones(len(rows), dtype=np.int64)
    columns = {
        "id": np.array([row[0] for row in rows]),
        "domain": np.array([row[1] for row in rows]),
        "label": np.array([row[2] for row in rows]),
        **{key: empty for key in ("identity", "part", "group")},
        **{key: ones for key in ("offset", "height", "width")},
        "path": np.array([row[3] for row in rows]),
        "rank": np.array([row[4] for row in rows]),
    }
    pixels = np.zeros(3, dtype=np.uint8)
    return DecodedDataset(name, domains, list(classes), "0" * 64, columns, pixels, ranks)


def pacs_names() -> list[tuple[str, str]]:
    """(path, id) of all images of PACS in ImageFolder order; of an id only 8 digits are real."""
    lines = lzma.decompress(NAMES.read_bytes()).decode().splitlines()
    return [(line[9:], line[:8] + "0" * 56) for line in lines]


def pacs_dataset() -> DecodedDataset:
    """PACS without its pixels."""
    return listed_dataset(pacs_names(), "pacs", PACS_CLASSES)
