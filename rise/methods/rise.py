"""RISE: ce * CE + hint * KD(temperature, scale) + distance * AD + relative * RD(rd_temperature).

Huang et al., ICCV 2023 (arXiv 2309.12530). `relative` null: the weight of AD is RD's too, as in the
released code (OoDBag/RISE at ebf71b4, train_rise.py lines 165-167), where ce + hint = 1.
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
        "relative": {"default": None, "low": 0},
        "rd_temperature": {"default": 1.0, "low": 0.01},
    },
    "terms": {"CE": "ce", "Hint": "hint", "AD": "distance", "RD": ["relative", "distance"]},
}


class Rise(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        distance, relative = self.hparams["distance"], self.hparams["relative"]
        return {
            "ce": (self.hparams["ce"], self.ce(out, batch)),
            "hint": (self.hparams["hint"], self.hint(out, batch)),
            "ad": (distance, self.ad(out, batch)),
            "rd": (distance if relative is None else relative, self.rd(out, batch)),
        }
