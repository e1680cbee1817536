"""The view bank: the teacher's image embedding of every view of every image, made once.

One file a domain: `<domain>.npy`, float16 (images of the domain in pack order, views, D), unit
embeddings before rounding. Logits are one product away, so no text and no method enters.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rise import catalogue
from rise.datasets.pack import Pack, open_pack
from rise.device import use_device
from rise.errors import DataError
from rise.files import write_json
from rise.teachers.clip_model import Clip, encode_image
from rise.teachers.texts import load_teacher
from rise.views import resize, views

Progress = Callable[[str, int, int], None]


def build_bank(request: dict[str, Any], folder: Path, progress: Progress | None = None) -> None:
    """Build the bank that a unit's request names; it appears whole or not at all.

    Args:
        request: of any unit of the bank ("identity", "pack").
        folder: where the bank goes.
        progress: told (domain, views done, views in all).

    Raises:
        DataError: pack or teacher cannot be read.
        TrainingError: the device is not there.
    """
    identity = request["identity"]
    device = use_device(identity["device"]["class"], identity["device"]["threads"])
    pack = open_pack(Path(request["pack"]))
    clip = load_teacher(identity["teacher"]["name"])
    if device.type != "cpu":
        clip.to(device)  # type: ignore[attr-defined]
    size = catalogue.teachers()[identity["teacher"]["name"]]["image_size"]
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for domain in pack.domains:
            bank = _domain_bank(pack, domain, clip, size, identity["views"], device, progress)
            np.save(beside / f"{domain}.npy", bank)
        write_json(beside / "bank.json", {"views": identity["views"], "pack": pack.content})
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _domain_bank(
    pack: Pack,
    domain: str,
    clip: Clip,
    size: int,
    policy: dict[str, Any],
    device: torch.device,
    progress: Progress | None,
) -> np.ndarray:
    rows = pack.rows(domain)
    plain, keys = resize(pack.images(rows), size), pack.keys(rows)
    embedded = []
    for view in range(policy["count"]):
        seen = views(plain, keys, view, policy["policy"]).to(device)
        embedded.append(encode_image(clip, seen).half().cpu().numpy())
        if progress:
            progress(domain, view + 1, policy["count"])
    return np.stack(embedded, axis=1)


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
