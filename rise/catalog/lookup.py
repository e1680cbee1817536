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

from rise.catalog.custom_dataset import read_own
from rise.catalog.custom_teacher import is_file, read_file
from rise.catalog.schema import Dataset, Teacher
from rise.errors import ConfigError, unknown

HERE = Path(__file__).parent
DECLARATION_KEYS = {"hparams", "terms", "teachers", "anchors", "stages"}
# Term of a loss -> the hyper-parameter that is its weight (of a list the first that is not null),
# null: 1.
Terms = dict[str, str | list[str] | None]


@dataclass(frozen=True)
class Hparam:
    """A hyper-parameter: default and legal range (ends included); some may be null."""

    default: float | None
    low: float = float("-inf")
    high: float = float("inf")

    def fault(self, value: Any) -> str | None:
        """What is wrong with a given value or list of values, or None."""
        for one in value if isinstance(value, list) else [value]:
            if one is None and self.default is None:
                continue
            if isinstance(one, bool) or not isinstance(one, int | float):
                return f"is {one!r}, must be a number"
            if not self.low <= one <= self.high:
                return f"is {one}, must lie between {self.low} and {self.high}"
        return "is an empty list" if value == [] else None


@dataclass(frozen=True)
class MethodInfo:
    """What a method's file declares.

    terms: those of its loss, with their weights; teachers: how many image towers it needs;
    anchors: whether it needs anchor texts.
    """

    name: str
    label: str
    equation: str
    path: Path
    hparams: dict[str, Hparam] = field(default_factory=dict)
    terms: Terms = field(default_factory=dict)
    teachers: int = 0
    anchors: bool = False
    stages: int = 1


@functools.cache
def datasets() -> dict[str, Dataset]:
    """The dataset catalogue: name -> entry of rise/catalog/datasets/*.yaml."""
    files = sorted((HERE / "datasets").glob("*.yaml"))
    return {
        name: Dataset.model_validate(entry)
        for path in files
        for name, entry in _yaml(f"datasets/{path.name}").items()
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
def teachers() -> dict[str, Teacher]:
    """The teachers: name -> entry of rise/catalog/teachers.yaml."""
    entries = _yaml("teachers.yaml")
    return {name: Teacher(name=name, **entry) for name, entry in entries.items()}


def teacher(given: str) -> Teacher:
    """A teacher of the catalogue, or a user's own file of weights or class texts by its path.

    Raises:
        ConfigError: no such teacher.
        DataError: the path leads to no file.
    """
    if given in teachers():
        return teachers()[given]
    if is_file(given):
        return read_file(given)
    raise ConfigError(f"{unknown('teacher', given, teachers())}; or give a file's path")


@functools.cache
def students() -> dict[str, dict[str, Any]]:
    """The students: name -> entry of rise/catalog/students.yaml."""
    return _yaml("students.yaml")


def student(name: str) -> dict[str, Any]:
    """A student's entry; timm:NAME is any network of timm, at 224 px."""
    kind, _, tag = name.partition(":")
    entry: dict[str, Any] = {"timm": tag, "image_size": 224} if kind == "timm" else students()[name]
    return entry


@functools.cache
def methods() -> dict[str, MethodInfo]:
    """The methods: name (of the file in rise/methods) -> what it declares."""
    files = sorted((HERE.parent / "methods").glob("[!_]*.py"))
    return {path.stem: info for path in files if (info := read_method(path))}


def method(name: str, file: str | None = None) -> MethodInfo:
    """A method of the suite, or what a user's own file declares.

    Raises:
        ConfigError: no such method, or the file is none of a method.
    """
    if file is None:
        if name not in methods():
            raise ConfigError(f"{unknown('method', name, methods())}; or give a file's path")
        return methods()[name]
    path = Path(file)
    if path.stem in methods() or not path.stem.isidentifier():
        raise ConfigError(
            f"{path}: rename the file: its name is the method's, letters, digits and _ only, and "
            "none that the suite has"
        )
    try:
        return _own_method(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


@functools.lru_cache
def _own_method(path: Path, changed: int) -> MethodInfo:
    """Read a user's own file, once as long as it is not changed."""
    try:
        info = read_method(path)
        classes = [node for node in ast.parse(path.read_bytes()).body if type(node) is ast.ClassDef]
    except SyntaxError as error:
        raise ConfigError(f"{path}: line {error.lineno} is no Python ({error.msg})") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: DECLARATION is not as in CONTRIBUTING.md ({error})") from error
    if info is None or not classes:
        lacks = "DECLARATION" if info is None else "subclass of Method"
        raise ConfigError(f"{path}: has no {lacks}; see CONTRIBUTING.md, Add a method")
    return info


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
    weights = declared.get("terms", {}).values()
    named = {one for given in weights for one in (given if isinstance(given, list) else [given])}
    if extra := named - {None} - set(hparams):
        raise ConfigError(f"{path}: DECLARATION weighs terms by unknown hparams {sorted(extra)}")
    rest = {key: value for key, value in declared.items() if key != "hparams"}
    return MethodInfo(path.stem, label, equation.rstrip("."), path, hparams, **rest)


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def _yaml(name: str) -> dict[str, Any]:
    # The C loader is ten times as fast, and every command reads the catalogue.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load((HERE / name).read_text(encoding="utf-8"), loader)
    return loaded
