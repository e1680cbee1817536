"""The code that computes a unit's result, as the modules from which its digest starts.

Protocol, view policy, student, average and control arm are files that are found by name, and so is
a method (its digest is kept beside its name). A new file therefore re-runs nothing, and a changed
one only the units that use it.
"""

from pathlib import Path

from rise.experiment.identity import Identity
from rise.utils.code_digest import code_digest, file_code_digest


def training_entries(identity: Identity, student_module: str) -> list[str]:
    """List the modules from which a unit's training starts; whatever they import counts too."""
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
    """Digest the code that trains and scores a unit, except for its method."""
    return code_digest(*training_entries(identity, student_module))


def method_code(name: str, file: str | None) -> str:
    """Digest a method's file and what it imports: a changed loss counts for its methods only."""
    return code_digest(f"rise.methods.{name}") if file is None else file_code_digest(Path(file))
