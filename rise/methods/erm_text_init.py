"""ERM, same network: CE.

Cross-entropy alone on RISE's chain, classifier started from the class texts: against the other
methods only the loss differs.
"""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {"teachers": 0, "hparams": {}, "terms": {"CE": None}}


class ErmTextInit(ChainMethod):
    """See the head of this file."""

    def terms(self, batch: Batch) -> Terms:
        """Compute the terms of a batch, with their weights."""
        out = self.student(batch.x)
        return {
            "ce": (1.0, self.ce(out, batch)),
        }
