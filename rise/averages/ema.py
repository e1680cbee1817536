"""EMA: an exponential moving average of a method's weights predicts."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import ParamsT

from rise.methods._base import Batch, Method, Terms

DECLARATION = {"decay": 0.999}


class Average(Method):
    """Exponential moving average of an inner method's weights; the average predicts.

    The decay grows as min(0.999, (1 + step) / (10 + step)), so that early weights are forgotten
    (Polyak and Juditsky, 1992; the warm-up is that of TensorFlow's ExponentialMovingAverage).
    """

    def __init__(self, inner: Method) -> None:
        super().__init__(inner.context, inner.hparams)
        self.inner = inner
        # Buffers, so that they move to the device and into state_dict with everything else.
        self.average = nn.Module()
        for name, value in inner.state_dict().items():
            if isinstance(value, Tensor):
                self.average.register_buffer(name.replace(".", "/"), value.detach().clone())

    def terms(self, batch: Batch) -> Terms:
        """Compute the inner method's terms."""
        return self.inner.terms(batch)

    def step(self, *args: Any) -> dict[str, Tensor]:
        """Make the inner method's update."""
        return self.inner.step(*args)

    def param_groups(self, lr: float) -> ParamsT:
        """Return the inner method's groups."""
        return self.inner.param_groups(lr)

    def start_stage(self, stage: int) -> None:
        """Start the inner method's stage."""
        self.inner.start_stage(stage)

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        """Move the average towards the present weights; integers (counters) are copied."""
        self.inner.after_step(step)
        decay = min(DECLARATION["decay"], (1 + step) / (10 + step))
        present = self.inner.state_dict()
        for name, average in self.averaged().items():
            if average.is_floating_point():
                average.lerp_(present[name], 1 - decay)
            else:
                average.copy_(present[name])

    def averaged(self) -> dict[str, Tensor]:
        """Return the averaged tensors, by the inner method's names."""
        return {name.replace("/", "."): value for name, value in self.average.named_buffers()}

    def after_eval(self, step: int, validation_loss: float) -> bool:
        """Let the inner method decide."""
        return self.inner.after_eval(step, validation_loss)

    def finalize(self, batches: Iterator[Batch]) -> bool:
        """Finalize the inner method."""
        return self.inner.finalize(batches)

    def forward(self, x: Tensor) -> Tensor:
        """Score images by the averaged weights: (B, 3, H, W) -> (B, C)."""
        scores: Tensor = torch.func.functional_call(self.inner, self.averaged(), (x,))
        return scores


def predicting(state: Mapping[str, Any]) -> dict[str, Any]:
    """Take from an average's state dict what predicts, by the inner method's names."""
    prefix = "average."
    return {
        name.removeprefix(prefix).replace("/", "."): value
        for name, value in state.items()
        if name.startswith(prefix)
    }
