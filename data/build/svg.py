"""Turn an icon's drawing into pixels: SVG in, 64 x 64 RGB on white out.

The renderer is pinned (resvg-py 0.5.0) and the images are frozen where they are used as data,
since no renderer promises the same bytes on every machine.
"""

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import resvg_py
from PIL import Image

SIDE = 64


@dataclass(frozen=True)
class Drawing:
    """An SVG body in its view box, with the turns (of 90 degrees) and flips of its alias.

    Source of the fields: Iconify's IconifyJSON type (`body`, `left`, `top`, `width`, `height`,
    `rotate`, `hFlip`, `vFlip`; 16 units where no size is given).
    """

    body: str
    left: float = 0
    top: float = 0
    width: float = 16
    height: float = 16
    rotate: int = 0
    hFlip: bool = False
    vFlip: bool = False

    @classmethod
    def of(cls, icon: dict[str, Any]) -> "Drawing":
        """Read the drawing of an entry of `icons.json`; other keys (`hidden`, ...) don't matter."""
        return cls(**{k: v for k, v in icon.items() if k in cls.__dataclass_fields__})

    def changed(self, alias: dict[str, Any]) -> "Drawing":
        """Change the drawing as an alias shows it: turns add up, flips cancel, sizes replace."""
        sizes = {k: alias[k] for k in ("left", "top", "width", "height") if k in alias}
        return replace(
            self,
            **sizes,
            rotate=(self.rotate + alias.get("rotate", 0)) % 4,
            hFlip=self.hFlip != alias.get("hFlip", False),
            vFlip=self.vFlip != alias.get("vFlip", False),
        )

    def svg(self) -> str:
        """Write the whole SVG, black for `currentColor`, its view box padded to a centred square.

        Without the padding resvg returns a smaller picture for icons that aren't square.
        """
        side = max(self.width, self.height)
        middle_x, middle_y = self.left + self.width / 2, self.top + self.height / 2
        box = f"{middle_x - side / 2:g} {middle_y - side / 2:g} {side:g} {side:g}"
        body = self.body.replace("currentColor", "#000000")
        if self.rotate or self.hFlip or self.vFlip:
            x, y = -1 if self.hFlip else 1, -1 if self.vFlip else 1
            turn = (
                f"translate({middle_x:g} {middle_y:g}) rotate({90 * self.rotate}) "
                f"scale({x} {y}) translate({-middle_x:g} {-middle_y:g})"
            )
            body = f'<g transform="{turn}">{body}</g>'
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


def render(drawing: Drawing, side: int = SIDE) -> np.ndarray:
    """Render on white: uint8 array (side, side, 3)."""
    png = resvg_py.svg_to_bytes(
        svg_string=drawing.svg(),
        background="#ffffff",
        width=side,
        height=side,
        skip_system_fonts=True,
    )
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
