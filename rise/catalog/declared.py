"""What a Python file declares of itself, read without running it.

The docstring's first line is "Label: text"; DECLARATION is a literal. Methods, students, protocols
and view policies are declared so: the folder's listing is the catalogue.
"""

import ast
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rise.errors import ConfigError

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Declared:
    """What a file says of itself.

    label, text: of the docstring's first line; said: its second paragraph; has_class: whether the
    file defines a class.
    """

    path: Path
    label: str
    text: str
    said: str
    values: Mapping[str, Any]
    has_class: bool

    @property
    def name(self) -> str:
        """The thing's name: the file's, unless it declares another."""
        return str(self.values.get("name", self.path.stem))


def read_declared(path: Path) -> Declared | None:
    """Read a file's declaration; None if it declares nothing.

    Raises:
        ConfigError: the declaration is no literal mapping.
        SyntaxError: the file is no Python.
    """
    tree = ast.parse(path.read_bytes())
    has_class = any(isinstance(node, ast.ClassDef) for node in tree.body)
    for node in tree.body:
        if isinstance(node, ast.Assign) and _names(node) == ["DECLARATION"]:
            try:
                values = dict(ast.literal_eval(node.value))
            except (ValueError, TypeError) as error:
                raise ConfigError(f"{path}: DECLARATION must be a plain literal") from error
            paragraphs = (ast.get_docstring(tree) or path.stem).split("\n\n")
            label, _, text = " ".join(paragraphs[0].split()).partition(": ")
            said = " ".join("".join(paragraphs[1:2]).split())
            return Declared(path, label, text.rstrip("."), said, values, has_class)
    return None


def module_names(room: str) -> list[str]:
    """Name the modules of a room of the package that are found by name, sorted."""
    return sorted(path.stem for path in (PACKAGE / room).glob("[!_]*.py"))


@functools.cache
def declared_in(room: str) -> dict[str, Declared]:
    """List what the files of a room of the package declare, by name; `_` begins machinery."""
    files = sorted((PACKAGE / room).glob("[!_]*.py"))
    found = [one for path in files if (one := read_declared(path))]
    return {one.name: one for one in found}


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]
