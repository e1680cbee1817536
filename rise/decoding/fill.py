"""Decode every image to its place in a scratch folder: the second pass of a build.

The scratch folder holds `pixels.bin`, `done.bin` (the sha256 of the pixels of each finished row, 32
bytes a row) and `plan.txt` (a digest of what goes where); the last two stay there. A build that was
interrupted finds the same plan and keeps the pixels that have the noted sha256, so even a crash of
the machine in the middle of a write does no harm.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rise.decoding.decode import PARAMETERS, decode
from rise.utils.disk import check_room, taken
from rise.utils.io import digest
from rise.utils.pool import AT_ONCE, Workers, chunks
from rise.utils.progress import ReportProgress

INDEX_BYTES = 2_000  # of a row in index.npz, at most


class Target(NamedTuple):
    """One image to decode: its file, the file's sha256, and the bytes that its pixels take."""

    path: Path
    sha256: str
    offset: int
    size: int


DecodeTask = tuple[Path, list[Target], bytes]  # pixels.bin, targets, what is noted of them


def prepare(scratch: Path, columns: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Make or find the scratch folder; return its `done.bin` as uint8 (N, 32), mapped for writing.

    Raises:
        NoRoomError: the disk has no room for what is still to be written.
    """
    sizes = columns["height"] * columns["width"] * 3
    named = [columns[key].tolist() for key in ("id", "height", "width")]
    plan = digest([named, PARAMETERS])
    found = scratch / "plan.txt"
    if not found.is_file() or found.read_text(encoding="utf-8") != plan:
        shutil.rmtree(scratch, ignore_errors=True)
    needed = int(sizes.sum()) + INDEX_BYTES * len(sizes) - taken(scratch / "pixels.bin")
    check_room(scratch.parent, f"the decoded dataset {name}", needed)
    if not scratch.is_dir():
        scratch.mkdir()
        for file, size in (("pixels.bin", int(sizes.sum())), ("done.bin", 32 * len(sizes))):
            with (scratch / file).open("wb") as made:
                made.truncate(size)
        found.write_text(plan, encoding="utf-8")
    return np.memmap(scratch / "done.bin", np.uint8, "r+", shape=(len(sizes), 32))


def fill(
    processes: Workers,
    scratch: Path,
    targets: Iterable[Target],
    done: np.ndarray,
    report: ReportProgress,
) -> int:
    """Decode all targets that are not there yet, and return how many were.

    Raises:
        DataError: a file cannot be decoded, or changed since it was read.
    """
    kept = at = 0
    report("decoding", 0, len(done))
    for hashes, found in processes.map(_decode, _jobs(scratch / "pixels.bin", targets, done)):
        end = at + len(hashes)
        done[at:end] = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
        at, kept = end, kept + found
        report("decoding", at, len(done))
    return kept


def _jobs(store: Path, targets: Iterable[Target], done: np.ndarray) -> Iterator[DecodeTask]:
    for number, chunk in enumerate(chunks(targets)):
        start = number * AT_ONCE
        yield store, chunk, done[start : start + len(chunk)].tobytes()


def _decode(job: DecodeTask) -> tuple[list[bytes], int]:
    """Hash each target's pixels, and count those that were there already (in a worker)."""
    store, targets, noted = job
    hashes: list[bytes] = []
    kept = 0
    handle = os.open(store, os.O_RDWR)
    try:
        for number, target in enumerate(targets):
            before = noted[32 * number : 32 * (number + 1)]
            if any(before) and _hash(os.pread(handle, target.size, target.offset)) == before:
                hashes.append(before)
                kept += 1
                continue
            pixels = decode(target.path, target.sha256).tobytes()
            os.pwrite(handle, pixels, target.offset)
            hashes.append(_hash(pixels))
    finally:
        os.close(handle)
    return hashes, kept


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
