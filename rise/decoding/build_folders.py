"""Decode image folders: in parallel, restartable, and in constant memory.

The first of two passes reads every file for its sha256 and size. This gives the ids, the order of
rows, each image's place in `pixels.bin` and the total size before anything is written. The second
pass (`rise.decoding.fill`) decodes each image to its place.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock

from rise.catalog.schema import Dataset
from rise.datasets.decoded import PIXELS
from rise.decoding.build_arrays import write_index
from rise.decoding.decode import PARAMETERS, read_header
from rise.decoding.fill import Target, fill, prepare
from rise.decoding.image_files import ImageFile, list_files
from rise.decoding.manifest import manifest_digest
from rise.errors import DataError
from rise.utils.io import digest, publish
from rise.utils.pool import Workers, chunks, pool
from rise.utils.progress import ReportProgress


class Image(NamedTuple):
    """A file that was read: its id, its sha256, and its size when decoded."""

    id: str
    file: ImageFile
    sha256: str
    height: int
    width: int


class Built(NamedTuple):
    """A build's counts: images, equal files left out, images kept from an earlier run, bytes."""

    images: int
    duplicates: int
    kept: int
    bytes: int


def build_from_folders(
    name: str,
    entry: Dataset,
    root: Path,
    folder: Path,
    *,
    manifest: str | None = None,
    named: bool = True,
    workers: int | None = None,
    progress: ReportProgress | None = None,
) -> Built:
    """Decode a dataset whose files are `<root>/<domain folder>/<class>/<file>`.

    An image's id is the digest of its domain, class and file's sha256; of files equal in all three,
    the one with the first path is kept. `rise.decoding.decode` turns files into pixels.

    Args:
        name: the dataset.
        entry: its entry of the catalogue.
        root: the folder of the domain folders.
        folder: where the decoded dataset goes; it appears whole or not at all. An interrupted
            build continues where it stopped when it is run again.
        manifest: digest of the verified files (`manifest.manifest_digest`), which these must have.
        named: True if the files have their published names; without them DomainBed's split is
            refused later.
        workers: number of processes, by default one for each CPU.
        progress: called with (what, files done, all files).

    Raises:
        DataError: the folders are not the dataset's, a file is no complete image, the files are not
            the manifest's, the disk is too small, or a worker was killed.
    """
    files = list_files(name, entry, root)
    report = progress or (lambda what, done, total: None)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.part")
    with FileLock(folder.with_name(f".{folder.name}.lock")), pool(workers) as processes:
        read = _read(processes, root, files, report)
        if manifest not in (None, manifest_digest((one.file.path, one.sha256) for one in read)):
            raise DataError(
                f"{root}: its files are not those of its manifest; run rise data verify {name}"
            )
        images = _unique(read)
        columns = _columns(entry, images)
        done = prepare(scratch, columns, name)
        places = zip(columns["offset"].tolist(), _sizes(columns).tolist(), strict=True)
        targets = (
            Target(root / image.file.path, image.sha256, *place)
            for image, place in zip(images, places, strict=True)
        )
        kept = fill(processes, scratch, targets, done, report)
        columns[PIXELS] = np.array(done)
        about: dict[str, Any] = {
            "name": name,
            "domains": list(entry.domains),
            "classes": list(entry.classes),
            "files": _counted(files) if named else {},
            "duplicates": len(files) - len(images),
            "manifest": manifest,
            "parameters": PARAMETERS,
        }
        pixels = hashlib.sha256(done.tobytes()).hexdigest()
        write_index(scratch, folder.name, columns, about, pixels)
        publish(scratch, folder)
    return Built(len(images), len(files) - len(images), kept, int(_sizes(columns).sum()))


def _read(
    processes: Workers, root: Path, files: list[ImageFile], report: ReportProgress
) -> list[Image]:
    """Read the sha256 and size of every file (the first pass), in the order of `files`."""
    found: list[Image] = []
    report("reading files", 0, len(files))
    for headers in processes.map(_headers, chunks(root / file.path for file in files)):
        for sha256, height, width in headers:
            file = files[len(found)]
            found.append(
                Image(digest([file.domain, file.label, sha256]), file, sha256, height, width)
            )
        report("reading files", len(found), len(files))
    return found


def _headers(paths: list[Path]) -> list[tuple[str, int, int]]:
    return [read_header(path) for path in paths]


def _unique(images: list[Image]) -> list[Image]:
    """Sort by id, and keep only the first path of each id."""
    first: dict[str, Image] = {}
    for image in sorted(images, key=lambda image: image.file.path):
        first.setdefault(image.id, image)
    return [first[key] for key in sorted(first)]


def _counted(files: list[ImageFile]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for file in files:
        counted[file.domain] = counted.get(file.domain, 0) + 1
    return counted


def _columns(entry: Dataset, images: list[Image]) -> dict[str, np.ndarray]:
    domains = {name: at for at, name in enumerate(entry.domains)}
    classes = {name: at for at, name in enumerate(entry.classes)}
    height = np.array([image.height for image in images])
    width = np.array([image.width for image in images])
    ends = np.cumsum(height * width * 3)
    empty = np.full(len(images), "")
    return {
        "id": np.array([image.id for image in images]),
        "domain": np.array([domains[image.file.domain] for image in images]),
        "label": np.array([classes[image.file.label] for image in images]),
        "identity": empty,
        "part": empty,
        "group": empty,
        "offset": ends - height * width * 3,
        "height": height,
        "width": width,
        "path": np.array([image.file.path for image in images]),
        "rank": np.array([image.file.rank for image in images]),
    }


def _sizes(columns: dict[str, np.ndarray]) -> np.ndarray:
    sizes: np.ndarray = columns["height"] * columns["width"] * 3
    return sizes
