"""The teacher's embeddings of a batch's views, computed in every step."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rise.datasets.decoded import DecodedDataset
from rise.experiment.identity import TowerIdentity
from rise.experiment.job import Job
from rise.teachers.tower import Tower, open_tower, seen


@dataclass(frozen=True)
class Online:
    """The tower itself, given the views that a cache is made of.

    same: the tower sees exactly the student's images, so they are not made twice.
    """

    tower: Tower
    decoded: DecodedDataset
    rows: np.ndarray
    sees: TowerIdentity
    same: bool

    @property
    def width(self) -> int:
        """The number of dimensions of an embedding."""
        return self.tower.width

    def of(self, chosen: np.ndarray, view: np.ndarray, x: Tensor) -> Tensor:
        """Embed views; float32 (B, D), rounded to float16 first.

        Args:
            chosen: positions (B,) among the training images.
            view: (B,), the view of each.
            x: these views, as the student sees them.
        """
        if not self.same:
            x = seen(self.decoded, self.rows[chosen], view, self.tower.size, self.sees)
        return self.tower.embed(x).float()


def open_online(
    job: Job, decoded: DecodedDataset, rows: np.ndarray, device: torch.device
) -> Online:
    """Load a job's tower, for these training rows.

    Raises:
        DataError: the teacher is missing, damaged or not the unit's.
    """
    tower, sees = open_tower(job, device), job.identity.tower
    same = sees.view == "augmented" and tower.size == job.identity.student.image_size
    return Online(tower, decoded, rows, sees, same)
