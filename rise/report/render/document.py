"""The parts of a report, whatever it is written in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rise.report.render.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Plot:
    """A figure that a report shows.

    Attributes:
        name: of its files, without suffix.
        caption: what marks and lines are, as plain text.
        alt: what it shows, for those who do not see it.
        draw: makes it.
    """

    name: str
    caption: str
    alt: str
    draw: Callable[[], "Figure"]


@dataclass(frozen=True)
class Listing:
    """Text to copy as it stands, in a language (`bibtex`)."""

    text: str
    language: str


# A text is in the small part of Markdown that `rise.report.render.html` reads: **bold**,
# *emphasis*, `code` and lists.
Part = str | Table | Plot | Listing


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
