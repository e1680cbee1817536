"""Read a teacher's checkpoint: tensors only, and never a line of its code."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from rise.errors import DataError
from rise.utils.io import file_digest

# Every CLIP has it, and nothing else ends so.
LANDMARK = "text_projection"


def load_checkpoint(path: Path, sha256: str, published: bool = False) -> dict[str, Tensor]:
    """Read a state dict: tensors only, on the CPU, from safetensors, a `.pt` or a TorchScript file.

    Args:
        path: `.safetensors`, or what torch.load(weights_only=True) reads.
        sha256: the 64 hex digits expected, checked before anything is parsed.
        published: whether the catalog pins the sha256. Loading a TorchScript archive, as OpenAI's
            files are, runs the code in it, so that no other one is loaded.

    Raises:
        DataError: the file is missing, damaged, not the one expected, or holds more than tensors.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing: fetch or restore the file")
    if (found := file_digest(path)) != sha256:
        raise DataError(f"{path} has sha256 {found}, expected {sha256}: fetch or restore the file")
    try:
        state = _read(path, published)
    except DataError:
        raise
    except UnpicklingError as error:
        if "global" not in str(error).lower():
            raise DataError(f"{path} can't be read as weights: fetch or restore it") from error
        raise DataError(
            f"{path} holds pickled code, which is never run: save the model's state dict alone"
        ) from error
    except Exception as error:  # Each reader has its own exceptions for a damaged file.
        raise DataError(f"{path} can't be read as weights: fetch or restore the file") from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise DataError(f"{path} holds more than named tensors: {_alone(state)}")
    return state


def naming_fault(names: Iterable[str]) -> str | None:
    """Say how the names of tensors differ from a CLIP's, where it is a known way; None if not."""
    names = list(names)
    if any(name.startswith(("text_model.", "vision_model.")) for name in names):
        return (
            "its tensors are named as transformers names them; give the same weights as OpenAI or "
            "open_clip save them"
        )
    places = [name for name in names if name.rpartition(".")[2] == LANDMARK]
    prefix = places[0].removesuffix(LANDMARK) if places else ""
    if not prefix:
        return None
    return (
        f"its tensors are named {prefix}{LANDMARK} and so on; save them without {prefix!r}, as the "
        f"state dict of the CLIP inside: {{k.removeprefix({prefix!r}): v for k, v in "
        f"state.items() if k.startswith({prefix!r})}}"
    )


def _alone(state: Any) -> str:
    """Say which part of a checkpoint of training to save."""
    inside = state.items() if isinstance(state, Mapping) else []
    for name, value in inside:
        tensors = isinstance(value, Mapping) and [isinstance(v, Tensor) for v in value.values()]
        if tensors and all(tensors):
            return f"save its {name!r} alone"
    return "save the model's state dict alone"


def _read(path: Path, published: bool) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    with warnings.catch_warnings():
        # torch would rather have no TorchScript: OpenAI's files are.
        warnings.simplefilter("ignore")
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except RuntimeError as error:
            if "TorchScript" not in str(error):
                raise
            if not published:
                raise DataError(
                    f"{path} is a TorchScript archive, and loading one runs the code in it: save "
                    "its state dict alone"
                ) from error
        archive = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
        return dict(archive.state_dict())
