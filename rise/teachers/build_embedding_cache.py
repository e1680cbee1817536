"""Build the teacher embedding cache of a decoded dataset.

An unfinished cache lies beside its final place, with `plan.txt` (a digest of what it will hold) and
`done.txt` (the number of finished batches, written once their embeddings are on the disk). A build
that was killed therefore goes on where it stopped, and ends with the same bytes.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from filelock import FileLock
from numpy.lib.format import open_memmap
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.experiment.identity import TowerIdentity, as_mapping
from rise.experiment.job import Job
from rise.teachers.embedding_cache import cache_content
from rise.teachers.tower import Tower, open_tower, seen
from rise.utils.device import use_device
from rise.utils.disk import check_room, size_text, taken
from rise.utils.io import digest, write_json, write_text
from rise.utils.progress import ReportProgress

AT_ONCE = 64  # images a batch; a worker's batch lies in shared memory
SAVE_SECONDS = 10.0


class Part(NamedTuple):
    """Some images of a domain, by their positions in it, in one view."""

    domain: str
    part: slice
    view: int


class Batches(Dataset[Tensor]):
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

    def __getitem__(self, at: int) -> Tensor:
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
        done = _prepare(
            scratch, batches, tower.width, digest([content, as_mapping(identity.device)])
        )
        _fill(scratch, batches, tower, done, job.workers, progress)
        for file in ("plan.txt", "done.txt"):
            (scratch / file).unlink()
        write_json(scratch / "cache.json", content)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)


def _prepare(scratch: Path, batches: Batches, width: int, what: str) -> int:
    """Make or find the unfinished cache, and return how many of its batches are done."""
    count = batches.sees.count
    shapes = {domain: (len(rows), count, width) for domain, rows in batches.rows.items()}
    plan = digest([what, shapes, AT_ONCE])
    found = scratch / "plan.txt"
    if not found.is_file() or found.read_text(encoding="utf-8") != plan:
        shutil.rmtree(scratch, ignore_errors=True)
    needed = _bytes(batches, width) - sum(taken(scratch / f"{name}.npy") for name in shapes)
    check_room(scratch.parent, f"the teacher embedding cache of {batches.decoded.name}", needed)
    if not scratch.is_dir():
        scratch.mkdir()
        for domain, shape in shapes.items():
            open_memmap(scratch / f"{domain}.npy", "w+", np.float16, shape).flush()
        write_text(scratch / "done.txt", "0")
        write_text(found, plan)
    # After a crash of the machine the mark may be lost, never ahead of the embeddings.
    mark = (scratch / "done.txt").read_text(encoding="utf-8")
    return int(mark) if mark.isdigit() else 0


def _bytes(batches: Batches, width: int) -> int:
    return batches.views(len(batches)) * width * np.dtype(np.float16).itemsize


def _fill(
    scratch: Path,
    batches: Batches,
    tower: Tower,
    done: int,
    workers: int,
    progress: ReportProgress | None,
) -> None:
    """Embed all batches that are not done, and note from time to time what is on the disk."""
    report = progress or (lambda what, done, total: None)
    what = f"{batches.decoded.name}: views, {size_text(_bytes(batches, tower.width))}"
    files = {domain: open_memmap(scratch / f"{domain}.npy", "r+") for domain in batches.rows}
    views, total = batches.views(done), batches.views(len(batches))
    report(what, views, total)
    saved = time.monotonic()
    for at, images in enumerate(_ahead(batches, done, workers), done):
        domain, part, view = batches.places[at]
        files[domain][part, view] = tower.embed(images).cpu().numpy()
        views += len(images)
        if time.monotonic() - saved >= SAVE_SECONDS or at + 1 == len(batches):
            for file in files.values():
                file.flush()
            write_text(scratch / "done.txt", str(at + 1))
            saved = time.monotonic()
        report(what, views, total)


def _ahead(batches: Batches, done: int, workers: int) -> Iterator[Tensor]:
    """Yield the views of all batches that are not done, made ahead by workers if there are any."""
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(done, len(batches)),
        num_workers=workers,
        # A fork shares the opened dataset; nothing in it touches a GPU.
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator(),  # otherwise the loader draws from the global one
    )
    yield from loader
