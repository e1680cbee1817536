"""The fully resolved recipe of one unit: every value with its source."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from rise.catalog import lookup
from rise.config.grid import groups
from rise.config.load import Experiment
from rise.errors import ConfigError
from rise.experiment.identity import Identity
from rise.experiment.key import find, held_out_text
from rise.planning.units import Unit, units
from rise.utils.text_grid import text_grid

DEFAULT = "default (rise/config/schema.py)"
Line = tuple[str, Any, str]


def explained(experiment: Experiment, key: str, file: Path) -> str:
    """Tabulate names, values and sources.

    Args:
        experiment: the experiment of the unit.
        key: DATASET/VARIANT/METHOD/HELD_OUT/seedK.
        file: the file of the experiment.

    Raises:
        ConfigError: no such unit.
    """
    try:
        unit = find(units(experiment), key)[0]
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from error
    rows = [(name, _text(value), source) for name, value, source in _rows(experiment, unit)]
    rows = [(name, value, str(file) if source == "" else source) for name, value, source in rows]
    own = experiment.methods[unit.method].file
    equation = lookup.method(unit.method, own).equation
    return "\n".join([unit.name, f"digest {unit.digest}", f"loss {equation}", "", text_grid(rows)])


def _rows(experiment: Experiment, unit: Unit) -> Iterator[Line]:
    """Yield names, values and sources; an empty source is the experiment's file."""
    variant = experiment.variant_on(unit.dataset, unit.variant)
    choice = experiment.method_on(unit.dataset, unit.method)
    method = lookup.method(unit.method, choice.file)
    entry = lookup.dataset(unit.dataset, experiment.datasets[unit.dataset].folder)
    where = entry.folder or "catalog (rise/catalog/datasets)"
    identity = unit.identity
    yield "dataset", f"{unit.dataset}, revision {identity.dataset.revision}", where
    yield "held out", held_out_text(unit.held_out), ""
    yield "sources", [name for name in entry.domains if name not in unit.held_out], where
    yield "seed", unit.seed, ""
    yield "method", method.label, choice.file or f"rise/methods/{unit.method}.py"
    yield from _settings(unit, set().union(*groups(choice.hparams)), method.hparams, variant.recipe)
    yield from _fields("", variant, {"recipe", "views"}, identity)
    yield from _fields("views.", variant.views, set(), identity)
    yield from _fields("recipe.", variant.recipe, {"lr", "weight_decay"}, identity)
    teacher = lookup.teacher(variant.teacher)
    yield (
        "teacher's sha256",
        teacher.sha256,
        "the teacher's file" if teacher.url is None else "catalog",
    )
    if teacher.architecture and not teacher.published:
        said = teacher.architecture
        heads = f"heads {said.image_heads} (images), {said.text_heads} (texts)"
        yield "teacher's architecture", f"{said.activation}, {heads}", "the file beside it"
    yield "student's network", identity.student.network, "rise/students"
    yield "student's start", identity.student.start, "catalog, or digest of the file"
    for key in ("device", "precision", "threads"):
        yield key, getattr(experiment, key), _said(experiment, key)


def _settings(unit: Unit, given: set[str], known: Any, recipe: BaseModel) -> Iterator[Line]:
    """Yield the values that the trials use, by name; a single value if all trials share it."""
    settings = unit.identity.settings
    for key in settings[0]:
        values = [one[key] for one in settings]
        source = f"declared by {unit.method}" if key in known else _said(recipe, key)
        yield key, values[0] if len(set(values)) == 1 else values, "" if key in given else source


def _fields(before: str, part: BaseModel, skipped: set[str], identity: Identity) -> Iterator[Line]:
    for key in type(part).model_fields:
        if key in skipped:
            continue
        value = getattr(part, key)
        if key == "image_size" and value is None:
            yield (
                before + key,
                identity.student.image_size,
                "the student's own (rise/students)",
            )
        else:
            yield before + key, value, _said(part, key)


def _said(part: BaseModel, key: str) -> str:
    return "" if key in part.model_fields_set else DEFAULT


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    # As a YAML file spells them.
    return (
        str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)
    )
