"""Find faults in the parts of an experiment file, one sentence each."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rise.catalog import lookup, start_weights
from rise.catalog.methods import MethodInfo
from rise.catalog.prompts import OWN, prompt_sets, without_place
from rise.catalog.schema import Dataset
from rise.config.grid import RATES, combinations, groups
from rise.config.schema import DatasetChoice, MethodChoice, Variant
from rise.decoding.size import SHORT_SIDE
from rise.errors import ConfigError, RiseError, unknown

OWN_TEXTS = "a file of texts brings its own"
TEXT_SWITCHES = ("prompts", "class_names", "class_order", "average")
IMAGE_SWITCHES = ("teacher_input", "teacher_view", "teacher_mode")


def dataset_faults(name: str, choice: DatasetChoice) -> list[str]:
    """Find unknown datasets and domains, and held-out domains that leave no source."""
    try:
        domains = lookup.dataset(name, choice.folder).domains
    except RiseError as error:
        return [f"datasets: {error}"]
    faults = []
    where = f"datasets.{name}.held_out"
    seen: list[set[str]] = []
    for group in [] if choice.held_out == "all" else choice.held_out:
        together = [group] if isinstance(group, str) else group
        if set(together) in seen:
            faults.append(f"{where}: {group} stands there twice; take one out")
        seen.append(set(together))
        for domain in together:
            if domain not in domains:
                faults.append(f"{where}: {unknown(f'domain of {name}', domain, domains)}")
        if not 0 < len(set(together)) == len(together) < len(domains):
            faults.append(f"{where}: {group} must leave at least one source domain and repeat none")
    return faults


def method_faults(name: str, choice: MethodChoice) -> list[str]:
    """Find unknown or unreadable methods, and unknown or illegal hyper-parameters."""
    if name.endswith(".py"):
        return [
            f"methods: {name}: another method of this experiment has this name; rename the file"
        ]
    if choice.file and Path(choice.file).stem != name:
        return [f"methods.{name}.file: {choice.file} is the method {Path(choice.file).stem}"]
    try:
        hparams = {**lookup.method(name, choice.file).hparams, **RATES}
    except RiseError as error:
        return [f"methods: {error}"]
    faults = []
    where = f"methods.{name}.hparams"
    if choice.hparams == []:
        faults.append(f"{where}: is an empty list")
    for given in groups(choice.hparams):
        for key, value in given.items():
            if key not in hparams:
                what = f"hyper-parameter of {name}"
                faults.append(f"{where}: {unknown(what, key, hparams)}")
            elif fault := hparams[key].fault(value):
                faults.append(f"{where}.{key}: {fault}")
    return faults


def contrast_faults(contrasts: Iterable[tuple[str, str]], methods: Iterable[str]) -> list[str]:
    """Find contrasts of methods that are not in the experiment, and repeated ones."""
    faults = []
    seen: list[set[str]] = []
    for first, second in contrasts:
        for name in (first, second):
            if name not in methods:
                faults.append(f"contrasts: {unknown('method here', name, methods)}")
        if first == second or {first, second} in seen:
            faults.append(f"contrasts: [{first}, {second}] compares nothing new; take it out")
        seen.append({first, second})
    return faults


def known_methods(methods: Mapping[str, MethodChoice]) -> dict[str, MethodInfo]:
    """Look up the declarations of the methods without a fault."""
    return {
        name: lookup.method(name, choice.file)
        for name, choice in methods.items()
        if not method_faults(name, choice)
    }


def budget_fault(name: str, variant: Variant, methods: Mapping[str, MethodChoice]) -> str | None:
    """Say which methods try different numbers of settings in a variant; None if none do.

    The best of many settings is not comparable with the best of few.
    """
    recipe = variant.recipe
    rates = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    counts = {
        method: len(combinations(methods[method].hparams, info.hparams, rates))
        for method, info in known_methods(methods).items()
    }
    if len(set(counts.values())) < 2:
        return None
    each = ", ".join(f"{method} {count}" for method, count in counts.items())
    return (
        f"variants.{name}: methods try different numbers of settings ({each}); give all the same "
        "number, or write budgets: unequal"
    )


def variant_faults(variant: Variant, methods: Mapping[str, MethodChoice]) -> list[str]:
    """Find unknown or incompatible values of a variant, each fault with its key."""
    faults = []
    try:
        lookup.student(variant.student)
        if fault := start_weights.start_fault(variant.student, variant.start):
            faults.append(f"start: {fault}")
    except ConfigError as error:
        faults.append(f"student: {error}")
    recipe = variant.recipe
    if recipe.evaluate_every > recipe.epochs:
        faults.append(
            f"recipe.evaluate_every: {recipe.evaluate_every} is more than the {recipe.epochs} "
            "epochs, so nothing would be evaluated; give at most that many"
        )
    # A file of texts brings these along or has no use for them; each has a default.
    switches = [*TEXT_SWITCHES, *IMAGE_SWITCHES]
    changed = [key for key in switches if getattr(variant, key) != default(key)]
    faults += teacher_faults(variant.teacher, known_methods(methods).values(), changed)
    return faults + prompt_faults(variant.prompts)


def size_faults(name: str, variant: Variant, entries: Mapping[str, Dataset]) -> list[str]:
    """Find inputs larger than photographs are decoded: they would be made larger without a word."""
    photos = [dataset for dataset, entry in entries.items() if not entry.embedded]
    sizes: dict[str, int | None] = {"image_size": variant.image_size}
    with contextlib.suppress(RiseError):  # said elsewhere
        sizes["image_size"] = variant.image_size or lookup.student(variant.student).image_size
        sizes["teacher"] = lookup.teacher(variant.teacher).image_size
    return [
        f"variants.{name}.{key}: {size} px inputs, but photographs ({', '.join(photos)}) are "
        f"decoded at a short side of {SHORT_SIDE}; use inputs of at most that size"
        for key, size in sizes.items()
        if photos and size and size > SHORT_SIDE
    ]


def default(key: str) -> Any:
    """Return the default of a key of variants."""
    return Variant.model_fields[key].default


def teacher_faults(given: str, methods: Iterable[MethodInfo], changed: Iterable[str]) -> list[str]:
    """Find faults of a teacher: missing, or without the image tower or anchors that are needed.

    Args:
        given: name or path.
        methods: the methods of the experiment.
        changed: switches of prompts and images that differ from their default.

    Returns:
        Faults, each with the key of the variant that it belongs to.
    """
    try:
        teacher = lookup.teacher(given)
    except RiseError as error:
        return [f"teacher: {error}"]
    if not teacher.text_only:
        return []
    faults = []
    for method in methods:
        lacks = "image tower" if method.teachers else "anchors"
        if method.teachers or (method.anchors and not teacher.has_anchors):
            faults.append(
                f"teacher: {teacher.file} has no {lacks}, which {method.name} needs; give another "
                f"teacher or take {method.name} out"
            )
    for key in changed:
        why = "a file of texts sees no images" if key in IMAGE_SWITCHES else OWN_TEXTS
        faults.append(f"{key}: {why}; take this key out")
    return faults


def order_faults(variants: Mapping[str, Variant], entries: Mapping[str, Dataset]) -> list[str]:
    """Find datasets without the released order of classes that a variant asks for."""
    lacking = [name for name, entry in entries.items() if not entry.released_order]
    return [
        f"variants.{name}.class_order: RISE's released code has no order for "
        f"{', '.join(lacking)}; write own, or take these datasets out"
        for name, variant in variants.items()
        if variant.class_order == "released" and lacking
    ]


def prompt_faults(prompts: str | list[str]) -> list[str]:
    """Find unknown sets of prompts, empty lists, and templates without a place for the class."""
    if isinstance(prompts, str):
        sets = [OWN, *prompt_sets()]
        return [] if prompts in sets else [f"prompts: {unknown('set of prompts', prompts, sets)}"]
    if not prompts:
        return ["prompts: is an empty list; give at least one template"]
    bad = without_place(prompts)
    return (
        []
        if bad is None
        else [f"prompts: template {bad!r} must contain {{}} exactly once, for the class"]
    )
