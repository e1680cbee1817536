"""A teacher's own zero-shot accuracy: the reference row beside its students."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor, cat, matmul

from rise.datasets import split
from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.experiment.job import Job
from rise.teachers.clip_model import encode_image
from rise.teachers.load import load_teacher
from rise.teachers.text_embeddings import read_texts
from rise.utils.io import JsonObject, write_json
from rise.views._policies import photos, resize

AT_ONCE = 256

# {subset: {domain: {"correct": int, "total": int, "classes": {class: {"correct", "total"}}}}}
Scores = dict[str, dict[str, JsonObject]]


def zero_shot(job: Job) -> Scores:
    """Score a job's teacher on the plain images of every domain, and write the scores as JSON.

    The class whose text is nearest to the image is predicted. Labels are only counted with; nothing
    is chosen by them.

    Raises:
        DataError: the dataset, the texts or the teacher cannot be read.
    """
    decoded = open_decoded(job.decoded)
    clip = load_teacher(job.teacher, job.identity.teacher.sha256)
    norm = job.identity.tower.input
    raw = read_texts(job.texts)["raw"]
    unit = raw / raw.norm(dim=1, keepdim=True)
    scores: Scores = {}
    for domain in decoded.domains:
        rows = decoded.rows(domain)
        labels = decoded.columns["label"][rows]
        size = clip.visual.input_resolution
        embedded = cat(
            [encode_image(clip, part, norm=norm) for part in _plain(decoded, rows, size)]
        )
        right = predicted(embedded, unit) == labels
        for name, at in split.subsets(decoded, rows).items():
            classes = {
                word: _count(right[at][labels[at] == label])
                for label, word in enumerate(decoded.classes)
            }
            scores.setdefault(name, {})[domain] = {**_count(right[at]), "classes": classes}
    write_json(job.zero_shot, scores)
    return scores


def _plain(decoded: DecodedDataset, rows: np.ndarray, size: int) -> Iterator[Tensor]:
    """Yield plain images in parts: drawings as the embedding cache has them, or photographs."""
    for at in range(0, len(rows), AT_ONCE):
        part = rows[at : at + AT_ONCE]
        if decoded.embedded:
            yield resize(decoded.images(part), size)
        else:
            yield photos([decoded.image(int(row)) for row in part], size)


def predicted(embedded: Tensor, unit_texts: Tensor) -> np.ndarray:
    """Return the class of the nearest text: unit images (n, D), unit texts (C, D) -> (n,)."""
    found: np.ndarray = matmul(embedded, unit_texts.T).argmax(1).numpy()
    return found


def _count(right: np.ndarray) -> dict[str, int]:
    return {"correct": int(np.sum(right)), "total": len(right)}


def table(scores: Scores, subset: str = "all") -> str:
    """Lay out the accuracy in % of each class and domain, and of all images of a domain."""
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
