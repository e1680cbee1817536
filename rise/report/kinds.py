"""The kinds of tables, found by listing rise/report/tables: a file there is all that one needs.

A module of that folder declares NAME (of its LaTeX file), HEADING (of its section in the report),
ORDER (its place among all that a report shows: rise/report/outline.py has the other numbers) and
`build(results)`, which gives its tables or none. A name that begins with an underscore is no table.
"""

import pkgutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from rise.errors import ConfigError
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
    """Find all kinds of tables, in the order in which a report shows them.

    Raises:
        ConfigError: a file declares too little, or a name that another one has.
    """
    names = [found.name for found in pkgutil.iter_modules(tables.__path__)]
    found = [_kind(name) for name in names if name[0] != "_"]
    if len({kind.name for kind in found}) < len(found):
        twice = Counter(kind.name for kind in found).most_common(1)[0][0]
        raise ConfigError(f"rise/report/tables: two files have the NAME {twice!r}; rename one")
    return sorted(found, key=lambda kind: (kind.order, kind.name))


def _kind(name: str) -> Kind:
    module = import_module(f"{tables.__name__}.{name}")
    try:
        return Kind(module.ORDER, module.NAME, module.HEADING, module.build)
    except AttributeError as error:
        raise ConfigError(
            f"rise/report/tables/{name}.py: declares no {error.name}; it needs NAME, HEADING, "
            "ORDER and build(results), or a name that begins with an underscore"
        ) from error
