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
    source domains; teacher: one float32 (B, D) unit image embedding of the same views a teacher,
    none for a method that declares no teacher.
    """

    x: Tensor
    y: Tensor
    domain: Tensor
    teacher: tuple[Tensor, ...]


class Text(NamedTuple):
    """A teacher's text side: raw (C, D), unit (C, D), anchors (C, A, D) raw, logit scale.

    In a control arm the first three are not the classes' own; zero_shot (C, D) are the true unit
    texts, by which the teacher names images (None: `unit` is true).
    """

    raw: Tensor
    unit: Tensor
    anchors: Tensor
    scale: float
    zero_shot: Tensor | None = None


@dataclass(frozen=True)
class Context:
    """What a method may know when it builds its networks.

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

    A subclass builds its networks in `__init__` and says in `terms` what it minimises. Its
    state_dict holds all that a crash may not lose.
    """

    def __init__(self, context: Context, hparams: Mapping[str, Any]) -> None:
        super().__init__()
        self.context = context
        self.hparams = hparams

    def terms(self, batch: Batch) -> Terms:
        """The loss of a batch by parts: name -> (weight, raw 0-dim value)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, 3, H, W) -> scores (B, C), whose softmax is the prediction."""
        raise NotImplementedError

    def step(
        self, batch: Batch, optimizer: torch.optim.Optimizer, clip_norm: float | None
    ) -> dict[str, Tensor]:
        """One update; returns the raw terms, detached, to be logged.

        Raises:
            TrainingError: the loss is not finite.
        """
        terms = self.terms(batch)
        loss = torch.stack([weight * value for weight, value in terms.values()]).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(self.parameters(), clip_norm)
        optimizer.step()
        return {name: value.detach() for name, (_, value) in terms.items()}

    def param_groups(self, lr: float) -> ParamsT:
        """Parameter groups of the optimizer; each carries its own base rate."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "lr": lr}]

    def start_stage(self, stage: int) -> None:
        """Freeze or thaw at the start of a stage (counted from 0)."""

    def after_step(self, step: int) -> None:
        """Called after each update with the number of updates done (running averages)."""

    def after_eval(self, step: int, validation_loss: float) -> bool:
        """Called after each evaluation on source validation; True ends the stage."""
        return False

    def finalize(self, batches: Iterator[Batch]) -> bool:
        """True: the present weights stand; False: the recipe's rule picks the evaluated ones."""
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
