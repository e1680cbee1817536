"""Methods: one short file each, read as its equation; the file declares itself.

`rise.catalogue.methods()` lists them without importing torch; `load_method` imports one.
"""

import importlib
from typing import TYPE_CHECKING

from rise.catalogue import methods
from rise.errors import ConfigError, unknown

if TYPE_CHECKING:
    from rise.methods._base import Method


def load_method(name: str) -> "type[Method]":
    """The class of a method: the one subclass of Method that its file defines.

    Raises:
        ConfigError: no such method.
    """
    from rise.methods._base import Method

    if name not in methods():
        raise ConfigError(unknown("method", name, methods()))
    module = importlib.import_module(f"rise.methods.{name}")
    for value in vars(module).values():
        own = getattr(value, "__module__", None) == module.__name__
        if own and isinstance(value, type) and issubclass(value, Method):
            return value
    raise ConfigError(f"{module.__file__}: defines no subclass of Method")
