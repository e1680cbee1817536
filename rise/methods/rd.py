"""RD: ce * CE + distance * RD(rd_temperature).

The student's similarities to anchor texts like the class text's own (relative distance).
"""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {
    "teachers": 0,
    "anchors": True,
    "hparams": {
        "ce": {"default": 1.0, "low": 0},
        "distance": {"default": 0.3, "low": 0},
        "rd_temperature": {"default": 1.0, "low": 0.01},
    },
    "terms": {"CE": "ce", "RD": "distance"},
}


class RelativeDistance(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        return {
            "ce": (self.hparams["ce"], self.ce(out, batch)),
            "rd": (self.hparams["distance"], self.rd(out, batch)),
        }
