"""The view bank: the teacher's image embedding of every view of every image, made once.

One file a domain: `<domain>.npy`, float16 (images of the domain in pack order, views, D), unit
embeddings before rounding; one view where the teacher sees plain images. Logits are one product
away, so no text and no method enters.

An unfinished bank lies beside its place, with `plan.txt` (a digest of what it will hold) and
`done.txt` (its finished batches, written after their embeddings are on the disk); so a build that
was killed goes on where it stopped, and ends with the same bytes.
"""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from filelock import FileLock
from numpy.lib.format import open_memmap
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.errors import DataError
from rise.teachers.tower import Tower, open_tower, seen
from rise.utils.device import use_device
from rise.utils.disk import check_room, size_text, taken
from rise.utils.io import digest, write_json, write_text
from rise.utils.progress import Progress

AT_ONCE = 64  # images a batch; a worker's batch lies in shared memory
SAVE_SECONDS = 10.0


class Batch(NamedTuple):
    """Some images of a domain, by their places in it, in one view."""

    domain: str
    part: slice
    view: int


class Batches(Dataset[Tensor]):
    """What the tower sees, in the order of the bank's bytes: a few images in all their views."""

    def __init__(self, pack: DecodedDataset, size: int, content: dict[str, Any]) -> None:
        self.pack, self.size, self.content = pack, size, content
        self.rows = {domain: pack.rows(domain) for domain in pack.domains}
        self.places = [
            Batch(domain, slice(at, at + AT_ONCE), view)
            for domain, rows in self.rows.items()
            for at in range(0, len(rows), AT_ONCE)
            for view in range(content["tower"]["count"])
        ]

    def __len__(self) -> int:
        """Number of batches."""
        return len(self.places)

    def __getitem__(self, at: int) -> Tensor:
        """Views float32 (B, 3, size, size) of a batch."""
        domain, part, view = self.places[at]
        return seen(self.pack, self.rows[domain][part], view, self.size, self.content["tower"])

    def views(self, batches: int) -> int:
        """How many views so many first batches hold."""
        return sum(len(self.rows[one.domain][one.part]) for one in self.places[:batches])


def build_bank(request: dict[str, Any], folder: Path, progress: Progress | None = None) -> None:
    """Build the bank that a unit's request names, from where an interrupted build stopped.

    Args:
        request: of any unit of the bank ("identity", "pack", "teacher"); "workers": processes that
            make views ahead, none by default. They change no byte.
        folder: where the bank goes; it appears whole or not at all.
        progress: told (what, views done, views in all), before the first view as well.

    Raises:
        DataError: pack or teacher cannot be read.
        NoRoomError: the disk has no room for what is still to be written.
        TrainingError: the device is not there.
    """
    identity = request["identity"]
    device = use_device(identity["device"]["class"], identity["device"]["threads"])
    pack = open_decoded(Path(request["pack"]))
    tower = open_tower(request, device)
    content = _content(identity, pack)
    batches = Batches(pack, tower.size, content)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.part")
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        done = _prepare(scratch, batches, tower.width, digest([content, identity["device"]]))
        _fill(scratch, batches, tower, done, int(request.get("workers", 0)), progress)
        for file in ("plan.txt", "done.txt"):
            (scratch / file).unlink()
        write_json(scratch / "bank.json", content)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)


def _prepare(scratch: Path, batches: Batches, width: int, what: str) -> int:
    """Make or find the unfinished bank; how many of its batches are done."""
    count = batches.content["tower"]["count"]
    shapes = {domain: (len(rows), count, width) for domain, rows in batches.rows.items()}
    plan = digest([what, shapes, AT_ONCE])
    found = scratch / "plan.txt"
    if not found.is_file() or found.read_text(encoding="utf-8") != plan:
        shutil.rmtree(scratch, ignore_errors=True)
    needed = _bytes(batches, width) - sum(taken(scratch / f"{name}.npy") for name in shapes)
    check_room(scratch.parent, f"the bank of {batches.pack.name}", needed)
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
    progress: Progress | None,
) -> None:
    """Embed every batch that is not done, and note now and then what is on the disk."""
    report = progress or (lambda what, done, total: None)
    what = f"{batches.pack.name}: views, {size_text(_bytes(batches, tower.width))}"
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
    """The views of every batch from a number on, made ahead in processes if there are any."""
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=range(done, len(batches)),
        num_workers=workers,
        # A fork shares the opened pack; nothing in it touches a GPU.
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator(),  # else the loader draws from the global one
    )
    yield from loader


def _content(identity: dict[str, Any], pack: DecodedDataset) -> dict[str, Any]:
    return {"teacher": identity["teacher"], "tower": identity["tower"], "pack": pack.content}


def check_bank(folder: Path, identity: dict[str, Any], pack: DecodedDataset) -> None:
    """Refuse a bank that is not of a unit's teacher, views and pack: somebody moved it there.

    Raises:
        DataError: not there, or of something else.
    """
    path = folder / "bank.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no usable bank; delete {folder} and run again") from error
    for what, wanted in _content(identity, pack).items():
        if found.get(what) != wanted:
            said = f"{what} {found.get(what)}, not of {wanted}"
            raise DataError(f"{path}: is a bank of {said}; delete {folder} and run again")


def open_bank(folder: Path, domain: str) -> np.ndarray:
    """Memory-map one domain's file: float16 (n, V, D).

    Raises:
        DataError: not there, or not whole.
    """
    path = folder / f"{domain}.npy"
    try:
        bank: np.ndarray = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no usable bank; delete {folder} and run again") from error
    return bank
