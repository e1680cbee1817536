"""The contract between a method and the trainer, which knows no method by name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.optimizer import ParamsT

from rise.errors import TrainingError
from rise.students._trunk import Trunk

Terms = dict[str, tuple[float, Tensor]]


class Batch(NamedTuple):
    """Training images of one step.

    x: float32 (B, 3, H, W) in [0, 1]; y: int64 (B,) class; domain: int64 (B,), 0..M-1 over the
    source domains; teacher: for each teacher that the method declares, float32 (B, D) unit image
    embeddings of the same views.
    """

    x: Tensor
    y: Tensor
    domain: Tensor
    teacher: tuple[Tensor, ...]


class Text(NamedTuple):
    """A teacher's text side: raw (C, D), unit (C, D), anchors (C, A, D) raw, logit scale.

    In a control arm the first three are not the classes' own. zero_shot (C, D) are the true unit
    texts, with which the teacher classifies images (None: `unit` has them).
    """

    raw: Tensor
    unit: Tensor
    anchors: Tensor
    scale: float
    zero_shot: Tensor | None = None


@dataclass(frozen=True)
class Context:
    """Everything a method may know when it builds its networks.

    second_head: methods on RISE's chain predict with the class texts too (rise/methods/_chain.py).
    """

    classes: int
    domains: int
    texts: tuple[Text, ...]
    seed: int
    make_trunk: Callable[[], Trunk]
    second_head: bool = False


class Method(nn.Module):
    """Base of all methods. The defaults train one network with one optimizer in one stage.

    A subclass builds its networks in `__init__` and defines in `terms` what it minimises. Its
    state_dict holds everything that must survive a crash.
    """

    def __init__(self, context: Context, hparams: Mapping[str, Any]) -> None:
        super().__init__()
        self.context = context
        self.hparams = hparams

    def terms(self, batch: Batch) -> Terms:
        """Compute the loss of a batch by terms: name -> (weight, raw 0-dim value)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Score images (B, 3, H, W) -> (B, C); the softmax of the scores is the prediction."""
        raise NotImplementedError

    def step(
        self, batch: Batch, optimizer: torch.optim.Optimizer, clip_norm: float | None
    ) -> dict[str, Tensor]:
        """Make one update, and return the raw terms, detached, for the log."""
        terms = self.terms(batch)
        loss = torch.stack([weight * value for weight, value in terms.values()]).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(self.parameters(), clip_norm)
        optimizer.step()
        return {name: value.detach() for name, (_, value) in terms.items()}

    def param_groups(self, lr: float) -> ParamsT:
        """Return the optimizer's parameter groups; each carries its own base rate."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "lr": lr}]

    def start_stage(self, stage: int) -> None:
        """Freeze or unfreeze parameters at the start of a stage (counted from 0)."""

    def after_step(self, step: int) -> None:
        """Follow an update, given the number of updates done; running averages need this."""

    def after_eval(self, step: int, validation_loss: float) -> bool:
        """Follow an evaluation on source validation; return True to end the stage."""
        return False

    def finalize(self, batches: Iterator[Batch]) -> bool:
        """Return True to keep the present weights, False to leave the choice to the recipe."""
        return False


def check_finite(values: dict[str, float], step: int) -> None:
    """Refuse a loss that is not finite.

    Raises:
        TrainingError: names the term and the step.
    """
    for name, value in values.items():
        if not value == value or abs(value) == float("inf"):
            raise TrainingError(
                f"term {name!r} is {value} by step {step}: lower lr or set recipe.clip_norm"
            )
