"""The recipe: which images each step sees, at which rate, and when the method is evaluated.

Every draw is a function of (purpose, seed, epoch): no generator, no position but the step.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from rise.streams import numpy_stream


class EagerSGD(torch.optim.SGD):
    """SGD whose step leaves torch's compiler alone: its import costs each unit seconds."""

    step = torch.no_grad()(torch.optim.SGD.step.__wrapped__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Recipe:
    """One trial's recipe; `values` is the recipe of the unit's identity."""

    values: dict[str, Any]
    lr: float
    weight_decay: float
    images: int
    views: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of an epoch; the images left over differ from epoch to epoch."""
        return max(1, self.images // int(self.values["batch_size"]))

    @property
    def steps(self) -> int:
        """Steps of one stage."""
        return int(self.values["epochs"]) * self.steps_per_epoch

    def pick(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Positions (B,) among the training images and views (B,) of a step.

        An epoch is one permutation of the images. Each (seed, epoch) gives every image a view of
        its own by a permutation of the views, so that over V epochs an image's views all differ.
        """
        epoch, at = divmod(step, self.steps_per_epoch)
        size = int(self.values["batch_size"])
        order = numpy_stream("order", self.seed, epoch).permutation(self.images)
        chosen = order[at * size : (at + 1) * size]
        return chosen, self._views(epoch)[chosen]

    def _views(self, epoch: int) -> np.ndarray:
        """View of every image in an epoch: its own permutation of 0..V-1, one for each V epochs."""
        cycle, at = divmod(epoch, self.views)
        stream = numpy_stream("views", self.seed, cycle)
        ranks = stream.random((self.images, self.views)).argsort(axis=1)
        views: np.ndarray = ranks[:, at]
        return views

    def lr_factor(self, step: int) -> float:
        """Factor of every group's base rate.

        Half a cosine to zero; 1; or 1 and, from epoch int(0.8 * epochs) on, 0.1 (OoDBag/RISE,
        optimizer_helper.py 11-13).
        """
        if self.values["schedule"] == "constant":
            return 1.0
        if self.values["schedule"] == "step":
            drop = int(0.8 * int(self.values["epochs"]))
            return 0.1 if step // self.steps_per_epoch >= drop else 1.0
        return 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def evaluates(self, done: int) -> bool:
        """Whether source validation is scored after so many steps; always at the end."""
        every = int(self.values["evaluate_every"]) * self.steps_per_epoch
        return done % every == 0 or done == self.steps

    def optimizer(self, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        """SGD with the recipe's momentum and the trial's weight decay on all parameters."""
        return EagerSGD(
            groups,
            lr=self.lr,
            momentum=self.values["momentum"],
            nesterov=self.values["nesterov"],
            weight_decay=self.weight_decay,
        )
