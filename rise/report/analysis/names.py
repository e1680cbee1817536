"""Names in print, and random numbers that hang on names."""

import numpy as np

from rise.catalog import lookup
from rise.utils.io import digest


def method_label(method: str) -> str:
    """Give a method's name in print; one that is not the suite's goes by its file's name."""
    known = lookup.methods()
    return known[method].label if method in known else method


def contrast_label(a: str, b: str) -> str:
    """Give a contrast's name in print."""
    return f"{method_label(a)} vs. {method_label(b)}"


def generator_of(*names: str) -> np.random.Generator:
    """Make a generator that hangs on names alone, so that no result hangs on an order."""
    return np.random.default_rng(int(digest(list(names))[:16], 16))
