"""Build the student's trunk that a job names: a module of this folder, and timm's tag if any."""

import importlib
from collections.abc import Callable

from rise.experiment.identity import StudentIdentity
from rise.experiment.job import StudentSource
from rise.students._trunk import Trunk
from rise.students._weights import load_weights
from rise.utils.torch_rng import global_stream
from rise.views._normalization import IMAGENET


def make_trunk(
    source: StudentSource, student: StudentIdentity, seed: int, precision: str = "float32"
) -> Trunk:
    """Build a student's trunk; its first weights come from its file, or else from name and seed.

    Args:
        source: module, timm's tag and starting weights (None: drawn from the seed).
        student: name, normalisation, frozen batch norm; "imagenet" normalises images as released
            for every student (OoDBag/RISE, data_helper.py 111).
        seed: of the unit; not used with starting weights.
        precision: "float32", or "bfloat16" (autocast).

    Raises:
        DataError: the file of weights is missing, not the one asked for, or does not fit.
        ConfigError: timm has no such network.
    """
    kind = _network(source.module)
    if source.timm:
        import timm  # noqa: F401  outside of the stream: importing may draw numbers
    with global_stream("trunk", student.name, seed):
        trunk = kind(*([source.timm] if source.timm else []))
    if source.weights is not None:
        load_weights(trunk, source.weights)
    if student.normalise == "imagenet":
        trunk.normalise_by(*IMAGENET)
    trunk.freeze_bn, trunk.autocast = student.freeze_bn, precision == "bfloat16"
    return trunk


def _network(module: str) -> Callable[..., Trunk]:
    """Load the one subclass of Trunk that a student's module defines."""
    loaded = importlib.import_module(module)
    found: Callable[..., Trunk] = next(
        value
        for value in vars(loaded).values()
        if isinstance(value, type) and issubclass(value, Trunk) and value.__module__ == module
    )
    return found
