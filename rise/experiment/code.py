"""The code that computes a unit's result: which modules a digest starts from.

Protocol, view policy, student, averaging and control arm are files that are found by name, and a
method is one too (its digest stands beside its name): a new one re-runs nothing, and a changed one
re-runs the units that use it.
"""

from pathlib import Path

from rise.experiment.identity import Identity
from rise.utils.code_digest import code_digest, file_code_digest


def training_entries(identity: Identity, student_module: str) -> list[str]:
    """Name the modules that a unit's training starts from; all that they import counts too."""
    average = identity.recipe.average
    return [
        "rise.training.unit",
        "rise.utils.determinism",
        f"rise.datasets.protocols.{identity.protocol}",
        f"rise.views.{identity.views.policy}",
        student_module,
        *(["rise.training.online"] if identity.teacher_mode == "online" else []),
        *([f"rise.averages.{average}"] if average != "none" else []),
        *(["rise.teachers.arms"] if identity.text.arm is not True else []),
    ]


def training_code(identity: Identity, student_module: str) -> str:
    """Digest the code that trains and scores a unit, but for its method."""
    return code_digest(*training_entries(identity, student_module))


def method_code(name: str, file: str | None) -> str:
    """Digest a method's file and what it imports: a changed loss counts where it is used."""
    return code_digest(f"rise.methods.{name}") if file is None else file_code_digest(Path(file))
