"""A table as a grid of characters: in Markdown, or bare for a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from rise.report.render.escape import markdown_text, plain
from rise.report.render.table import Cell, Table
from rise.utils.text_grid import text_grid

WIDTH = 100
GAP = 2  # blanks between two columns
PADDING = 2  # blanks that tabulate leaves beside a heading
LEAST = 12  # characters that a column of text is wrapped to


def markdown_table(table: Table) -> str:
    """Write a table in GitHub's Markdown, with title above and note below."""
    rows = [[_markdown(cell) for cell in row] for row in table.cells]
    headers = [markdown_text(name) for name in table.columns]
    grid = text_grid(rows, headers, table.numeric, "pipe")
    parts = [f"**{markdown_text(table.title)}**", grid]
    return "\n\n".join([*parts, markdown_text(table.note)] if table.note else parts) + "\n"


def terminal_table(table: Table, width: int = WIDTH) -> str:
    """Write the bare grid, no line longer than `width` and nothing cut.

    Text is wrapped in its column; columns that have no room even so follow below, beside the first
    one again. There are no notes, hence no marks of footnotes either.
    """
    texts = [[plain(cell.text) for cell in row] for row in table.cells]
    heads = [plain(name) for name in table.columns]
    numeric = set(table.numeric)
    padded = [head + " " * PADDING for head in heads]
    needed = [max(map(len, column)) for column in zip(padded, *texts, strict=True)]
    wide = _shared_out(needed, numeric, width)
    rows = [[_wrapped(text, at) for text, at in zip(row, wide, strict=True)] for row in texts]
    heads = [_wrapped(text, at - PADDING) for text, at in zip(heads, wide, strict=True)]
    grids = []
    for part in _beside_each_other(wide, width):
        right = [place for place, at in enumerate(part) if at in numeric]
        cells = [[row[at] for at in part] for row in rows]
        grids.append(text_grid(cells, [heads[at] for at in part], right, "simple"))
    return "\n\n".join(grids)


def _shared_out(needed: Sequence[int], numeric: set[int], width: int) -> list[int]:
    """Give every column its width: numbers what they need, text a fair share of the rest."""
    wide = list(needed)
    left = width - GAP * (len(needed) - 1) - sum(needed[at] for at in numeric)
    texts = sorted(set(range(len(needed))) - numeric, key=needed.__getitem__)
    for place, at in enumerate(texts):
        wide[at] = min(needed[at], max(LEAST, left // (len(texts) - place)))
        left -= wide[at]
    return wide


def _beside_each_other(wide: Sequence[int], width: int) -> Iterator[list[int]]:
    """Split columns into parts that have room beside the first column."""
    part, used = [0], wide[0]
    for at in range(1, len(wide)):
        if used + GAP + wide[at] > width and len(part) > 1:
            yield part
            part, used = [0], wide[0]
        part.append(at)
        used += GAP + wide[at]
    yield part


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width)) if len(text) > width else text


def _markdown(cell: Cell) -> str:
    text = markdown_text(str(cell))
    return f"**{text}**" if cell.bold else text
