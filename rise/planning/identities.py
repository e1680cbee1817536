"""The parts of a unit's identity, each derived from the experiment's settings."""

import shlex
from pathlib import Path

from rise.catalog import lookup
from rise.catalog.data_dir import recorded_manifest
from rise.catalog.prompts import texts_of
from rise.catalog.schema import Dataset
from rise.catalog.start_weights import start_identity
from rise.config.grid import combinations
from rise.config.schema import MethodChoice, Variant
from rise.errors import DataError
from rise.experiment.code import method_code
from rise.experiment.identity import (
    DatasetIdentity,
    MethodIdentity,
    Setting,
    StudentIdentity,
    TeacherIdentity,
    TextIdentity,
    TowerIdentity,
)
from rise.experiment.job import Texts
from rise.utils.code_digest import code_digest
from rise.utils.io import digest


def dataset_identity(dataset: str, folder: str | None = None) -> DatasetIdentity:
    """Name a dataset's content: revision, prompts and the sha256 of its files.

    Args:
        dataset: its name.
        folder: of a custom dataset, whose revision is the digest of its files.

    Raises:
        DataError: a custom dataset was never verified.
    """
    entry = lookup.dataset(dataset, folder)
    styles = {name: domain.style for name, domain in entry.domains.items()}
    revision = entry.revision if folder is None else recorded_manifest(dataset, entry)
    if revision is None:
        given = shlex.quote(lookup.as_argument(str(folder)))
        raise DataError(f"{folder}: was not verified yet; run rise data verify {given}")
    return DatasetIdentity(
        # Of a name of the catalog's an own folder is another set: protocols know PACS by its name.
        name=dataset if folder is None else lookup.as_argument(Path(folder).resolve().name),
        revision=revision,
        files={role: file.sha256 for role, file in entry.files.items()},
        prompts=digest([styles, entry.classes, entry.templates]),
        # How files become pixels; a shipped array has none to decode.
        decoder=None if entry.embedded else code_digest("rise.decoding.decode"),
    )


def teacher_identity(teacher: str) -> TeacherIdentity:
    """Name a teacher by its sha256, and by what its owner declares where the catalog pins none."""
    entry = lookup.teacher(teacher)
    declared = None if entry.published else entry.architecture
    return TeacherIdentity(name=entry.name, sha256=entry.sha256, architecture=declared)


def tower_identity(variant: Variant) -> TowerIdentity:
    """Return the normalisation and number of views of teacher inputs; 1 without augmentation."""
    return TowerIdentity(
        input=variant.teacher_input,
        view=variant.teacher_view,
        policy=variant.views.policy,
        count=1 if variant.teacher_view == "clean" else variant.views.count,
    )


def text_identity(entry: Dataset, variant: Variant) -> TextIdentity:
    """Return the settings of the text side, with a digest of all prompts that they produce."""
    texts = texts_on(entry, variant)
    return TextIdentity(
        prompts=variant.prompts,
        class_names=variant.class_names,
        class_order=variant.class_order,
        average=variant.average,
        anchors=variant.anchors,
        words=digest([texts.class_prompts, texts.anchor_prompts]),
        arm=variant.text,
    )


def texts_on(entry: Dataset, variant: Variant) -> Texts:
    """Spell out a variant's prompts on a dataset."""
    names, order = variant.class_names, variant.class_order
    return texts_of(entry, variant.prompts, names, order, variant.anchors)


def method_identity(name: str, file: str | None) -> MethodIdentity:
    """Name a method by its code: its file, and what that reaches."""
    return MethodIdentity(name=name, code=method_code(name, file))


def student_identity(variant: Variant) -> StudentIdentity:
    """Name a student: network, starting weights, input size and normalisation."""
    info = lookup.student(variant.student)
    return StudentIdentity(
        name=variant.student,
        network=info.network,
        start=start_identity(variant.student, variant.start),
        image_size=variant.image_size or info.image_size,
        normalise=variant.normalise,
        freeze_bn=variant.freeze_bn,
    )


def settings(variant: Variant, method: str, choice: MethodChoice) -> list[dict[str, Setting]]:
    """List the trials of a unit: every combination of the listed values, in declared order.

    Names are the recipe's (`lr`, `weight_decay`) and the method's; no combination is repeated.
    """
    rates = variant.recipe.rates
    return combinations(choice.hparams, lookup.method(method, choice.file).hparams, rates)
