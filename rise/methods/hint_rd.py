"""Hint + RD: ce * CE + hint * KD(temperature, scale) + distance * RD(rd_temperature).

Distillation and relative distance.
"""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {
    "teachers": 1,
    "anchors": True,
    "hparams": {
        "ce": {"default": 1.0, "low": 0},
        "hint": {"default": 2.0, "low": 0},
        "temperature": {"default": 2.0, "low": 0.01},
        "scale": {"default": None, "low": 0},
        "distance": {"default": 0.3, "low": 0},
        "rd_temperature": {"default": 1.0, "low": 0.01},
    },
    "terms": {"CE": "ce", "Hint": "hint", "RD": "distance"},
}


class HintRelative(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        return {
            "ce": (self.hparams["ce"], self.ce(out, batch)),
            "hint": (self.hparams["hint"], self.hint(out, batch)),
            "rd": (self.hparams["distance"], self.rd(out, batch)),
        }
