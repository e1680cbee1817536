"""Trunks by name for tests: what planning resolves, and training builds."""

from pathlib import Path
from typing import Any

from rise.catalog.start_weights import resolve_weights, start_identity
from rise.catalog.students import student
from rise.experiment.identity import StudentIdentity
from rise.experiment.job import StudentSource
from rise.students._build import make_trunk
from rise.students._trunk import Trunk


def source_of(name: str, start: str = "scratch") -> StudentSource:
    """Where a student's network comes from."""
    info = student(name)
    weights = resolve_weights(name, start)
    return StudentSource(module=info.module, timm=info.timm, weights=weights)


def trunk(
    name: str,
    start: str = "scratch",
    seed: int = 0,
    precision: str = "float32",
    file: Path | None = None,
    **changes: Any,
) -> Trunk:
    """A trunk of a student, from its own weights, from a file or from the seed."""
    begin = str(file) if file else start
    identity = StudentIdentity(
        name=name,
        network=student(name).network,
        start=start_identity(name, begin),
        image_size=student(name).image_size,
        **{"normalise": "student", "freeze_bn": False, **changes},
    )
    return make_trunk(source_of(name, begin), identity, seed, precision)
