"""Hint + AD: CE + hint * KD(temperature) + distance * AD.

Distillation and absolute distance.
"""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {
    "teachers": 1,
    "hparams": {
        "hint": {"default": 2.0, "low": 0},
        "temperature": {"default": 2.0, "low": 0.01},
        "distance": {"default": 0.3, "low": 0},
    },
}


class HintAbsolute(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """The weighted terms of a batch."""
        out = self.student(batch.x)
        return {
            "ce": (1.0, self.ce(out, batch)),
            "hint": (self.hparams["hint"], self.hint(out, batch)),
            "ad": (self.hparams["distance"], self.ad(out, batch)),
        }
