"""Opening images fully, two processes at a time."""

import hashlib
import io
import multiprocessing
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from rise.decoding.manifest import Row
from rise.utils.progress import Progress

CHUNK = 64
ALONE = 256  # so few images are done before a second process has started


def inspect(
    folder: Path, paths: list[str], progress: Progress | None = None, processes: int = 2
) -> list[Row]:
    """Read and decode every file: rows in the order of `paths`.

    Args:
        folder: the dataset's.
        paths: files below it.
        progress: told ("opening images", done, total).
        processes: how many read at once.
    """
    chunks = [(folder, paths[at : at + CHUNK]) for at in range(0, len(paths), CHUNK)]
    rows: list[Row] = []
    for some in _each(chunks, processes if len(paths) > ALONE else 1):
        rows += some
        if progress:
            progress("opening images", len(rows), len(paths))
    return rows


def _each(chunks: list[tuple[Path, list[str]]], processes: int) -> Iterator[list[Row]]:
    if processes == 1:
        yield from map(_inspect_some, chunks)
        return
    # Not by fork: the progress bar's thread may hold a lock at that moment.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_inspect_some, chunks)


def _inspect_some(chunk: tuple[Path, list[str]]) -> list[Row]:
    folder, paths = chunk
    return [inspect_one(folder, path) for path in paths]


def inspect_one(folder: Path, path: str) -> Row:
    """Read one file and decode all of its (first) image; a fault is said in the row."""
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        return Row(path, "", 0, fault=f"unreadable: {error.strerror}")
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        with warnings.catch_warnings():
            # Pillow warns of an image too large to be honest before it refuses one.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                width, height = image.size
                mode, kind = image.mode, image.format or ""
    except Exception as error:  # Pillow's plugins raise anything on damaged files
        what = "truncated" if "truncated" in str(error) else "unreadable"
        said = str(error) or type(error).__name__
        if "cannot identify" in said:
            said = "no image that Pillow knows"
        return Row(path, sha256, len(data), fault=f"{what}: {said}")
    return Row(path, sha256, len(data), width, height, mode, kind)
