"""Derive the units of an experiment and the job of a unit: everything is resolved here, once.

Neither data nor torch are needed: an identity does not depend on what is on this disk.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rise.catalog import lookup
from rise.catalog.start_weights import resolve_weights
from rise.config.load import Experiment
from rise.experiment.code import training_code
from rise.experiment.identity import DeviceIdentity, Identity, Views
from rise.experiment.job import Job, MethodSource, PreSpecified, StudentSource
from rise.experiment.key import UnitKey
from rise.experiment.paths import (
    cache_path,
    decoded_path,
    texts_path,
    unit_folder,
    zero_shot_path,
)
from rise.planning.identities import (
    dataset_identity,
    method_identity,
    settings,
    student_identity,
    teacher_identity,
    text_identity,
    texts_on,
    tower_identity,
)
from rise.results.expected import held_out_groups


@dataclass(frozen=True)
class Unit(UnitKey):
    """A unit of an experiment, with everything that defines its result."""

    experiment: str
    identity: Identity

    @property
    def folder(self) -> Path:
        """The folder of its record."""
        return unit_folder(self.experiment, self.key)

    @cached_property
    def digest(self) -> str:
        """sha256 over the canonical JSON of its identity."""
        return self.identity.digest


def units(experiment: Experiment) -> list[Unit]:
    """List all units of an experiment, in declared order."""
    return list(_units(experiment))


def _units(experiment: Experiment) -> Iterator[Unit]:
    for dataset, choice in experiment.datasets.items():
        for variant, method in itertools.product(experiment.variants, experiment.methods):
            groups = held_out_groups(dataset, choice)
            shared = _identity(experiment, dataset, variant, method)
            for domains, seed in itertools.product(groups, experiment.seed_list):
                identity = shared.model_copy(update={"held_out": list(domains), "seed": seed})
                yield Unit(dataset, variant, method, domains, seed, experiment.name, identity)


def _identity(experiment: Experiment, dataset: str, variant_name: str, method: str) -> Identity:
    """Build the shared identity of a method's units; held-out domains and seed stay empty."""
    variant = experiment.variant_on(dataset, variant_name)
    choice = experiment.method_on(dataset, method)
    folder = experiment.datasets[dataset].folder
    identity = Identity(
        dataset=dataset_identity(dataset, folder),
        teacher=teacher_identity(variant.teacher),
        tower=tower_identity(variant),
        text=text_identity(lookup.dataset(dataset, folder), variant),
        teacher_mode=variant.teacher_mode,
        protocol=variant.protocol,
        method=method_identity(method, choice.file),
        settings=settings(variant, method, choice),
        recipe=variant.recipe.fixed,
        views=Views(policy=variant.views.policy, count=variant.views.count),
        student=student_identity(variant),
        device=DeviceIdentity(
            kind=experiment.device, precision=experiment.precision, threads=experiment.threads
        ),
        code="",
        held_out=[],
        seed=0,
    )
    code = training_code(identity, lookup.student(variant.student).module)
    return identity.model_copy(update={"code": code})


def job_of(unit: Unit, experiment: Experiment, manifest: str | None = None) -> Job:
    """Resolve everything needed to make a unit; manifest: digest of the dataset's files."""
    identity = unit.identity
    variant = experiment.variant_on(unit.dataset, unit.variant)
    entry = lookup.dataset(unit.dataset, experiment.datasets[unit.dataset].folder)
    file = experiment.methods[unit.method].file
    method, student = lookup.method(unit.method, file), lookup.student(variant.student)
    return Job(
        experiment=unit.experiment,
        key=unit.key,
        dataset=unit.dataset,
        folder=experiment.datasets[unit.dataset].folder,
        digest=unit.digest,
        identity=identity,
        pre_specified=pre_specified(experiment),
        method=MethodSource(
            file=file, teachers=method.teachers, anchors=method.anchors, stages=method.stages
        ),
        student=StudentSource(
            module=student.module,
            timm=student.timm,
            weights=resolve_weights(variant.student, variant.start),
        ),
        teacher=lookup.teacher(variant.teacher).source,
        prompts=texts_on(entry, variant),
        workers=experiment.workers,
        manifest=manifest,
        decoded=decoded_path(identity.dataset, manifest),
        texts=texts_path(identity),
        cache=cache_path(identity, manifest),
        zero_shot=zero_shot_path(unit.experiment, identity, manifest),
    )


def pre_specified(experiment: Experiment) -> PreSpecified:
    """Return what an experiment fixes before there are results."""
    return PreSpecified(
        contrasts=experiment.contrasts,
        decision=experiment.decision.model_dump(),
        seeds=experiment.seed_list,
        variants=list(experiment.variants),
        held_out={name: choice.held_out for name, choice in experiment.datasets.items()},
    )
