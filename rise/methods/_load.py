"""Load the class of a method from its file."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from rise.errors import ConfigError, RiseError
from rise.methods._base import Method
from rise.utils.imported import nothing_foreign


def load_method(name: str, file: str | None = None) -> type[Method]:
    """Load the class of a method, the one subclass of Method that its file defines.

    Args:
        name: of the method.
        file: the source of a method that is not one of the suite's.

    Raises:
        ConfigError: there is no such method, or its file cannot be loaded.
    """
    module = importlib.import_module(f"rise.methods.{name}") if file is None else _run(Path(file))
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Method)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        several = " and ".join(one.__name__ for one in found)
        raise ConfigError(
            f"{module.__file__}: defines {f'{several}, which are' if several else 'no'} "
            f"subclass{'es' if several else ''} of Method; see CONTRIBUTING.md, Add a method"
        )
    return found[0]


def _run(path: Path) -> ModuleType:
    """Run a user's own file as a module; files beside it cannot be imported."""
    spec = importlib.util.spec_from_file_location(f"own_method_{path.stem}", path)
    assert spec and spec.loader  # it ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        with nothing_foreign(path):
            spec.loader.exec_module(module)
    except RiseError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{path}: cannot be loaded ({reason}); mend it and run again") from error
    return module
