"""Open every image of a dataset by the function that decodes it."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rise.decoding.decode import open_whole, read_file
from rise.decoding.manifest import ManifestRow
from rise.errors import DataError
from rise.utils.pool import chunks, pool
from rise.utils.progress import ReportProgress

ALONE = 256  # so few images are done before a second process has started


def inspect(
    folder: Path, paths: list[str], progress: ReportProgress | None = None
) -> list[ManifestRow]:
    """Read and decode every file, and return a row for each, in the order of `paths`.

    Args:
        folder: the dataset's folder.
        paths: files below it.
        progress: told ("opening images", done, total).

    Raises:
        DataError: a worker process was killed.
    """
    rows: list[ManifestRow] = []
    for some in _inspected(folder, paths):
        rows += some
        if progress:
            progress("opening images", len(rows), len(paths))
    return rows


def _inspected(folder: Path, paths: list[str]) -> Iterator[list[ManifestRow]]:
    task = partial(_inspect_some, folder)
    if len(paths) <= ALONE:
        yield from map(task, chunks(paths))
        return
    with pool() as workers:
        yield from workers.map(task, chunks(paths))


def _inspect_some(folder: Path, paths: list[str]) -> list[ManifestRow]:
    return [inspect_one(folder, path) for path in paths]


def inspect_one(folder: Path, path: str) -> ManifestRow:
    """Read one file and decode its (first) image; the row names a fault if there is one."""
    sha256, size = "", 0
    try:
        data = read_file(folder / path)
        sha256, size = hashlib.sha256(data).hexdigest(), len(data)
        image = open_whole(folder / path, data)
    except DataError as error:
        said = str(error).removeprefix(f"{folder / path}: ")
        kind = "truncated" if "truncated" in said else "unreadable"
        return ManifestRow(path, sha256, size, fault=f"{kind}: {said}")
    return ManifestRow(path, sha256, size, *image.rgb.size, image.mode, image.format)
