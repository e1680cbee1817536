"""Everything with a name: datasets, teachers, students, methods; read as data, without torch.

A method declares itself in its own file: the docstring's first line is "Label: equation", and the
literal DECLARATION holds its hyper-parameters and needs. Both are read without running the file.
"""

import ast
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rise.entries import Dataset
from rise.errors import ConfigError, unknown
from rise.own import read_own

HERE = Path(__file__).parent
DECLARATION_KEYS = {"hparams", "teachers", "stages"}


@dataclass(frozen=True)
class Hparam:
    """A hyper-parameter: default and legal range (ends included)."""

    default: float
    low: float = float("-inf")
    high: float = float("inf")

    def fault(self, value: Any) -> str | None:
        """What is wrong with a given value or list of values, or None."""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, bool) or not isinstance(one, int | float):
                return f"is {one!r}, must be a number"
            if not self.low <= one <= self.high:
                return f"is {one}, must lie between {self.low} and {self.high}"
        return "is an empty list" if value == [] else None


@dataclass(frozen=True)
class MethodInfo:
    """What a method's file declares."""

    name: str
    label: str
    equation: str
    path: Path
    hparams: dict[str, Hparam] = field(default_factory=dict)
    teachers: int = 0
    stages: int = 1


@functools.cache
def datasets() -> dict[str, Dataset]:
    """The dataset catalogue: name -> entry of rise/datasets/catalog/*.yaml."""
    files = sorted((HERE / "datasets/catalog").glob("*.yaml"))
    return {
        name: Dataset.model_validate(entry)
        for path in files
        for name, entry in _yaml(f"datasets/catalog/{path.name}").items()
    }


@functools.cache
def dataset(name: str, folder: str | None = None) -> Dataset:
    """A dataset of the catalogue, or what a user's own folder of images says of itself.

    Raises:
        ConfigError: no such dataset, or no folder of images.
    """
    if folder is not None:
        return read_own(Path(folder))
    if name not in datasets():
        raise ConfigError(unknown("dataset", name, datasets()))
    return datasets()[name]


@functools.cache
def teachers() -> dict[str, dict[str, Any]]:
    """The teachers: name -> entry of rise/teachers/catalog.yaml."""
    return _yaml("teachers/catalog.yaml")


@functools.cache
def students() -> dict[str, dict[str, Any]]:
    """The students: name -> entry of rise/students/catalog.yaml."""
    return _yaml("students/catalog.yaml")


def student(name: str) -> dict[str, Any]:
    """A student's entry; timm:NAME is any network of timm, at 224 px."""
    kind, _, tag = name.partition(":")
    entry: dict[str, Any] = {"timm": tag, "image_size": 224} if kind == "timm" else students()[name]
    return entry


@functools.cache
def methods() -> dict[str, MethodInfo]:
    """The methods: name (of the file in rise/methods) -> what it declares."""
    files = sorted((HERE / "methods").glob("[!_]*.py"))
    return {path.stem: info for path in files if (info := read_method(path))}


def read_method(path: Path) -> MethodInfo | None:
    """Read what a method's file declares without running it; None if it declares nothing.

    Raises:
        ConfigError: the declaration is no literal, or has an unknown key.
    """
    tree = ast.parse(path.read_bytes())
    for node in tree.body:
        if isinstance(node, ast.Assign) and _names(node) == ["DECLARATION"]:
            try:
                declared = ast.literal_eval(node.value)
            except ValueError as error:
                raise ConfigError(f"{path}: DECLARATION must be a plain literal") from error
            return _info(path, ast.get_docstring(tree) or path.stem, declared)
    return None


def _info(path: Path, docstring: str, declared: dict[str, Any]) -> MethodInfo:
    if extra := set(declared) - DECLARATION_KEYS:
        raise ConfigError(f"{path}: DECLARATION has unknown keys {sorted(extra)}")
    label, _, equation = docstring.splitlines()[0].partition(": ")
    hparams = {key: Hparam(**values) for key, values in declared.get("hparams", {}).items()}
    rest = {key: value for key, value in declared.items() if key != "hparams"}
    return MethodInfo(path.stem, label, equation.rstrip("."), path, hparams, **rest)


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def _yaml(name: str) -> dict[str, Any]:
    # The C loader is ten times as fast, and every command reads the catalogue.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load((HERE / name).read_text(encoding="utf-8"), loader)
    return loaded
