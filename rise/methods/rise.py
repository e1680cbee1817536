"""RISE: CE + hint * KD(temperature) + distance * (AD + RD).

Huang et al., ICCV 2023 (arXiv 2309.12530); one weight for both distances as in the released code
(OoDBag/RISE at ebf71b4, train_rise.py lines 165-167).
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


class Rise(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """The weighted terms of a batch."""
        out = self.student(batch.x)
        return {
            "ce": (1.0, self.ce(out, batch)),
            "hint": (self.hparams["hint"], self.hint(out, batch)),
            "ad": (self.hparams["distance"], self.ad(out, batch)),
            "rd": (self.hparams["distance"], self.rd(out, batch)),
        }
