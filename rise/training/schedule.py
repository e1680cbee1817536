"""The schedule: the images and learning rate of each step, and the steps that are evaluated.

Every draw is a function of (purpose, seed, epoch), so the step is the only state.
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
    """SGD whose step does not import torch's compiler, which would cost each unit seconds."""

    step = torch.no_grad()(torch.optim.SGD.step.__wrapped__)  # type: ignore[attr-defined]


@functools.lru_cache(maxsize=1)  # all steps of an epoch need the same one
def epoch_plan(images: int, views: int, seed: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the order (N,) of the images in an epoch, and the view (N,) of each image.

    Each image goes through its V views in an order of its own, drawn anew every V epochs.
    """
    order = numpy_stream("order", seed, epoch).permutation(images)
    cycle, at = divmod(epoch, views)
    ranks = numpy_stream("views", seed, cycle).random((images, views)).argsort(axis=1)
    return order, ranks[:, at].copy()


@dataclass(frozen=True)
class Schedule:
    """The steps of one trial: a recipe, its rates, and the numbers of images and views."""

    recipe: Recipe
    lr: float
    weight_decay: float
    images: int
    views: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """The number of whole batches in an epoch; other images are left over in each epoch."""
        return max(1, self.images // self.recipe.batch_size)

    @property
    def steps(self) -> int:
        """The number of steps in one stage."""
        return self.recipe.epochs * self.steps_per_epoch

    def pick(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Choose a step's images, as positions (B,) among the training images, and views (B,).

        An epoch is one permutation of the images. An image's views are permuted too, so that over
        V epochs they all differ.
        """
        epoch, at = divmod(step, self.steps_per_epoch)
        size = self.recipe.batch_size
        order, views = epoch_plan(self.images, self.views, self.seed, epoch)
        chosen = order[at * size : (at + 1) * size]
        return chosen, views[chosen]

    def lr_factor(self, step: int) -> float:
        """Return the factor of every group's base rate.

        "cosine": half a cosine, down to zero; "constant": 1; "step": 1, and from epoch
        int(0.8 * epochs) on 0.1 (OoDBag/RISE, optimizer_helper.py 11-13), but never from the first:
        a single epoch has the whole rate.
        """
        if self.recipe.schedule == "constant":
            return 1.0
        if self.recipe.schedule == "step":
            drop = max(1, int(0.8 * self.recipe.epochs))
            return 0.1 if step // self.steps_per_epoch >= drop else 1.0
        return 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def evaluates(self, done: int) -> bool:
        """Say whether source validation is scored after this many steps; at the end it is."""
        every = self.recipe.evaluate_every * self.steps_per_epoch
        return done % every == 0 or done == self.steps

    def optimizer(self, groups: ParamsT) -> torch.optim.Optimizer:
        """Make SGD with the recipe's momentum and the trial's weight decay on all parameters."""
        return EagerSGD(
            groups,
            lr=self.lr,
            momentum=self.recipe.momentum,
            nesterov=self.recipe.nesterov,
            weight_decay=self.weight_decay,
        )
