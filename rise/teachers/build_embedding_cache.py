"""Build the teacher embedding cache of a decoded dataset.

An unfinished cache lies beside its final place. `batches.json` says what it will hold, and has a
checksum of each finished batch, written once its embeddings are on the disk. A build that was
killed therefore goes on where it stopped, and ends with the same bytes.
"""

import shutil
import time
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock
from numpy.lib.format import open_memmap
from torch import Tensor

from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.errors import DamagedError
from rise.experiment.identity import TowerIdentity, as_mapping
from rise.experiment.job import Job
from rise.teachers.embedding_cache import cache_content
from rise.teachers.tower import Tower, open_tower, seen
from rise.utils.device import use_device
from rise.utils.disk import check_room, size_text, taken
from rise.utils.io import digest, file_digest, publish
from rise.utils.loading import ahead
from rise.utils.progress import ReportProgress
from rise.utils.sealed import read_sealed, write_sealed

AT_ONCE = 64  # images a batch; a worker's batch lies in shared memory
SAVE_SECONDS = 10.0
BATCHES = "batches.json"


class Part(NamedTuple):
    """Some images of a domain, by their positions in it, in one view."""

    domain: str
    part: slice
    view: int


class Batches:
    """The tower's input, in the cache's order: a few images at a time, in all their views."""

    def __init__(self, decoded: DecodedDataset, size: int, sees: TowerIdentity) -> None:
        self.decoded, self.size, self.sees = decoded, size, sees
        self.rows = {domain: decoded.rows(domain) for domain in decoded.domains}
        self.places = [
            Part(domain, slice(at, at + AT_ONCE), view)
            for domain, rows in self.rows.items()
            for at in range(0, len(rows), AT_ONCE)
            for view in range(sees.count)
        ]

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.places)

    def views_of(self, at: int) -> Tensor:
        """Make the views of a batch, float32 (B, 3, size, size)."""
        domain, part, view = self.places[at]
        return seen(self.decoded, self.rows[domain][part], view, self.size, self.sees)

    def views(self, batches: int) -> int:
        """Count the views in this many first batches."""
        return sum(len(self.rows[one.domain][one.part]) for one in self.places[:batches])


def build_cache(job: Job, progress: ReportProgress | None = None) -> None:
    """Build the cache that a job names, from where an interrupted build stopped.

    Args:
        job: of any unit that uses the cache; its workers make views ahead and change no byte.
        progress: called with (what, views done, all views), also before the first view.

    Raises:
        DataError: the dataset or the teacher cannot be read.
        NoRoomError: the disk has no room for what is still to be written.
        TrainingError: the device is not available.
    """
    identity, folder = job.identity, job.cache
    device = use_device(identity.device.kind, identity.device.threads)
    decoded = open_decoded(job.decoded)
    tower = open_tower(job, device)
    content = cache_content(identity, decoded)
    batches = Batches(decoded, tower.size, identity.tower)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.part")
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        if (folder / "cache.json").is_file():
            return  # another job made it while this one waited
        plan = digest([content, as_mapping(identity.device), _shapes(batches, tower), AT_ONCE])
        done = _prepare(scratch, batches, tower, plan)
        _fill(scratch, batches, tower, plan, done, job.workers, progress)
        files = {name: file_digest(scratch / f"{name}.npy") for name in batches.rows}
        write_sealed(scratch / "cache.json", {**content, "files": files}, folder.name)
        publish(scratch, folder)


def _prepare(scratch: Path, batches: Batches, tower: Tower, plan: str) -> list[int]:
    """Make or find the unfinished cache, and return the checksums of its finished batches."""
    done = _done(scratch, batches, plan)
    if not done:
        shutil.rmtree(scratch, ignore_errors=True)
    shapes = _shapes(batches, tower)
    needed = _bytes(batches, tower.width) - sum(taken(scratch / f"{name}.npy") for name in shapes)
    check_room(scratch.parent, f"the teacher embedding cache of {batches.decoded.name}", needed)
    if not done:
        scratch.mkdir()
        for domain, shape in shapes.items():
            open_memmap(scratch / f"{domain}.npy", "w+", np.float16, shape).flush()
    return done


def _shapes(batches: Batches, tower: Tower) -> dict[str, tuple[int, int, int]]:
    count = batches.sees.count
    return {domain: (len(rows), count, tower.width) for domain, rows in batches.rows.items()}


def _done(scratch: Path, batches: Batches, plan: str) -> list[int]:
    """Return the checksums of the first batches, up to the first that is not what was written."""
    try:
        noted: list[int] = read_sealed(scratch / BATCHES, plan)["checksums"]
        files = {name: np.load(scratch / f"{name}.npy", mmap_mode="r") for name in batches.rows}
        found = [
            zlib.crc32(files[domain][part, view].tobytes())
            for domain, part, view in batches.places[: len(noted)]
        ]
    except (OSError, ValueError, DamagedError):
        return []
    same = [one == other for one, other in zip(noted, found, strict=True)]
    return noted[: same.index(False) if False in same else len(same)]


def _bytes(batches: Batches, width: int) -> int:
    return batches.views(len(batches)) * width * np.dtype(np.float16).itemsize


def _fill(
    scratch: Path,
    batches: Batches,
    tower: Tower,
    plan: str,
    done: list[int],
    workers: int,
    progress: ReportProgress | None,
) -> None:
    """Embed all batches that are not done, and note from time to time what is on the disk."""
    done = list(done)
    report = progress or (lambda what, done, total: None)
    what = f"{batches.decoded.name}: views, {size_text(_bytes(batches, tower.width))}"
    files = {domain: open_memmap(scratch / f"{domain}.npy", "r+") for domain in batches.rows}
    views, total = batches.views(len(done)), batches.views(len(batches))
    report(what, views, total)
    saved = time.monotonic()
    todo = range(len(done), len(batches))
    size = AT_ONCE * 3 * tower.size**2 * 4
    for images in ahead(batches.views_of, todo, workers, size):
        domain, part, view = batches.places[len(done)]
        embedded = tower.embed(images).cpu().numpy()
        files[domain][part, view] = embedded
        done.append(zlib.crc32(embedded.tobytes()))
        views += len(images)
        if time.monotonic() - saved >= SAVE_SECONDS or len(done) == len(batches):
            for file in files.values():
                file.flush()
            write_sealed(scratch / BATCHES, {"checksums": done}, plan)
            saved = time.monotonic()
        report(what, views, total)
