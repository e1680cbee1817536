"""A teacher's own zero-shot accuracy: the reference row beside its students."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from rise import catalogue
from rise.datasets import split
from rise.datasets.pack import Pack, open_pack
from rise.files import write_json
from rise.teachers.clip_model import encode_image
from rise.teachers.texts import load_teacher, read_texts
from rise.views import photos, resize

AT_ONCE = 256


def zero_shot(pack_folder: Path, texts: Path, teacher: str, out: Path) -> None:
    """Score a teacher on the plain images of every domain of a pack.

    Writes {subset: {domain: {"correct": int, "total": int}}}; the class with the text nearest to
    the image wins. Labels serve the count alone, nothing is chosen by it.

    Raises:
        DataError: pack, texts or teacher cannot be read.
    """
    pack = open_pack(pack_folder)
    clip = load_teacher(teacher)
    size = catalogue.teachers()[teacher]["image_size"]
    raw = read_texts(texts)["raw"]
    unit = raw / raw.norm(dim=1, keepdim=True)
    scores: dict[str, dict[str, dict[str, int]]] = {}
    for domain in pack.domains:
        rows = pack.rows(domain)
        embedded = torch.cat([encode_image(clip, part) for part in _plain(pack, rows, size)])
        predicted = torch.matmul(embedded, unit.T).argmax(1).numpy()
        right = predicted == pack.columns["label"][rows]
        for name, at in split.subsets(pack, rows).items():
            found = {"correct": int(np.sum(right[at])), "total": len(at)}
            scores.setdefault(name, {})[domain] = found
    write_json(out, scores)


def _plain(pack: Pack, rows: np.ndarray, size: int) -> Iterator[torch.Tensor]:
    """Plain images in parts: drawings as the bank has them, photographs of any size."""
    for at in range(0, len(rows), AT_ONCE):
        part = rows[at : at + AT_ONCE]
        if pack.embedded:
            yield resize(pack.images(part), size)
        else:
            yield photos([pack.image(int(row)) for row in part], size)
