"""The schedule: which images each step sees, at which rate, and when the method is evaluated.

Every draw is a function of (purpose, seed, epoch): no generator, no position but the step.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.optim.optimizer import ParamsT

from rise.experiment.identity import Recipe
from rise.utils.rng import numpy_stream


class EagerSGD(torch.optim.SGD):
    """SGD whose step leaves torch's compiler alone: its import costs each unit seconds."""

    step = torch.no_grad()(torch.optim.SGD.step.__wrapped__)  # type: ignore[attr-defined]


@functools.lru_cache(maxsize=1)  # all steps of an epoch ask for the same
def epoch_plan(images: int, views: int, seed: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    """Order (N,) of the images in an epoch, and view (N,) of each image.

    An image's views are a permutation of 0..V-1 of its own, one for each V epochs.
    """
    order = numpy_stream("order", seed, epoch).permutation(images)
    cycle, at = divmod(epoch, views)
    ranks = numpy_stream("views", seed, cycle).random((images, views)).argsort(axis=1)
    return order, ranks[:, at].copy()


@dataclass(frozen=True)
class Schedule:
    """What a recipe says of each step of one trial, on so many images."""

    recipe: Recipe
    lr: float
    weight_decay: float
    images: int
    views: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of an epoch; the images left over differ from epoch to epoch."""
        return max(1, self.images // self.recipe.batch_size)

    @property
    def steps(self) -> int:
        """Steps of one stage."""
        return self.recipe.epochs * self.steps_per_epoch

    def pick(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Positions (B,) among the training images and views (B,) of a step.

        An epoch is one permutation of the images. Each (seed, epoch) gives every image a view of
        its own by a permutation of the views, so that over V epochs an image's views all differ.
        """
        epoch, at = divmod(step, self.steps_per_epoch)
        size = self.recipe.batch_size
        order, views = epoch_plan(self.images, self.views, self.seed, epoch)
        chosen = order[at * size : (at + 1) * size]
        return chosen, views[chosen]

    def lr_factor(self, step: int) -> float:
        """Factor of every group's base rate.

        Half a cosine to zero; 1; or 1 and, from epoch int(0.8 * epochs) on, 0.1 (OoDBag/RISE,
        optimizer_helper.py 11-13).
        """
        if self.recipe.schedule == "constant":
            return 1.0
        if self.recipe.schedule == "step":
            drop = int(0.8 * self.recipe.epochs)
            return 0.1 if step // self.steps_per_epoch >= drop else 1.0
        return 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def evaluates(self, done: int) -> bool:
        """Whether source validation is scored after so many steps; always at the end."""
        every = self.recipe.evaluate_every * self.steps_per_epoch
        return done % every == 0 or done == self.steps

    def optimizer(self, groups: ParamsT) -> torch.optim.Optimizer:
        """SGD with the recipe's momentum and the trial's weight decay on all parameters."""
        return EagerSGD(
            groups,
            lr=self.lr,
            momentum=self.recipe.momentum,
            nesterov=self.recipe.nesterov,
            weight_decay=self.weight_decay,
        )
