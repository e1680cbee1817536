"""Names in print, and random numbers that hang on names."""

from collections.abc import Mapping

import numpy as np

from rise.catalog import lookup
from rise.config.schema import MethodChoice
from rise.errors import RiseError
from rise.report.render.escape import plain
from rise.utils.io import digest

LONGEST = 40  # characters of a label; a longer one is a sentence, which no table has room for


def method_labels(methods: Mapping[str, MethodChoice]) -> dict[str, str]:
    """Give each method's name in print: "Label" of its docstring's "Label: equation.".

    Where a custom file is not here or says none, its name serves; labels that several methods share
    are told apart by it.
    """
    labels = {name: _label(name, choice.file) for name, choice in methods.items()}
    every = list(labels.values())
    return {
        name: label if every.count(label) == 1 else f"{label} [{plain(name)}]"
        for name, label in labels.items()
    }


def _label(name: str, file: str | None) -> str:
    try:
        found = lookup.method(name, file)
    except RiseError:
        return plain(name)
    says = found.equation and 0 < len(found.label) <= LONGEST
    return plain(found.label if says else name)


def generator_of(*names: str) -> np.random.Generator:
    """Make a generator that hangs on names alone, so that no result hangs on an order."""
    return np.random.default_rng(int(digest(list(names))[:16], 16))
