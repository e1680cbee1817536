"""Bring what a source serves into the form `<domain folder>/<class>/<file>`.

Files are hard links where the disk allows it, else copies; nothing is moved out of where it was.
"""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from rise.catalog.data_dir import visible
from rise.catalog.schema import Dataset
from rise.errors import DataError
from rise.utils.io import JsonObject

DEPTH = 4  # how deep the domains' folders may lie in an archive
# DomainBed's build of TerraIncognita since June 2024 (domainbed/scripts/download.py)
CCT20_IMAGES, CCT20_LISTS = "eccv_18_all_images_sm", "eccv_18_annotation_files"
CCT20_PARTS = ("cis_test", "cis_val", "train", "trans_test", "trans_val")
DUPLICATES = "domain_net_duplicates.txt"
ENDINGS = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"GIF8": "gif", b"BM": "bmp", b"RIFF": "webp"}


def build(layout: str, tree: Path, entry: Dataset, ready: Path) -> None:
    """Make a dataset's folder from a folder of unpacked or downloaded files.

    Args:
        layout: as the catalog names it.
        tree: what the source's archives unpack to, with its other files beside.
        entry: the dataset.
        ready: the folder to make; must not exist.

    Raises:
        DataError: the files are not laid out as said, or a link leads out of `tree`.
    """
    LAYOUTS[layout](tree, entry, ready)


def find_domains(tree: Path, entry: Dataset) -> dict[str, Path] | None:
    """Find every domain's folder below the nearest folder that has them all; None if none has.

    A domain's folder may be called by its name or an alias of the catalog, in any case.
    """
    level = [tree]
    for _ in range(DEPTH):
        for folder in level:
            below = {path.name.casefold(): path for path in visible(folder) if path.is_dir()}
            found = {}
            for name, domain in entry.domains.items():
                for called in (entry.folder_of(name), name, *domain.aliases):
                    if called.casefold() in below:
                        found[name] = below[called.casefold()]
                        break
            if len(found) == len(entry.domains):
                return found
        level = [path for folder in level for path in visible(folder) if path.is_dir()]
    return None


def _folders(tree: Path, entry: Dataset, ready: Path) -> None:
    domains = find_domains(tree, entry)
    if domains is None:
        names = ", ".join(entry.folder_of(domain) for domain in entry.domains)
        raise DataError(f"{tree}: contains no folder with the domains {names}; check the path")
    root = tree.resolve()
    for domain, folder in domains.items():
        for source in _files(folder):
            target = ready / entry.folder_of(domain) / source.relative_to(folder)
            link(_inside(source, root), target)


def _files(folder: Path) -> Iterator[Path]:
    """List a domain's files down to two levels below its classes, and none below that."""
    level = [folder]
    for _ in range(3):
        below = [path for some in level for path in visible(some)]
        yield from (path for path in below if not path.is_dir())
        level = [path for path in below if path.is_dir()]


def _inside(path: Path, root: Path) -> Path:
    real = path.resolve()
    if not real.is_relative_to(root):
        raise DataError(f"{path}: is a link that leads out of {root}; copy the file there instead")
    if not real.is_file():
        raise DataError(f"{path}: is not a regular file, or is a broken link; remove it")
    return real


def link(source: Path, target: Path) -> None:
    """Make `target` the same file as `source` by a hard link, or a copy where there can be none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # another disk, or one without hard links
        shutil.copyfile(source, target)


def _cct20(tree: Path, entry: Dataset, ready: Path) -> None:
    """Put every image of the four cameras into the folder of each of its labels."""
    data: dict[str, list[JsonObject]] = defaultdict(list)
    for part in CCT20_PARTS:
        path = tree / CCT20_LISTS / f"{part}_annotations.json"
        try:
            for key in ("categories", "images", "annotations"):
                data[key] += json.loads(path.read_text(encoding="utf-8"))[key]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}: is not a list of annotations ({error}); fetch it again"
            ) from error
    names = {item["id"]: item["name"] for item in data["categories"]}
    labels: dict[Any, set[str]] = defaultdict(set)
    for item in data["annotations"]:
        if (name := names[item["category_id"]]) in entry.classes:
            labels[item["image_id"]].add(name)
    for image in {item["id"]: item for item in data["images"]}.values():
        domain, name = f"location_{image['location']}", Path(image["file_name"]).name
        if domain not in entry.domains:
            continue
        for label in sorted(labels[image["id"]]):
            source = tree / CCT20_IMAGES / name
            if not source.is_file():
                raise DataError(f"{source}: is in the annotations, not in the archive of images")
            link(source, ready / entry.folder_of(domain) / label / name)


def _domainnet(tree: Path, entry: Dataset, ready: Path) -> None:
    """Lay out the six archives without the files of DomainBed's list of duplicates."""
    listed = tree / DUPLICATES
    if not listed.is_file():
        raise DataError(
            f"{listed}: is missing; add it, since the archives alone are not the cleaned set"
        )
    _folders(tree, entry, ready)
    for line in listed.read_text(encoding="utf-8").split():
        # Some of the list may be gone already, as DomainBed allows; the counts tell.
        if ".." not in line.split("/"):
            (ready / line.lstrip("/")).unlink(missing_ok=True)


def _parquet(tree: Path, entry: Dataset, ready: Path) -> None:
    """Write out Hugging Face's rows of image, domain and label; content names the files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = sorted(tree.rglob("*.parquet"))
    if not tables:
        raise DataError(f"{tree}: contains no parquet file; check the path")
    folders = _called({n: [entry.folder_of(n), n, *d.aliases] for n, d in entry.domains.items()})
    labels = _called({label: [label, phrase] for label, phrase in entry.classes.items()})
    for path in tables:
        try:
            file = pq.ParquetFile(path)
            names = _label_names(file.schema_arrow.metadata or {})
            for batch in file.iter_batches(256, columns=["image", "domain", "label"]):
                for row in batch.to_pylist():
                    domain = folders[_word(row["domain"], names.get("domain"))]
                    label = labels[_word(row["label"], names.get("label"))]
                    _write(row["image"]["bytes"], ready / entry.folder_of(domain) / label)
        except (pa.ArrowException, KeyError, TypeError, IndexError) as error:
            raise DataError(
                f"{path}: has no rows of image, domain, label as {entry.title.split(',')[0]} "
                f"needs them ({type(error).__name__}: {error})"
            ) from error


def _called(names: dict[str, list[str]]) -> dict[str, str]:
    """Map a name in any spelling to the catalog's name."""
    return {_plain(called): name for name, every in names.items() for called in every}


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "_")


def _word(value: Any, names: list[str] | None) -> str:
    return _plain(names[value] if names and isinstance(value, int) else str(value))


def _label_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Read the names of columns that hold numbers, as Hugging Face's datasets writes them."""
    info = json.loads(metadata.get(b"huggingface", b"{}"))
    features = info.get("info", {}).get("features", {})
    return {key: value["names"] for key, value in features.items() if "names" in value}


def _write(data: bytes, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ending = next((end for magic, end in ENDINGS.items() if data.startswith(magic)), "bin")
    stem = sha256(data).hexdigest()[:32]
    for path in _numbered(folder, stem, ending):
        if not path.exists():
            path.write_bytes(data)
            return


def _numbered(folder: Path, stem: str, ending: str) -> Iterable[Path]:
    """Name an image, and then its copies of the same bytes."""
    yield folder / f"{stem}.{ending}"
    number = 2
    while True:
        yield folder / f"{stem}-{number}.{ending}"
        number += 1


LAYOUTS: dict[str, Callable[[Path, Dataset, Path], None]] = {
    "folders": _folders,
    "cct20": _cct20,
    "domainnet": _domainnet,
    "parquet": _parquet,
}
