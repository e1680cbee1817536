"""The methods: the declarations of the files in rise/methods and of custom files."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rise.catalog.declared import Declared, declared_in, read_declared
from rise.errors import ConfigError, unknown
from rise.utils.imported import unpinned

# Term of a loss -> the hyper-parameter that is its weight (of a list the first that is not null),
# null: 1.
TermWeights = dict[str, str | list[str] | None]
KEYS = {"hparams", "teachers", "anchors", "stages", "terms"}


@dataclass(frozen=True)
class Hparam:
    """A hyper-parameter: default and legal range (ends included); some may be null."""

    default: float | None
    low: float = float("-inf")
    high: float = float("inf")

    def fault(self, value: Any) -> str | None:
        """Say what is wrong with a value or list of values; None if nothing is."""
        for one in value if isinstance(value, list) else [value]:
            if one is None and self.default is None:
                continue
            if isinstance(one, bool) or not isinstance(one, int | float):
                return f"is {one!r}, must be a number"
            if not math.isfinite(one):
                return f"is {one}, must be a finite number"
            if not self.low <= one <= self.high:
                return f"is {one}, must lie between {self.low} and {self.high}"
        return "is an empty list" if value == [] else None


@dataclass(frozen=True)
class MethodInfo:
    """The declaration of a method's file.

    teachers: number of image towers it needs, 0 or 1; anchors: true if it needs anchor texts;
    terms: label of each term of its loss -> the hyper-parameter that is its weight (of several the
    first that is not null; None: the weight is 1).
    """

    name: str
    label: str
    equation: str
    path: Path
    hparams: dict[str, Hparam] = field(default_factory=dict)
    teachers: int = 0
    anchors: bool = False
    stages: int = 1
    terms: TermWeights = field(default_factory=dict)


@functools.cache
def methods() -> dict[str, MethodInfo]:
    """Read the suite's methods by name."""
    return {name: _info(one) for name, one in declared_in("methods").items()}


def method(name: str, file: str | None = None) -> MethodInfo:
    """Return a method of the suite, or the declaration of a custom file.

    Raises:
        ConfigError: no such method, or the file does not define one.
    """
    if file is None:
        if name not in methods():
            raise ConfigError(f"{unknown('method', name, methods())}; or give the path of a file")
        return methods()[name]
    path = Path(file)
    if path.stem in methods() or not path.stem.isidentifier():
        raise ConfigError(
            f"{path}: rename the file: its name becomes the method's, so it may have only letters, "
            "digits and _, and must not be that of a built-in method"
        )
    try:
        return _custom(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


@functools.lru_cache
def _custom(path: Path, changed: int) -> MethodInfo:
    """Read a custom file; cached until it changes."""
    try:
        found = read_declared(path)
        if found is None or not found.has_class:
            lacks = "DECLARATION" if found is None else "subclass of Method"
            raise ConfigError(f"{path}: has no {lacks}; see CONTRIBUTING.md, Add a method")
        if fault := unpinned(path):
            raise ConfigError(fault)
        return _info(found)
    except SyntaxError as error:
        raise ConfigError(
            f"{path}: line {error.lineno} is not valid Python ({error.msg})"
        ) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path}: DECLARATION is invalid ({error}); see CONTRIBUTING.md, Add a method"
        ) from error


def _info(found: Declared) -> MethodInfo:
    if extra := set(found.values) - KEYS:
        raise ConfigError(
            f"{found.path}: DECLARATION has unknown keys {sorted(extra)}; take them out"
        )
    if fault := _fault(found.values):
        raise ConfigError(f"{found.path}: DECLARATION {fault}; see CONTRIBUTING.md, Add a method")
    hparams = {key: Hparam(**values) for key, values in found.values.get("hparams", {}).items()}
    for key, one in hparams.items():
        if fault := one.fault(one.default):
            raise ConfigError(f"{found.path}: DECLARATION has a default of {key} that {fault}")
    named = {
        one
        for given in found.values.get("terms", {}).values()
        for one in (given if isinstance(given, list) else [given])
    }
    if extra := named - {None} - set(hparams):
        raise ConfigError(
            f"{found.path}: DECLARATION has terms with undeclared hparams {sorted(extra)}"
        )
    rest = {key: value for key, value in found.values.items() if key != "hparams"}
    return MethodInfo(found.name, found.label, found.text, found.path, hparams, **rest)


def _fault(values: Mapping[str, Any]) -> str | None:
    """Say which number or switch of a declaration cannot be had; None if all can."""
    teachers, anchors, stages = (values.get(key) for key in ("teachers", "anchors", "stages"))
    if "teachers" in values and (type(teachers) is not int or teachers not in (0, 1)):
        return f"has teachers {teachers!r}, but a variant has one teacher: write 1, or 0 for none"
    if "anchors" in values and type(anchors) is not bool:
        return f"has anchors {anchors!r}: write True or False"
    if "stages" in values and (type(stages) is not int or stages < 1):
        return f"has stages {stages!r}: write a whole number from 1"
    return None
