"""A table as a grid of characters: in Markdown, or bare for a terminal."""

from rise.report.render.escape import markdown_text, plain
from rise.report.render.table import Cell, Table
from rise.utils.text_grid import text_grid


def markdown_table(table: Table) -> str:
    """Write a table in GitHub's Markdown, with title above and note below."""
    rows = [[_markdown(cell) for cell in row] for row in table.cells]
    headers = [markdown_text(name) for name in table.columns]
    grid = text_grid(rows, headers, table.numeric, "pipe")
    parts = [f"**{markdown_text(table.title)}**", grid]
    return "\n\n".join([*parts, markdown_text(table.note)] if table.note else parts) + "\n"


def terminal_table(table: Table) -> str:
    """Write the bare grid; there are no notes, hence no marks of footnotes either."""
    rows = [[plain(cell.text) for cell in row] for row in table.cells]
    return text_grid(rows, [plain(name) for name in table.columns], table.numeric, "simple")


def _markdown(cell: Cell) -> str:
    text = markdown_text(str(cell))
    return f"**{text}**" if cell.bold else text
