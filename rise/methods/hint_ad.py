"""Hint + AD: ce * CE + hint * KD(temperature, scale) + distance * AD.

Distillation and absolute distance.
"""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {
    "teachers": 1,
    "hparams": {
        "ce": {"default": 1.0, "low": 0},
        "hint": {"default": 2.0, "low": 0},
        "temperature": {"default": 2.0, "low": 0.01},
        "scale": {"default": None, "low": 0},
        "distance": {"default": 0.3, "low": 0},
    },
    "terms": {"CE": "ce", "Hint": "hint", "AD": "distance"},
}


class HintAbsolute(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        return {
            "ce": (self.hparams["ce"], self.ce(out, batch)),
            "hint": (self.hparams["hint"], self.hint(out, batch)),
            "ad": (self.hparams["distance"], self.ad(out, batch)),
        }
