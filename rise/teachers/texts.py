"""A teacher's text side of a dataset: class texts and anchors, embedded once."""

from pathlib import Path

import numpy as np
import torch

from rise import catalogue
from rise.entries import Dataset
from rise.errors import DataError
from rise.files import write_npz
from rise.teachers.clip_model import Clip, encode_text, load_checkpoint, load_clip


def load_teacher(name: str) -> Clip:
    """A teacher of the catalogue, its file checked against the pinned sha256.

    Raises:
        DataError: the file is missing, damaged or another one.
    """
    entry = catalogue.teachers()[name]
    return load_clip(load_checkpoint(Path(entry["file"]), entry["sha256"]))


def prompts(entry: Dataset) -> list[list[str]]:
    """Prompts by class: each template filled with the class's phrase."""
    return [
        [template.format(phrase) for template in entry.templates]
        for phrase in entry.classes.values()
    ]


def anchor_prompts(entry: Dataset) -> list[list[str]]:
    """Anchors by class: "STYLE of CLASS" for every domain's style phrase, in catalogue order."""
    styles = [domain.style for domain in entry.domains.values()]
    return [[f"{style} of {phrase}" for style in styles] for phrase in entry.classes.values()]


def build_texts(entry: Dataset, teacher: str, path: Path) -> None:
    """Write `raw` (C, D), `anchors` (C, domains, D), float32 and raw, and `scale` (0-dim).

    Class texts are averaged over templates before any normalisation, as in RISE's released code
    (train_rise.py lines 85-87); `scale` is exp(logit_scale) of the checkpoint.

    Raises:
        DataError: the teacher cannot be loaded.
        ConfigError: a prompt is too long for the teacher.
    """
    clip = load_teacher(teacher)
    raw = [encode_text(clip, texts, unit=False).mean(0) for texts in prompts(entry)]
    anchors = [encode_text(clip, texts, unit=False) for texts in anchor_prompts(entry)]
    arrays = {"raw": torch.stack(raw), "anchors": torch.stack(anchors)}
    arrays["scale"] = clip.logit_scale.exp()
    write_npz(path, {name: array.numpy() for name, array in arrays.items()})


def read_texts(path: Path) -> dict[str, torch.Tensor]:
    """Read what build_texts wrote.

    Raises:
        DataError: not there, or not whole.
    """
    try:
        with np.load(path) as file:
            return {name: torch.from_numpy(file[name]) for name in ("raw", "anchors", "scale")}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: no usable text embeddings; delete it and run again") from error
