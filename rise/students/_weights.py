"""A student's starting weights: read from their file, checked, and put into a trunk."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from rise.errors import DataError
from rise.experiment.job import Weights
from rise.students._trunk import Trunk
from rise.utils.io import checked_file

PREFIX = "trunk."


def load_weights(trunk: Trunk, weights: Weights) -> None:
    """Read starting weights and put them into a trunk.

    Args:
        trunk: of the student.
        weights: the file and its sha256.

    Raises:
        DataError: the file is missing, not the one asked for, or does not fit.
    """
    path = Path(weights.file)
    checked_file(path, weights.sha256, weights.advice)
    state = read_state(path)
    if weights.by_order:
        state = trunk.by_order(state, path)
    load_network(trunk, state, path)


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict: safetensors, or torch's format with tensors only.

    Raises:
        DataError: it has neither format, or holds anything but named tensors.
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


def load_network(trunk: Trunk, state: Mapping[str, Tensor], path: Path) -> None:
    """Load a state dict into a trunk, under the network's own names or with "trunk." before them.

    A classifier (timm's, or an exported student's) is left out; everything else must fit.

    Raises:
        DataError: a tensor is missing, left over, of another shape or not finite.
    """
    inner = {k.removeprefix(PREFIX): v for k, v in state.items() if k.startswith(PREFIX)}
    state = inner or state
    expected = trunk.network.state_dict()
    # Old files lack batch norm's counters, which nothing here reads.
    wrong = [
        name
        for name, value in expected.items()
        if not name.endswith("num_batches_tracked")
        and (name not in state or state[name].shape != value.shape)
    ]
    wrong += [name for name in state if name not in expected and not name.startswith(trunk.heads)]
    if wrong:
        advice = _prefix_advice(state, expected) or "give weights of its network"
        raise DataError(
            f"{path}: does not fit the student: {len(wrong)} tensors are missing, left over or of "
            f"another shape, {sorted(wrong)[0]!r} the first; {advice}"
        )
    if odd := [name for name in expected if name in state and not state[name].isfinite().all()]:
        raise DataError(
            f"{path}: its tensor {odd[0]} holds NaN or infinite numbers; give trained weights"
        )
    trunk.network.load_state_dict({k: v for k, v in state.items() if k in expected}, strict=False)


def _prefix_advice(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str | None:
    """Say which prefix hides a network's own names; None if none does."""
    first = next(iter(expected))
    prefixes = [name.removesuffix(first) for name in state if name.endswith(f".{first}")]
    for prefix in prefixes:
        if all(f"{prefix}{name}" in state for name in expected):
            return f"its tensors are named {prefix}{first} and so on: save them without {prefix!r}"
    return None
