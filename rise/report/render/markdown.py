"""A report as Markdown."""

import re

from rise.report.render.document import Listing, Part, Plot, Report
from rise.report.render.escape import markdown_text
from rise.report.render.grid import markdown_table
from rise.report.render.table import Table


def markdown(report: Report) -> str:
    """Write the text of report.md; figures are those that lie in figures/ beside it."""
    parts = [f"# {markdown_text(report.title)}", *map(_text, (*report.warnings, *report.lead))]
    for section in report.sections:
        parts += [f"## {section.heading}", *map(_part, section.parts)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _part(part: Part) -> str:
    match part:
        case str():
            return _text(part)
        case Table():
            return markdown_table(part)
        case Plot():
            return f"![{_alt(part.alt)}](figures/{part.name}.svg)\n\n{markdown_text(part.caption)}"
        case Listing():
            longest = max(map(len, re.findall("`+", part.text)), default=0)
            fence = "`" * max(3, longest + 1)
            return f"{fence}{part.language}\n{part.text.strip()}\n{fence}"


def _text(text: str) -> str:
    """A paragraph holds no HTML, but names in it may look like some."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def _alt(text: str) -> str:
    return re.sub(r"([\[\]])", r"\\\1", markdown_text(text))
