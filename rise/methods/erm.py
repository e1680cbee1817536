"""ERM: CE with a plain linear head.

Empirical risk minimisation (Vapnik, 1998): no text enters the network.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from rise.methods import _losses
from rise.methods._base import Batch, Context, Method, Terms
from rise.utils.torch_rng import global_stream

DECLARATION = {"teachers": 0, "hparams": {}}


class Erm(Method):
    """See the head of this file."""

    def __init__(self, context: Context, hparams: Mapping[str, Any]) -> None:
        super().__init__(context, hparams)
        self.trunk = context.make_trunk()
        with global_stream("head", context.seed):
            self.head = nn.Linear(self.trunk.features, context.classes)

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        return {"ce": (1.0, _losses.cross_entropy(self(batch.x), batch.y))}

    def forward(self, x: Tensor) -> Tensor:
        """Score images (B, 3, H, W) -> logits (B, C)."""
        logits: Tensor = self.head(self.trunk(x))
        return logits
