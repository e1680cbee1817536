"""A table as HTML."""

from collections.abc import Iterable

from markupsafe import Markup
from markupsafe import escape as html_escape

from rise.report.render.table import Cell, Table

NUMERIC = Markup(' class="number"')


def html_table(table: Table) -> Markup:
    """Write a table with title and note; numbers say by which value they are sorted."""
    numeric = table.numeric
    head = _joined(
        Markup('<th scope="col"{}>{}</th>').format(NUMERIC if at in numeric else "", name)
        for at, name in enumerate(table.columns)
    )
    rows = _joined(
        Markup("<tr>{}</tr>\n").format(
            _joined(_cell(cell, at == 0, at in numeric) for at, cell in enumerate(row))
        )
        for row in table.cells
    )
    note = Markup('<p class="note">{}</p>\n').format(table.note) if table.note else ""
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="{0}">\n'
        '<table class="sortable">\n<caption>{0}</caption>\n'
        "<thead><tr>{1}</tr></thead>\n<tbody>\n{2}</tbody>\n</table>\n</div>\n{3}"
    ).format(table.title, head, rows, note)


def _cell(cell: Cell, first: bool, numeric: bool) -> Markup:
    kind = Markup(' scope="row"') if first else Markup("")
    kind += NUMERIC if numeric else ""
    if numeric and cell.value is not None:
        kind += Markup(' data-value="{}"').format(f"{cell.value:.10g}")
    inner = html_escape(str(cell))
    if cell.link:
        inner = Markup('<a href="{}">{}</a>').format(cell.link, inner)
    if cell.bold:
        inner = Markup("<strong>{}</strong>").format(inner)
    return Markup("<{0}{1}>{2}</{0}>").format("th" if first else "td", kind, inner)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
