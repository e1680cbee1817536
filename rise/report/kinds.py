"""The kinds of tables, found by listing rise/report/tables: a file there is all that one needs.

A module of that folder declares NAME (of its LaTeX file), HEADING (of its section in the report),
ORDER (its place among all that a report shows: rise/report/outline.py has the other numbers) and
`build(results)`, which gives its tables or none. A name that begins with an underscore is no table.
"""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from rise.report import tables
from rise.report.analysis.results import Results
from rise.report.render.table import Table


@dataclass(frozen=True)
class Kind:
    """A kind of table with what its module declares."""

    order: int
    name: str
    heading: str
    build: Callable[[Results], list[Table]]


def kinds() -> list[Kind]:
    """Find all kinds of tables, in the order in which a report shows them."""
    names = [found.name for found in pkgutil.iter_modules(tables.__path__)]
    modules = [import_module(f"{tables.__name__}.{name}") for name in names if name[0] != "_"]
    found = [Kind(one.ORDER, one.NAME, one.HEADING, one.build) for one in modules]
    return sorted(found, key=lambda kind: (kind.order, kind.name))
