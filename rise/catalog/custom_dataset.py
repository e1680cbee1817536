"""A custom dataset: a folder `<domain>/<class>/<file>` with an optional `dataset.yaml`."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rise.catalog.data_dir import visible
from rise.catalog.protocols import protocols
from rise.catalog.schema import Dataset
from rise.errors import ConfigError, DataError, unknown
from rise.utils.io import JsonObject
from rise.utils.read_yaml import read_yaml

OPTIONAL = "dataset.yaml"
KEYS = (
    "title",
    "revision",
    "domains",
    "classes",
    "templates",
    "licence",
    "bibtex",
    "citation",
    "notes",
    "defects",
)


def read_custom(folder: Path) -> Dataset:
    """Describe a folder in the form of a catalog entry, with `folder` set.

    Domains and classes come from the listing, in ASCII order; hidden files do not count. A class
    may be missing in a domain. `dataset.yaml` may give title, domains ({name: {style}}), classes
    ({folder: phrase}), templates, licence and bibtex or citation; missing phrases are made from the
    folders' names, with blanks for underscores.

    Raises:
        DataError: fewer than two domains or classes, an unusable name, or a fault in dataset.yaml.
    """
    if not folder.is_dir():
        raise DataError(
            f"{folder}: no such folder; give one with the layout <domain>/<class>/<file>"
        )
    domains = [path.name for path in visible(folder) if path.is_dir()]
    classes = sorted(
        {path.name for domain in domains for path in visible(folder / domain) if path.is_dir()}
    )
    for what, found in (("domain", domains), ("class", classes)):
        if len(found) < 2:
            raise DataError(
                f"{folder}: has {len(found)} {what} folders but needs at least two; use the layout "
                "<domain>/<class>/<file>"
            )
    for name in (*domains, *classes):
        if not name.isprintable():
            raise DataError(
                f"{folder}: {name!r} contains an unprintable character; rename the folder"
            )
    given = _read(folder / OPTIONAL)
    entry = {
        "revision": 1,
        "title": folder.resolve().name,
        "templates": ["a photo of a {}."],
        "licence": "not stated",
        **given,
        "domains": _domains(folder, domains, given.get("domains") or {}),
        "classes": _classes(folder, classes, given.get("classes") or {}),
        "protocols": [name for name, one in protocols().items() if not one.identities],
        "folder": str(folder),
    }
    try:
        return Dataset.model_validate(entry)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise DataError(f"{folder / OPTIONAL}: {where}: {fault['msg']}") from error


def _read(path: Path) -> JsonObject:
    if not path.exists():
        return {}
    try:
        given = read_yaml(path)
    except ConfigError as error:
        raise DataError(str(error)) from error
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise DataError(f"{path}: must consist of keys and values, such as title: My data")
    for key in given:
        if key not in KEYS:
            raise DataError(f"{path}: {unknown('key', str(key), KEYS)}")
    return given


def _domains(folder: Path, found: list[str], given: Any) -> JsonObject:
    named = _named(folder, "domain", found, given)
    return {name: named.get(name) or {"style": name.replace("_", " ")} for name in found}


def _classes(folder: Path, found: list[str], given: Any) -> JsonObject:
    named = _named(folder, "class", found, given)
    return {name: named.get(name) or name.replace("_", " ") for name in found}


def _named(folder: Path, what: str, found: list[str], given: Any) -> JsonObject:
    """Read the names of domains or classes in dataset.yaml."""
    path = folder / OPTIONAL
    if not isinstance(given, dict):
        raise DataError(f"{path}: write the {what} names as keys with values")
    for name in given:
        if "/" in name:
            raise DataError(
                f"{path}: {what} {name!r} contains a slash; give the folder's name alone"
            )
        if name not in found:
            raise DataError(f"{path}: {unknown(f'{what} folder', name, found)}")
    for name, value in given.items():
        if isinstance(value, bool | int | float):
            raise DataError(f"{path}: {what} {name!r}: {value} is no text; write it in quotes")
    return dict(given)
