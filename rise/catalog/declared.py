"""Read what a Python file declares about itself, without running it.

The docstring's first line is "Label: text"; DECLARATION is a literal. Methods, students, protocols
and view policies declare themselves this way: the files of a folder are its catalog.
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
    """The declaration of a file.

    label, text: from the docstring's first line; said: its second paragraph; has_class: true if the
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
        """The declared name, else the file's."""
        return str(self.values.get("name", self.path.stem))


def read_declared(path: Path) -> Declared | None:
    """Read a file's declaration; None if it declares nothing.

    Raises:
        ConfigError: the declaration is not a literal mapping.
        SyntaxError: the file is not valid Python.
    """
    tree = ast.parse(path.read_bytes())
    has_class = any(isinstance(node, ast.ClassDef) for node in tree.body)
    for node in tree.body:
        if isinstance(node, ast.Assign) and _names(node) == ["DECLARATION"]:
            try:
                values = dict(ast.literal_eval(node.value))
            except (ValueError, TypeError) as error:
                raise ConfigError(
                    f"{path}: DECLARATION must be a literal dict of plain values"
                ) from error
            paragraphs = (ast.get_docstring(tree) or path.stem).split("\n\n")
            label, _, text = " ".join(paragraphs[0].split()).partition(": ")
            said = " ".join("".join(paragraphs[1:2]).split())
            return Declared(path, label, text.rstrip("."), said, values, has_class)
    return None


def module_names(room: str) -> list[str]:
    """Name the public modules in a folder of the package, sorted."""
    return sorted(path.stem for path in (PACKAGE / room).glob("[!_]*.py"))


@functools.cache
def declared_in(room: str) -> dict[str, Declared]:
    """Read the declarations in a folder of the package, by name, skipping files named `_*`."""
    files = sorted((PACKAGE / room).glob("[!_]*.py"))
    found = [one for path in files if (one := read_declared(path))]
    return {one.name: one for one in found}


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]
