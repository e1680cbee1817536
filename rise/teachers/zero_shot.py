"""A teacher's own zero-shot accuracy: the reference row beside its students."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, cat, matmul

from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.datasets.splits import split
from rise.teachers.build_text_embeddings import load_teacher, read_texts
from rise.teachers.clip_model import encode_image
from rise.utils.io import write_json
from rise.views.policies import photos, resize

AT_ONCE = 256

# {subset: {domain: {"correct": int, "total": int, "classes": {class: {"correct", "total"}}}}}
Scores = dict[str, dict[str, dict[str, Any]]]


def zero_shot(
    pack_folder: Path, texts: Path, teacher: str, sha256: str, out: Path, norm: str = "clip"
) -> Scores:
    """Score a teacher on the plain images of every domain of a pack; written to `out` as JSON.

    The class with the text nearest to the image wins. Labels serve the count alone, nothing is
    chosen by it. `norm` is what the images are normalised by.

    Raises:
        DataError: pack, texts or teacher cannot be read.
    """
    pack = open_decoded(pack_folder)
    clip = load_teacher(teacher, sha256)
    raw = read_texts(texts)["raw"]
    unit = raw / raw.norm(dim=1, keepdim=True)
    scores: Scores = {}
    for domain in pack.domains:
        rows = pack.rows(domain)
        labels = pack.columns["label"][rows]
        size = clip.visual.input_resolution
        embedded = cat([encode_image(clip, part, norm=norm) for part in _plain(pack, rows, size)])
        right = predicted(embedded, unit) == labels
        for name, at in split.subsets(pack, rows).items():
            classes = {
                word: _count(right[at][labels[at] == label])
                for label, word in enumerate(pack.classes)
            }
            scores.setdefault(name, {})[domain] = {**_count(right[at]), "classes": classes}
    write_json(out, scores)
    return scores


def _plain(pack: DecodedDataset, rows: np.ndarray, size: int) -> Iterator[Tensor]:
    """Plain images in parts: drawings as the bank has them, photographs of any size."""
    for at in range(0, len(rows), AT_ONCE):
        part = rows[at : at + AT_ONCE]
        if pack.embedded:
            yield resize(pack.images(part), size)
        else:
            yield photos([pack.image(int(row)) for row in part], size)


def predicted(embedded: Tensor, unit_texts: Tensor) -> np.ndarray:
    """The class of the nearest text: unit images (n, D), unit texts (C, D) -> (n,)."""
    found: np.ndarray = matmul(embedded, unit_texts.T).argmax(1).numpy()
    return found


def _count(right: np.ndarray) -> dict[str, int]:
    return {"correct": int(np.sum(right)), "total": len(right)}


def table(scores: Scores, subset: str = "all") -> str:
    """Accuracy in % of every class and domain, and of all images of a domain, as text."""
    from tabulate import tabulate

    domains = scores[subset]
    classes = list(next(iter(domains.values()))["classes"])
    rows = [
        [word, *(_percent(one["classes"][word]) for one in domains.values())] for word in classes
    ]
    rows.append(["all", *(_percent(one) for one in domains.values())])
    made: str = tabulate(rows, ["class", *domains], disable_numparse=True, stralign="right")
    return made


def _percent(count: dict[str, int]) -> str:
    return f"{100 * count['correct'] / count['total']:.1f}" if count["total"] else "-"
