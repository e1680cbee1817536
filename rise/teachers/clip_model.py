"""CLIP as OpenAI's package computes it: loading, tokens, embeddings. CPU, float32, no gradients.

`clip.model` and `clip.simple_tokenizer` are loaded from their files, because the package's own
`__init__` would import torchvision and a deprecated pkg_resources for parts that are not used here.
Source: openai-clip 1.0.1 (clip/clip.py: `load`, `tokenize`; clip/model.py: `build_model`).
"""

import importlib.util
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from types import ModuleType
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from rise.errors import ConfigError, DataError
from rise.utils.io import file_digest
from rise.views._normalization import CLIP, IMAGENET

NORMS = {"clip": CLIP, "imagenet": IMAGENET}


class Clip(Protocol):
    """The part of `clip.model.CLIP` that is used; embeddings (B, D) are not unit vectors."""

    context_length: int
    logit_scale: Tensor
    text_projection: Tensor
    visual: Any

    def encode_image(self, image: Tensor) -> Tensor:
        """Embed normalised images: (B, 3, S, S) -> (B, D)."""

    def encode_text(self, text: Tensor) -> Tensor:
        """Embed tokens: (B, context) -> (B, D)."""


@cache
def clip_module(name: str) -> ModuleType:
    """Load `clip.<name>` (`model` or `simple_tokenizer`) without the package's `__init__`."""
    package = importlib.util.find_spec("clip")
    if package is None or not package.submodule_search_locations:
        raise DataError("the package openai-clip is not installed: install openai-clip==1.0.1")
    path = Path(package.submodule_search_locations[0]) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"rise.teachers._clip_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def load_clip(state_dict: Mapping[str, Tensor]) -> Clip:
    """Build the CLIP that a state dict describes, as `clip.load` does on a CPU.

    Raises:
        DataError: the tensors are not those of a CLIP: a name or a shape is wrong.
    """
    try:
        # build_model removes entries from the mapping, so it gets a copy.
        model = clip_module("model").build_model(dict(state_dict)).float().eval()
    except (KeyError, RuntimeError, AssertionError, IndexError) as error:
        what = str(error).splitlines()[0] if str(error) else "wrong shape"
        raise DataError(f"the tensors are not a CLIP state dict ({what})") from error
    return cast(Clip, model.requires_grad_(False))


def load_checkpoint(path: Path, sha256: str | None = None) -> dict[str, Tensor]:
    """Read a state dict: tensors only, on the CPU, from safetensors, a `.pt` or a TorchScript file.

    Args:
        path: `.safetensors`, or what torch.load(weights_only=True) reads. OpenAI's published files
            are TorchScript archives; their tensors are taken only if `sha256` is given.
        sha256: the 64 hex digits expected, checked before anything is parsed.

    Raises:
        DataError: the file is missing, damaged, not the one expected, or holds more than tensors.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing: fetch or restore the file")
    if sha256 is not None and (found := file_digest(path)) != sha256:
        raise DataError(f"{path} has sha256 {found}, expected {sha256}: fetch or restore the file")
    try:
        state = _read(path, pinned=sha256 is not None)
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
        raise DataError(f"{path} holds more than named tensors: save the model's state dict alone")
    return state


def _read(path: Path, pinned: bool) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # torch would rather have no TorchScript: OpenAI's files are
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except RuntimeError as error:
            if "TorchScript" not in str(error):
                raise
            if not pinned:
                raise DataError(f"{path} is a TorchScript archive: give its sha256") from error
        archive = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
        return dict(archive.state_dict())


@cache
def _tokenizer() -> Any:
    return clip_module("simple_tokenizer").SimpleTokenizer()


def tokenize(texts: Sequence[str], context_length: int) -> Tensor:
    """Tokenize texts: int64 (N, context_length), between start and end marks, then zeros.

    Raises:
        ConfigError: a text is too long; CLIP's own `tokenize` refuses it as well.
    """
    encoder = _tokenizer().encoder
    result = torch.zeros(len(texts), context_length, dtype=torch.long)
    for row, text in zip(result, texts, strict=True):
        middle = _tokenizer().encode(text)
        tokens = [encoder["<|startoftext|>"], *middle, encoder["<|endoftext|>"]]
        if len(tokens) > context_length:
            raise ConfigError(
                f"text {text!r} has {len(tokens)} tokens, but the teacher reads at most "
                f"{context_length}: shorten it"
            )
        row[: len(tokens)] = torch.tensor(tokens)
    return result


def normalise(images: Tensor, norm: str = "clip") -> Tensor:
    """Normalise images (B, 3, H, W) in [0, 1] by a mean and standard deviation of NORMS."""
    mean, std = (images.new_tensor(three)[:, None, None] for three in NORMS[norm])
    return (images - mean) / std


def encode_text(clip: Clip, texts: Sequence[str], unit: bool = True, batch: int = 256) -> Tensor:
    """Embed texts: float32 (N, D), of length one if `unit`."""
    return _encoded(clip.encode_text, tokenize(texts, clip.context_length), unit, batch)


def encode_image(
    clip: Clip, images: Tensor, unit: bool = True, batch: int = 256, norm: str = "clip"
) -> Tensor:
    """Embed images: float32 (N, D), of length one if `unit`.

    Images are float32 (N, 3, S, S) in [0, 1]; they are normalised here, by one of NORMS.
    """
    return _encoded(lambda part: clip.encode_image(normalise(part, norm)), images, unit, batch)


def _encoded(encode: Callable[[Tensor], Tensor], inputs: Tensor, unit: bool, batch: int) -> Tensor:
    with torch.inference_mode():
        parts = [encode(inputs[k : k + batch]) for k in range(0, len(inputs), batch)]
        embedding = torch.cat(parts)
        if unit:
            embedding = embedding / embedding.norm(dim=1, keepdim=True)
    # A copy made here may take part in training; one made in inference mode may not.
    return embedding.clone()
