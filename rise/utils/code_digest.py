"""The code digest: a sha256 over the statements in the sources of a computation.

Comments, docstrings, formatting and line numbers do not count, nor does text for people: messages
of exceptions and assertions, printed text, and all of rise/errors.py. The digest is the same on
every supported Python. So a corrected typo re-runs nothing, and a changed statement re-runs what it
reaches.
"""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
# Names and words the errors: no number depends on it.
WORDS = "rise.errors"
# Fields of the syntax tree that say where or how something was written, not what it does.
UNSAID = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


@functools.cache
def code_digest(*entries: str) -> str:
    """Digest the named modules (like "rise.training.unit") and all of `rise` they import."""
    reached = _reach(entries)
    text = "\n".join(f"{name} {_says(path.read_bytes())}" for name, path in sorted(reached.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def file_code_digest(path: Path) -> str:
    """Digest one file outside of the package and all of `rise` that it imports."""
    # Not cached by path: a user's file may change.
    source = path.read_bytes()
    text = _says(source) + code_digest(*_imported(source))
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def package_digest() -> str:
    """Digest all of `rise`: the statements of its modules, and the bytes of its catalogues."""
    modules = [
        f"{path.relative_to(PACKAGE)} {_says(path.read_bytes())}" for path in PACKAGE.rglob("*.py")
    ]
    catalogues = [
        f"{path.relative_to(PACKAGE)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in PACKAGE.rglob("*.yaml")
    ]
    return hashlib.sha256("\n".join(sorted(modules + catalogues)).encode()).hexdigest()


def reached_modules(*entries: str) -> list[str]:
    """List all modules of `rise` that the entries import, and the entries, sorted by name."""
    return sorted(_reach(entries))


def _reach(entries: tuple[str, ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        path = _module_path(name)
        if path is None or name in found or name == WORDS:
            continue
        found[name] = path
        waiting += _imported(path.read_bytes())
        if "." in name:  # importing a module runs its packages' __init__ first
            waiting.append(name.rpartition(".")[0])
    return found


def _module_path(name: str) -> Path | None:
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return None
    base = PACKAGE.joinpath(*parts[1:])
    if base.is_dir():
        return base / "__init__.py"
    file = base.with_suffix(".py")
    return file if file.is_file() else None


@functools.cache
def _imported(source: bytes) -> tuple[str, ...]:
    """Find the modules of `rise` that a source imports, also inside functions."""
    names: list[str] = []
    for node in _running(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(name for name in names if name.split(".")[0] == PACKAGE.name)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes of a tree but those below `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield from _running(child)


@functools.cache
def _says(source: bytes) -> str:
    """Write the syntax tree as text, without text for people; the same on every Python."""
    return "".join(_walk(_Unworded().visit(ast.parse(source))))


class _Unworded(ast.NodeTransformer):
    """A transformer that drops text for people: messages of errors and assertions, and prints."""

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        if isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        node.msg = None
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        printed = isinstance(called, ast.Name) and called.id == "print"
        return ast.Pass() if printed else node


def _walk(node: object) -> Iterator[str]:
    if isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for field, value in ast.iter_fields(node):
            # Newer Pythons add empty fields, or leave them out: neither has a meaning.
            if field in UNSAID or value is None or value == []:
                continue
            yield f" {field}="
            yield from _walk(_normal(node, field, value))
        yield ")"
    elif isinstance(node, list):
        yield "["
        for item in node:
            yield from _walk(item)
        yield "]"
    else:
        yield f"{type(node).__name__}:{node!r} "


def _normal(node: ast.AST, field: str, value: object) -> object:
    if isinstance(value, list) and isinstance(node, ast.JoinedStr):
        return _joined(value)
    owner = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    if isinstance(value, list) and owner and field == "body" and _is_text(value[0]):
        return value[1:]
    return value


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _joined(parts: list[ast.expr]) -> list[ast.expr]:
    """Join neighbouring constant parts of an f-string: Pythons split them differently."""
    joined: list[ast.expr] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, ast.Constant) and isinstance(last, ast.Constant):
            joined[-1] = ast.Constant(str(last.value) + str(part.value))
        else:
            joined.append(part)
    return joined
