"""Look up datasets, teachers, students and methods by name, without torch."""

import functools
from pathlib import Path

import yaml

from rise.catalog.custom_dataset import read_custom
from rise.catalog.custom_teacher import has_teacher_suffix, read_teacher_file
from rise.catalog.methods import MethodInfo, method, methods
from rise.catalog.schema import Dataset, Teacher
from rise.catalog.students import StudentInfo, student, students
from rise.errors import ConfigError, unknown
from rise.utils.io import JsonObject

__all__ = [
    "MethodInfo",
    "StudentInfo",
    "as_argument",
    "dataset",
    "datasets",
    "folder_named",
    "method",
    "methods",
    "student",
    "students",
    "teacher",
    "teachers",
]
HERE = Path(__file__).parent


@functools.cache
def datasets() -> dict[str, Dataset]:
    """Read the dataset catalog: name -> entry of rise/catalog/datasets/*.yaml."""
    return {
        name: Dataset.model_validate(entry)
        for path in sorted((HERE / "datasets").glob("*.yaml"))
        for name, entry in _yaml(path).items()
    }


@functools.cache
def dataset(name: str, folder: str | None = None) -> Dataset:
    """Return a dataset of the catalog, or the description of a custom folder of images.

    Raises:
        ConfigError: no such dataset.
        DataError: the folder is not a custom dataset.
    """
    if folder is not None:
        return read_custom(Path(folder))
    if name not in datasets():
        raise ConfigError(unknown("dataset", name, datasets()))
    return datasets()[name]


def folder_named(given: str) -> str | None:
    """Return the folder that a DATASET of the command line names; None for one of the catalog.

    A name of the catalog goes first: a folder that has one is written ./NAME.
    """
    return given if given not in datasets() and Path(given).is_dir() else None


def as_argument(folder: str) -> str:
    """Write a folder as the command line takes it for one: pacs as ./pacs."""
    return f"./{folder}" if folder in datasets() or folder.startswith("-") else folder


@functools.cache
def teachers() -> dict[str, Teacher]:
    """Read the teachers: name -> entry of rise/catalog/teachers.yaml."""
    entries = _yaml(HERE / "teachers.yaml")
    return {name: Teacher(name=name, published=True, **entry) for name, entry in entries.items()}


def teacher(given: str) -> Teacher:
    """Return a teacher of the catalog, or a custom file of weights or class texts by its path.

    Raises:
        ConfigError: no such teacher.
        DataError: there is no file at the path, or nothing says which network its weights are of.
    """
    if given in teachers():
        return teachers()[given]
    if has_teacher_suffix(given):
        known = {entry.sha256: entry.architecture for entry in teachers().values()}
        return read_teacher_file(given, known)
    raise ConfigError(f"{unknown('teacher', given, teachers())}; or give the path of a file")


def _yaml(path: Path) -> dict[str, JsonObject]:
    # The C loader is ten times as fast, and every command reads the catalog.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, JsonObject] = yaml.load(path.read_text(encoding="utf-8"), loader)
    return loaded
