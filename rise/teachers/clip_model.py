"""CLIP as OpenAI's package computes it: tokens and embeddings. CPU, float32, no gradients.

`clip.model` and `clip.simple_tokenizer` are loaded from their files, because the package's own
`__init__` would import torchvision and a deprecated pkg_resources for parts that are not used here.
Source: openai-clip 1.0.1 (clip/clip.py: `tokenize`).
"""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import torch
from torch import Tensor

from rise.errors import ConfigError, DataError
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
    """Embed texts: float32 (N, D), of length one if `unit`.

    Raises:
        DataError: an embedding is zero or not finite.
    """
    return _encoded(clip.encode_text, tokenize(texts, clip.context_length), unit, batch)


def encode_image(
    clip: Clip, images: Tensor, unit: bool = True, batch: int = 256, norm: str = "clip"
) -> Tensor:
    """Embed images: float32 (N, D), of length one if `unit`.

    Images are float32 (N, 3, S, S) in [0, 1]; they are normalised here, by one of NORMS.

    Raises:
        DataError: an embedding is zero or not finite.
    """
    return _encoded(lambda part: clip.encode_image(normalise(part, norm)), images, unit, batch)


def _encoded(encode: Callable[[Tensor], Tensor], inputs: Tensor, unit: bool, batch: int) -> Tensor:
    with torch.inference_mode():
        parts = [encode(inputs[k : k + batch]) for k in range(0, len(inputs), batch)]
        embedding = torch.cat(parts)
        length = embedding.norm(dim=1, keepdim=True)
        if not (torch.isfinite(length) & (length > 0)).all():
            raise DataError(
                "the teacher embeds an input as zero, NaN or infinity: its weights are damaged or "
                "not trained; give another file"
            )
        if unit:
            embedding = embedding / length
    # A copy made here may take part in training; one made in inference mode may not.
    return embedding.clone()
