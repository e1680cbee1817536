"""The view bank: the teacher's image embedding of every view of every image, made once.

One file a domain: `<domain>.npy`, float16 (images of the domain in pack order, views, D), unit
embeddings before rounding; one view where the teacher sees plain images. Logits are one product
away, so no text and no method enters.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from rise.datasets.pack import Pack, open_pack
from rise.datasets.progress import Progress
from rise.device import use_device
from rise.errors import DataError
from rise.experiment import bank_identity
from rise.files import write_json
from rise.teachers.tower import Tower, open_tower, seen

AT_ONCE = 256


def build_bank(request: dict[str, Any], folder: Path, progress: Progress | None = None) -> None:
    """Build the bank that a unit's request names; it appears whole or not at all.

    Args:
        request: of any unit of the bank ("identity", "pack", "teacher").
        folder: where the bank goes.
        progress: told (domain, views done, views in all).

    Raises:
        DataError: pack or teacher cannot be read.
        TrainingError: the device is not there.
    """
    identity = request["identity"]
    device = use_device(identity["device"]["class"], identity["device"]["threads"])
    pack = open_pack(Path(request["pack"]))
    tower = open_tower(request, device)
    content = _content(identity, pack)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for domain in pack.domains:
            bank = _domain_bank(pack, domain, tower, content, progress)
            np.save(beside / f"{domain}.npy", bank)
        write_json(beside / "bank.json", content)
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _domain_bank(
    pack: Pack,
    domain: str,
    tower: Tower,
    content: dict[str, Any],
    progress: Progress | None,
) -> np.ndarray:
    rows = pack.rows(domain)
    policy, count = content["views"]["policy"], content["views"]["count"]
    bank = None
    for view in range(count):
        for at in range(0, len(rows), AT_ONCE):
            part = slice(at, at + AT_ONCE)
            kind = content["tower"]["view"]
            found = tower.embed(seen(pack, rows[part], view, tower.size, policy, kind)).numpy()
            if bank is None:
                bank = np.empty((len(rows), count, found.shape[1]), np.float16)
            bank[part, view] = found
        if progress:
            progress(domain, view + 1, count)
    assert bank is not None  # a domain holds images
    return bank


def _content(identity: dict[str, Any], pack: Pack) -> dict[str, Any]:
    return {**bank_identity(identity), "pack": pack.content}


def check_bank(folder: Path, identity: dict[str, Any], pack: Pack) -> None:
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
