"""Emoji: geometry and ink of drawings on a white background; the embedded benchmark's policy."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from rise.utils.rng import uniforms

DECLARATION = {"small": True}
DRAWS = 12
HARD_FLOOR = 1 / (1 + math.exp(12 * 0.35))  # so that the plain background stays white


def views(plain: Tensor, keys: np.ndarray, index: np.ndarray | int) -> Tensor:
    """Make views of plain images (B, 3, S, S) in [0, 1], in steps of 1/255."""
    draws = torch.from_numpy(uniforms(keys, index, DRAWS)).float()
    return _quantised(_colour(_geometry(plain, draws[:, :6]), draws[:, 6:]))


def _geometry(x: Tensor, u: Tensor) -> Tensor:
    """Rotate by up to 20 degrees, scale by 0.8 to 1.1, shift by up to 10 %, flip; white outside."""
    angle = (2 * u[:, 0] - 1) * math.radians(20)
    scale = 1 / (0.8 + 0.3 * u[:, 1])
    flip = torch.where(u[:, 2] < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift_x, shift_y = 0.2 * (2 * u[:, 3] - 1), 0.2 * (2 * u[:, 4] - 1)
    rows = [torch.stack([cos * flip, -sin, shift_x], 1), torch.stack([sin * flip, cos, shift_y], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    return 1 - F.grid_sample(1 - x, grid, mode="bilinear", align_corners=False)


def _colour(x: Tensor, u: Tensor) -> Tensor:
    """Mix the channels of the ink at random, sometimes to grey or hard black and white."""
    ink = 1 - x  # the background stays white
    weight = u[:, :3] + torch.tensor([1.5, 0.0, 0.0])
    weight = weight / weight.sum(1, keepdim=True)
    mix = torch.stack([weight.roll(shift, 1) for shift in range(3)], 1)  # circulant: hues move
    coloured = torch.einsum("bij,bjhw->bihw", mix, ink)
    grey = ink.mean(1, keepdim=True).expand_as(ink)
    gain = (0.7 + 0.6 * u[:, 3])[:, None, None, None]
    ink = torch.where((u[:, 4] < 0.35)[:, None, None, None], grey, coloured) * gain
    hard = torch.sigmoid(12 * (grey - 0.35))
    hard = (hard - HARD_FLOOR).clamp(min=0) / (1 - HARD_FLOOR)
    ink = torch.where((u[:, 5] < 0.15)[:, None, None, None], hard, ink)
    return 1 - ink.clamp(0, 1)


def _quantised(x: Tensor) -> Tensor:
    return (x.clamp(0, 1) * 255).round() / 255
