"""Draw a contact sheet: one picture with a few images of every class and domain."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from rise.datasets.decoded import DecodedDataset
from rise.utils.io import replacing

CELL, GAP, MARGIN = 96, 4, 12
INK, PAPER, RULE, EMPTY = "#1a1a1a", "#ffffff", "#999999", "#eeeeee"


def contact_sheet(dataset: DecodedDataset, path: Path, each: int = 3, cell: int = CELL) -> None:
    """Write a PNG: a row for each class, `each` columns for each domain, images of `cell` pixels.

    It shows the first images of the decoded dataset. Their order is that of the hashes of their
    content, so they are as good as drawn at random, and the same for everyone. Images keep their
    aspect ratio; a grey field means that there are no more.
    """
    font = ImageFont.load_default(max(11, cell // 6))
    line = int(font.getbbox("Ag")[3])
    names = [str(label) for label in dataset.classes]
    heads = [f"{domain} ({len(dataset.rows(domain)):,})" for domain in dataset.domains]
    left = int(max(font.getlength(name) for name in names)) + 2 * MARGIN
    top = line + 2 * MARGIN
    # A domain with few images a row is widened until its name fits.
    widths = [max(each * (cell + GAP) - GAP, int(font.getlength(head)) + 1) for head in heads]
    starts = left + np.cumsum([0, *(width + 2 * MARGIN for width in widths)])
    size = (int(starts[-1]) - MARGIN, top + len(names) * (cell + GAP) - GAP + MARGIN)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.line([(MARGIN, top - MARGIN // 2), (size[0] - MARGIN, top - MARGIN // 2)], RULE)
    for head, start in zip(heads, starts, strict=False):
        draw.text((int(start), MARGIN), head, INK, font)
    for row, name in enumerate(names):
        y = top + row * (cell + GAP)
        draw.text((MARGIN, y + (cell - line) // 2), name, INK, font)
        for domain, start in zip(dataset.domains, starts, strict=False):
            rows = dataset.rows(domain)
            shown = rows[dataset.columns["label"][rows] == row][:each]
            _place(sheet, dataset, shown, (int(start), y), each, cell)
    with replacing(path) as beside:
        sheet.save(beside, "PNG")


def _place(
    sheet: Image.Image,
    dataset: DecodedDataset,
    rows: Sequence[int] | np.ndarray,
    corner: tuple[int, int],
    each: int,
    cell: int,
) -> None:
    x, y = corner
    for number in range(each):
        field = Image.new("RGB", (cell, cell), PAPER if number < len(rows) else EMPTY)
        if number < len(rows):
            image = Image.fromarray(dataset.image(int(rows[number])))
            scale = cell / max(image.size)
            width, height = (max(1, round(side * scale)) for side in image.size)
            shown = image.resize((width, height), Image.Resampling.BICUBIC)
            field.paste(shown, ((cell - width) // 2, (cell - height) // 2))
        sheet.paste(field, (x + number * (cell + GAP), y))
