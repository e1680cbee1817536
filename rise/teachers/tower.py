"""A teacher's image tower: its input and its embeddings."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rise.datasets.decoded import DecodedDataset
from rise.experiment.identity import TowerIdentity
from rise.experiment.job import Job
from rise.teachers.clip_model import Clip, encode_image
from rise.teachers.load import load_teacher
from rise.views._policies import kept_small, photo_views, photos, resize, views


@dataclass(frozen=True)
class Tower:
    """An image tower on its device; `norm` names what its input is normalised by."""

    clip: Clip
    norm: str
    device: torch.device

    @property
    def size(self) -> int:
        """The side of its input in pixels."""
        return int(self.clip.visual.input_resolution)

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        return int(self.clip.text_projection.shape[1])

    def embed(self, seen: Tensor) -> Tensor:
        """Embed images (B, 3, size, size) in [0, 1]: unit float16 (B, D), on the device."""
        return encode_image(self.clip, seen.to(self.device), norm=self.norm).half()


def open_tower(job: Job, device: torch.device) -> Tower:
    """Load the image tower that a job names.

    Raises:
        DataError: the teacher cannot be read.
    """
    clip = load_teacher(job.teacher, job.identity.teacher.sha256)
    if device.type != "cpu":
        clip.to(device)  # type: ignore[attr-defined]
    return Tower(clip, job.identity.tower.input, device)


def seen(
    decoded: DecodedDataset,
    rows: np.ndarray,
    view: np.ndarray | int,
    size: int,
    sees: TowerIdentity,
) -> Tensor:
    """Make a tower's input from rows of a dataset: float32 (B, 3, size, size) in [0, 1].

    Args:
        decoded: the dataset.
        rows: (B,) of the dataset.
        view: number of the view, one for all or (B,); plain images ignore it.
        size: of the tower's input.
        sees: its `policy` makes the views; its `view` is `augmented` (the student's views) or
            `clean` (plain images).

    Raises:
        ConfigError: unknown policy.
    """
    keys, policy, clean = decoded.keys(rows), sees.policy, sees.view == "clean"
    if kept_small(policy):
        small = resize(decoded.images(rows), size)
        return small if clean else views(small, keys, view, policy)
    images = [decoded.image(int(row)) for row in rows]
    if clean:
        return photos(images, size)
    return photo_views(images, keys, view, policy, size)
