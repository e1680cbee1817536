"""What is imported from outside of the environment: code that no digest covers."""

import ast
import hashlib
import importlib.util
import site
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rise.errors import ConfigError

PACKAGE = Path(__file__).parents[1]


def foreign_modules() -> dict[str, list[Path]]:
    """List the loaded modules' files that lie outside of the environment, by top-level name.

    The environment is the standard library, the site-packages of this Python, and rise.
    """
    inside = _environment()
    found: dict[str, list[Path]] = {}
    for name, module in sorted(sys.modules.copy().items()):
        file = getattr(module, "__file__", None)
        top = name.partition(".")[0]
        # A method's own file has a digest, and the program that runs was started by name.
        if top in ("__main__", "__mp_main__") or top.startswith("own_method_"):
            continue
        # torch names files that do not exist; where there is one, Python gives the whole path.
        if not isinstance(file, str) or not Path(file).is_absolute():
            continue
        if not any(Path(file).is_relative_to(one) for one in inside):
            found.setdefault(top, []).append(Path(file))
    return found


def described(found: dict[str, list[Path]]) -> dict[str, str]:
    """Say of each foreign name where its first file lies, and a digest of all its loaded files."""
    return {name: f"{paths[0]}, sha256 {_digest(paths)}" for name, paths in found.items()}


@contextmanager
def nothing_foreign(file: str | Path) -> Iterator[None]:
    """Refuse what a method's own file imports from outside of the environment inside the block.

    Raises:
        ConfigError: names the first such module and its file.
    """
    before = set(sys.modules)
    yield
    new = set(sys.modules) - before
    found = {
        name: paths
        for name, paths in foreign_modules().items()
        if any(one.partition(".")[0] == name for one in new)
    }
    if not found:
        return
    for one in new:
        if one.partition(".")[0] in found:
            del sys.modules[one]  # imported anew, it is refused anew
    raise ConfigError(fault(file, *next((name, paths[0]) for name, paths in found.items())))


def unpinned(path: Path) -> str | None:
    """Say which import of a method's own file is of code that no digest covers; None if none is.

    The file is not run. An import inside `try` may fail, and is looked at when the file runs.
    """
    inside = _environment()
    for name in _imports(ast.parse(path.read_bytes())):
        if name in sys.stdlib_module_names or name == PACKAGE.name:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:
            return fault(path, name, None)
        places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or [])
        for place in places:
            if place and not any(Path(place).absolute().is_relative_to(one) for one in inside):
                return fault(path, name, Path(place))
    return None


def _imports(node: ast.AST) -> Iterator[str]:
    """Yield the top-level names that a tree imports, but for those below try or TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module.partition(".")[0]
        elif not isinstance(child, ast.Try) and not (
            isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
        ):
            yield from _imports(child)


def fault(file: str | Path, name: str, found: Path | None) -> str:
    """Say that a method's file imports what no digest covers."""
    where = "not installed in" if found is None else f"{found}, outside of"
    return (
        f"{file}: imports {name}, which is {where} the environment, so that no digest covers its "
        f"code; put the code into {Path(file).name}, or install it as a package"
    )


def _environment() -> list[Path]:
    paths = sysconfig.get_paths()
    named = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders = [Path(one) for one in (*named, *site.getsitepackages())]
    return [PACKAGE, *folders, *(one.resolve() for one in folders)]


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"")
    return digest.hexdigest()[:12]
