"""Collect what the embedded teacher and student learn from: named drawings of teacher vendors.

None of these vendors is a domain of EmojiDG. The renders stay in memory.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from data.build.curation import Curation
from data.build.emoji import render_icons
from data.build.iconify import IconSet, load_icons
from data.build.svg import Drawing

# Groups and names that show no thing: flags, signs, clock faces, and one person in many tints.
SKIPPED_GROUPS = ("Flags", "Modifiers", "Symbols")
SKIPPED_NAMES = re.compile(
    r"skin-tone|oclock|-thirty|^clock\d|^family|^regional|flag|^\d+$|^letter-|^digit-|^keycap"
)
# Streamline numbers its variants: `pizza-1`, `pizza-2` show the same thing.
VARIANT = re.compile(r"-\d+$")


class Drawings(NamedTuple):
    """Images uint8 (N, 64, 64, 3), a name each ("red apple"), a class phrase ("a fruit") or ""."""

    images: np.ndarray
    names: list[str]
    phrases: list[str]


def teacher_drawings(curation: Curation, tarballs: Path) -> Drawings:
    """Collect every usable drawing of the teacher vendors, ordered by vendor, class and name."""
    parts = [_vendor(curation, load_icons(vendor, tarballs)) for vendor in curation.teachers]
    return Drawings(
        np.concatenate([p.images for p in parts]),
        [name for p in parts for name in p.names],
        [phrase for p in parts for phrase in p.phrases],
    )


def _vendor(curation: Curation, icons: IconSet) -> Drawings:
    """List the curated identities that the vendor draws, then its other things by their names."""
    names, phrases, chosen = [], [], []
    seen: set[Drawing] = set()
    for benchmark in curation.benchmarks.values():
        for identity in benchmark.identities:
            for icon in identity.icons.get(icons.name, ()):
                chosen.append(icon)
                names.append(identity.name.replace("-", " "))
                phrases.append(benchmark.phrases[identity.label])
                seen.add(icons[icon])
    for icon in icons:
        skip = icons.categories.get(icon) in SKIPPED_GROUPS or SKIPPED_NAMES.search(icon)
        if not skip and icons[icon] not in seen:
            chosen.append(icon)
            names.append(VARIANT.sub("", icon).replace("-", " "))
            phrases.append("")
    return Drawings(render_icons(icons, chosen), names, phrases)


def frequent(drawings: Drawings, least: int) -> tuple[Tensor, Tensor, list[str]]:
    """Select the drawings whose name occurs `least` times or more, to be named.

    Returns:
        images float32 (M, 3, 64, 64) in [0, 1], index of each one's name int64 (M,), sorted names.
    """
    count = Counter(drawings.names)
    names = sorted(name for name, n in count.items() if n >= least)
    index = {name: k for k, name in enumerate(names)}
    rows = [k for k, name in enumerate(drawings.names) if name in index]
    labels = torch.tensor([index[drawings.names[k]] for k in rows])
    return to_float(drawings.images[rows]), labels, names


def to_float(images: np.ndarray) -> Tensor:
    """Convert uint8 (N, H, W, 3) to float32 (N, 3, H, W) in [0, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255).contiguous()


def augment(images: Tensor, stream: torch.Generator) -> Tensor:
    """Change drawings as another vendor might: turned, resized, moved, mirrored, recoloured.

    Rotation up to 20 degrees, scale .75 to 1.15 (each axis .9 to 1.1 on top), shift up to 10 % of
    the side, mirrored half the time; channels mixed (70 %), made grey (35 %), shades turned to
    black and white (15 %). The background stays white.

    Args:
        images: float32 (B, 3, H, W) in [0, 1].
        stream: where every draw comes from.
    """
    n = len(images)

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=stream) * (high - low) + low

    angle, scale = torch.deg2rad(draw(-20, 20)), draw(0.75, 1.15)
    x, y = scale * draw(0.9, 1.1), scale * draw(0.9, 1.1)
    mirror = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    # affine_grid maps output to input, so sizes divide.
    turn = torch.stack(
        [
            torch.stack([angle.cos() * mirror / x, -angle.sin() / y, draw(-0.2, 0.2)], 1),
            torch.stack([angle.sin() * mirror / x, angle.cos() / y, draw(-0.2, 0.2)], 1),
        ],
        1,
    )
    grid = F.affine_grid(turn, list(images.shape), align_corners=False)
    # Padding is zero, so ink (one minus the image) is moved and the background stays white.
    ink = F.grid_sample(1 - images, grid, align_corners=False)
    return 1 - _recolour(ink, draw, stream)


Draw = Callable[[float, float], Tensor]


def _recolour(ink: Tensor, draw: Draw, stream: torch.Generator) -> Tensor:
    n = len(ink)
    strength = (draw(0, 1) * (draw(0, 1) < 0.7))[:, None, None]
    mix = torch.rand(n, 3, 3, generator=stream) ** 2
    mix = mix / mix.sum(2, keepdim=True)
    mix = (1 - strength) * torch.eye(3) + strength * mix
    ink = torch.einsum("nij,njhw->nihw", mix, ink)
    grey = ink.mean(1, keepdim=True).expand_as(ink)
    ink = torch.where((draw(0, 1) < 0.35)[:, None, None, None], grey, ink)
    # A steep curve about a drawn level turns shades into black and white.
    level = draw(0.1, 0.5)[:, None, None, None]
    hard = ((grey - level) * 8 + 0.5).clamp(0, 1)
    ink = torch.where((draw(0, 1) < 0.15)[:, None, None, None], hard, ink)
    return (ink * draw(0.8, 1.1)[:, None, None, None]).clamp(0, 1)
