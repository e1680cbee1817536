"""Embed a dataset's class texts and anchors with a teacher, once."""

from pathlib import Path

import numpy as np
import torch

from rise.errors import DataError
from rise.experiment.job import Job
from rise.teachers.clip_model import encode_text
from rise.teachers.load import load_teacher
from rise.teachers.text_file import read_text_file, text_file_digest, texts_for
from rise.utils.npz import write_npz


def build_texts(job: Job) -> None:
    """Write a job's text embeddings: `raw`, `anchors`, `scale` and `of`, the name of the file.

    Class texts are averaged over templates before any normalisation, as in RISE's released code
    (train_rise.py lines 85-87), or after it; `scale` is exp(logit_scale) of the checkpoint.

    Raises:
        DataError: the teacher cannot be loaded.
        ConfigError: a prompt is too long for the teacher, or a text file lacks a class.
    """
    sha256, of = job.identity.teacher.sha256, np.array(job.texts.name)
    if job.teacher.text_only:
        path = Path(job.teacher.file)
        if text_file_digest(path) != sha256:
            raise DataError(f"{path}: was changed since the run began; run snakemake again")
        raw, anchors = texts_for(read_text_file(path), job.prompts)
        # Without an image tower there are no logits; using this scale anyway would be noticed.
        nothing = np.array(np.nan, np.float32)
        write_npz(job.texts, {"raw": raw, "anchors": anchors, "scale": nothing, "of": of})
        return
    clip = load_teacher(job.teacher, sha256)
    after = job.identity.text.average == "after"
    means = [encode_text(clip, words, unit=after).mean(0) for words in job.prompts.class_prompts]
    styled = [encode_text(clip, words, unit=False) for words in job.prompts.anchor_prompts]
    arrays = {"raw": torch.stack(means), "anchors": torch.stack(styled)}
    arrays["scale"] = clip.logit_scale.exp()
    write_npz(job.texts, {**{name: array.numpy() for name, array in arrays.items()}, "of": of})
