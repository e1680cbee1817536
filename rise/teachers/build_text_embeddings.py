"""A teacher's text side of a dataset: class texts and anchors, embedded once."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rise.catalog import lookup
from rise.catalog.prompts import anchor_prompts, class_prompts
from rise.catalog.schema import Dataset
from rise.errors import DataError
from rise.teachers.clip_model import Clip, encode_text, load_checkpoint, load_clip
from rise.teachers.text_file import read_text_file, texts_for
from rise.utils.io import write_npz


def load_teacher(given: str, sha256: str | None = None) -> Clip:
    """A teacher by its name in the catalogue, or by the path of a user's checkpoint.

    Args:
        given: name or path.
        sha256: of the bytes that the experiment was planned with; those of now if None.

    Raises:
        DataError: the file is missing, damaged, another one, or no CLIP of the width declared.
    """
    entry = lookup.teacher(given)
    path = Path(entry.file)
    if not path.is_file():
        raise DataError(f"{path}: is missing; {entry.advice}")
    if entry.text_only:
        raise DataError(f"{path}: holds texts alone; give a teacher with an image tower")
    state = load_checkpoint(path, sha256 or entry.sha256)
    try:
        clip = load_clip(state)
    except DataError as error:
        raise DataError(f"{path}: {error}; give a checkpoint of CLIP") from error
    for what, found, said in (
        ("width", clip.text_projection.shape[1], entry.width),
        ("image size", clip.visual.input_resolution, entry.image_size),
        ("context", clip.context_length, entry.context),
    ):
        if said not in (None, found):
            raise DataError(f"{path}: has {what} {found}, but its catalogue entry says {said}")
    return clip


def build_texts(
    entry: Dataset, teacher: str, sha256: str, text: dict[str, Any], path: Path
) -> None:
    """Write `raw` (C, D), `anchors` (C, A, D), float32 and raw, and `scale` (0-dim).

    Class texts are averaged over templates before any normalisation, as in RISE's released code
    (train_rise.py lines 85-87), or after it; `scale` is exp(logit_scale) of the checkpoint.

    Args:
        entry: the dataset.
        teacher: name or path.
        sha256: of the teacher's file.
        text: of the unit's identity: prompts, class_names, class_order, average, anchors.
        path: where the file goes.

    Raises:
        DataError: the teacher cannot be loaded.
        ConfigError: a prompt is too long for the teacher, or a text file lacks a class.
    """
    given = lookup.teacher(teacher)
    if given.text_only:
        if given.sha256 != sha256:
            raise DataError(f"{given.file}: was changed since the run began; run snakemake again")
        raw, anchors = texts_for(read_text_file(Path(given.file)), entry, text["anchors"])
        # No image tower, no logits: a scale that no method may use without being noticed.
        write_npz(path, {"raw": raw, "anchors": anchors, "scale": np.array(np.nan, np.float32)})
        return
    clip = load_teacher(teacher, sha256)
    after = text["average"] == "after"
    means = [encode_text(clip, words, unit=after).mean(0) for words in class_prompts(entry, text)]
    styled = [encode_text(clip, words, unit=False) for words in anchor_prompts(entry, text)]
    arrays = {"raw": torch.stack(means), "anchors": torch.stack(styled)}
    arrays["scale"] = clip.logit_scale.exp()
    write_npz(path, {name: array.numpy() for name, array in arrays.items()})


def read_texts(path: Path) -> dict[str, Tensor]:
    """Read what build_texts wrote.

    Raises:
        DataError: not there, or not whole.
    """
    try:
        with np.load(path) as file:
            return {name: torch.from_numpy(file[name]) for name in ("raw", "anchors", "scale")}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: no usable text embeddings; delete it and run again") from error
