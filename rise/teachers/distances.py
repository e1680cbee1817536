"""The sizes of AD and RD on a teacher's texts, before anything is trained.

A loss that is tiny for every embedding, or hardly changes with it, teaches nothing.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rise.errors import DataError
from rise.methods import _losses
from rise.utils.torch_rng import torch_stream

Loss = Callable[[Tensor], Tensor]


def read_sides(path: Path) -> tuple[Tensor, Tensor]:
    """Read `raw` (C, D) and `anchors` (C, A, D) of a text file, or of `rise teacher texts`.

    Raises:
        DataError: the file cannot be read, or has no anchors.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            raw, anchors = (torch.from_numpy(file[key]).float() for key in ("raw", "anchors"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: holds no texts with anchors ({error}); give another") from error
    if not anchors.shape[1]:
        raise DataError(f"{path}: its texts have no anchors, so RD has no size; give another")
    return raw, anchors


def sizes(raw: Tensor, anchors: Tensor, temperature: float = 1.0) -> list[list[str | float]]:
    """Compute one row for each kind of student embedding: name, AD, RD, slope of RD / slope of AD.

    Values are means over classes; slopes are lengths of gradients at embeddings of length one. The
    last row has the largest RD that gradient ascent found.

    Args:
        raw: class texts (C, D).
        anchors: (C, A, D).
        temperature: of RD's softmax.
    """
    unit = raw / raw.norm(dim=1, keepdim=True)
    labels = torch.arange(len(raw))

    def ad(embed: Tensor) -> Tensor:
        return _losses.absolute_distance(embed, unit, labels)

    def rd(embed: Tensor) -> Tensor:
        return _losses.relative_distance(embed, raw, anchors, labels, temperature)

    start = torch.randn(raw.shape, generator=torch_stream("distances"))
    kinds = {
        "its class text": unit,
        "the next class's text": unit.roll(-1, 0),
        "mean of all class texts": unit.mean(0).expand_as(unit),
        "a random direction": start,
        "where RD is largest": _ascent(start, rd),
    }
    rows: list[list[str | float]] = []
    for name, embed in kinds.items():
        at = embed / embed.norm(dim=1, keepdim=True)
        slope = _slope(at, ad)
        # At the class text both slopes are zero, but for rounding.
        share = _slope(at, rd) / slope if slope > 1e-5 else float("nan")
        rows.append([name, float(ad(at)), float(rd(at)), share])
    return rows


def _slope(embed: Tensor, loss: Loss) -> float:
    leaf = embed.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(leaf), leaf)
    return float(gradient.norm(dim=1).mean())


def _ascent(start: Tensor, loss: Loss, steps: int = 300) -> Tensor:
    leaf = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([leaf], lr=0.1, maximize=True)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(leaf).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return leaf.detach()
