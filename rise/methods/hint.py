"""Hint: ce * CE + hint * KD(temperature, scale).

Distillation of the teacher's zero-shot logits (Hinton et al., 2015), RISE's first term.
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
    },
    "terms": {"CE": "ce", "Hint": "hint"},
}


class Hint(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        return {
            "ce": (self.hparams["ce"], self.ce(out, batch)),
            "hint": (self.hparams["hint"], self.hint(out, batch)),
        }
