"""What a report is made of, whatever it is written in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rise.report.figures.base import Plot
from rise.report.render.table import Table


@dataclass(frozen=True)
class Linked:
    """A table whose cells (row, column) lead to the units behind them, where a medium can."""

    table: Table
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """Text to copy as it stands, in a language (`bibtex`)."""

    text: str
    language: str


# A text is in the small part of Markdown that `rise.report.render.html` reads: **bold**,
# *emphasis*, `code` and lists.
Part = str | Linked | Plot | Listing


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        title: plain text.
        warnings: what a reader must know before any number.
        lead: the first paragraphs.
        sections: in order.
    """

    title: str
    warnings: tuple[str, ...]
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
