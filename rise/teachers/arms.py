"""Control arms of the text side: does the language matter, or would any vectors do?

`shuffled`: each class gets the texts and anchors of another one. `random`: random vectors of the
same lengths. Both are the same for every seed and method, so seeds vary only what they vary
elsewhere. They change what the student is tied to: the start of the classifier, AD and RD. The
teacher's own zero-shot logits (Hint's targets) stay true: with other texts they would name wrong
classes, and the arm would measure the effect of wrong labels, not of missing language.
"""

import numpy as np
import torch
from torch import Tensor

from rise.utils.rng import numpy_stream
from rise.utils.torch_rng import torch_stream


def arranged(arm: str | bool, raw: Tensor, anchors: Tensor) -> tuple[Tensor, Tensor]:
    """Return the texts (C, D) and anchors (C, A, D) of an arm: True, `shuffled` or `random`."""
    if arm == "shuffled":
        order = torch.from_numpy(derangement(len(raw)))
        return raw[order], anchors[order]
    if arm == "random":
        return _random(raw, "texts"), _random(anchors, "anchors")
    return raw, anchors


def derangement(n: int) -> np.ndarray:
    """Draw a permutation of n >= 2 things that leaves none in its place, always the same."""
    stream = numpy_stream("shuffled texts", n)
    while True:  # a permutation is a derangement with a chance of 1/e
        order = stream.permutation(n)
        if not np.any(order == np.arange(n)):
            return order


def _random(like: Tensor, what: str) -> Tensor:
    drawn = torch.randn(like.shape, generator=torch_stream("random texts", what))
    scaled: Tensor = drawn * (like.norm(dim=-1, keepdim=True) / drawn.norm(dim=-1, keepdim=True))
    return scaled
