"""AD: ce * CE + distance * AD.

The student's embedding close to its class text (absolute distance), without the teacher's images.
"""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {
    "teachers": 0,
    "hparams": {
        "ce": {"default": 1.0, "low": 0},
        "distance": {"default": 0.3, "low": 0},
    },
    "terms": {"CE": "ce", "AD": "distance"},
}


class AbsoluteDistance(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        return {
            "ce": (self.hparams["ce"], self.ce(out, batch)),
            "ad": (self.hparams["distance"], self.ad(out, batch)),
        }
