"""Student trunks: networks that turn images into pooled features, and their starting weights."""

import pickle
from pathlib import Path

import torch
from torch import Tensor

from rise.catalog import lookup, start_weights
from rise.errors import DataError
from rise.students.photo import TimmTrunk, by_order, load_body
from rise.students.tiny import TinyResNet
from rise.students.trunk import Trunk
from rise.utils.rng import global_stream
from rise.views.normalization import IMAGENET

__all__ = ["TinyResNet", "Trunk", "make_trunk", "read_state"]


def make_trunk(
    name: str,
    start: str,
    seed: int,
    *,
    file: Path | None = None,
    normalise: str = "student",
    freeze_bn: bool = False,
    precision: str = "float32",
) -> Trunk:
    """Build a student's trunk.

    Args:
        name: a student of the catalogue, or timm:NAME.
        start: "scratch" (drawn from the seed) or what names the starting weights, as
            `weights.start_identity` gives it.
        seed: of the unit; unused with starting weights.
        file: the weights, where they are not the student's own.
        normalise: images by the mean and std of the "student", or of "imagenet" (as released for
            every student: OoDBag/RISE, data_helper.py 111).
        freeze_bn: see Trunk.
        precision: "float32", or "bfloat16" (autocast).

    Raises:
        DataError: the weights' file is missing, not the one asked for, or does not fit.
        ConfigError: timm knows no such network.
    """
    entry = lookup.student(name)
    tag = entry.get("timm")
    if tag:
        import timm  # noqa: F401  outside of the stream: importing may draw numbers
    with global_stream("trunk", name, seed):
        trunk = TimmTrunk(tag) if tag else TinyResNet()
    if start != "scratch":
        path = start_weights.checked(name, start, file)
        state = read_state(path)
        if tag and "package" in entry and file is None:
            state = by_order(tag, state, path)
        load_body(trunk, tag, state, path)
    if normalise == "imagenet":
        trunk.normalise_by(*IMAGENET)
    trunk.freeze_bn, trunk.autocast = freeze_bn, precision == "bfloat16"
    return trunk


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict: safetensors, or torch's format with tensors only.

    Raises:
        DataError: neither, or it holds anything but tensors by name.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        # weights_only: a file from elsewhere must not be able to run code.
        state = torch.load(path, map_location="cpu", weights_only=True)
        if isinstance(state, dict) and all(isinstance(v, Tensor) for v in state.values()):
            return dict(state)
    except (SafetensorError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError):
        pass
    raise DataError(
        f"{path}: is no state dict that holds tensors only; write one with "
        "torch.save(model.state_dict(), FILE)"
    )
