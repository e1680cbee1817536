"""CLIP's tokens and embeddings, against what OpenAI's own code gives."""

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from data.build import pretrain_teacher
from rise.errors import ConfigError
from rise.experiment.identity import Architecture
from rise.teachers.checkpoint import load_checkpoint
from rise.teachers.clip_model import (
    encode_image,
    encode_text,
    normalise,
    tokenize,
)
from rise.teachers.clip_network import load_clip
from rise.utils.io import file_digest
from rise.utils.torch_rng import torch_stream

TEXTS = [
    "a bird",
    "a photo of a four-legged animal",
    "  Two\nlines &amp; more, 3rd's  ",
    "",
    "鳥 🐦",
]


@pytest.fixture(scope="module")
def model() -> Any:
    """A randomly initialised CLIP of the embedded teacher's shape."""
    return pretrain_teacher.new_model().eval()


@pytest.fixture(scope="module")
def saved(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its weights as they are shipped."""
    path = tmp_path_factory.mktemp("clip") / "clip.safetensors"
    save_file(pretrain_teacher.half(model.state_dict()), path)
    return path


def test_embeddings_survive_saving_and_loading(model: Any, saved: Path) -> None:
    """float16 is precise enough for a file that is shipped."""
    said = Architecture(activation="quick_gelu", image_heads=8, text_heads=1)
    loaded = load_clip(load_checkpoint(saved, file_digest(saved)), said)
    images = torch.rand(4, 3, 64, 64, generator=torch_stream("test images"))
    with torch.no_grad():
        texts = F.normalize(model.encode_text(tokenize(TEXTS, 32)), dim=1)
        pictures = F.normalize(model.encode_image(normalise(images)), dim=1)
    assert torch.allclose(encode_text(loaded, TEXTS, batch=2), texts, atol=2e-3)
    assert torch.allclose(encode_image(loaded, images, batch=3), pictures, atol=5e-3)
    assert loaded.context_length == 32
    assert loaded.logit_scale.exp().item() == pytest.approx(1 / 0.07, rel=1e-3)


def test_embeddings_are_ordinary_tensors(model: Any) -> None:
    """Unit or raw as asked for, float32, and fit to take part in training."""
    unit, raw = encode_text(model, TEXTS), encode_text(model, TEXTS, unit=False)
    assert unit.dtype == torch.float32
    assert unit.shape == (len(TEXTS), 64)
    assert torch.allclose(unit.norm(dim=1), torch.ones(len(TEXTS)))
    assert torch.allclose(F.normalize(raw, dim=1), unit, atol=1e-6)
    weight = torch.ones(64, requires_grad=True)
    torch.autograd.backward((unit * weight).sum())
    assert weight.grad is not None


def test_tokens_are_those_of_clip() -> None:
    """The same numbers as `clip.tokenize`, int64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clip = pytest.importorskip("clip")
    tokens = tokenize(TEXTS, 77)
    assert tokens.dtype == torch.int64
    assert torch.equal(tokens, clip.tokenize(TEXTS).long())
    assert torch.equal(tokenize(TEXTS[:1], 4), clip.tokenize(TEXTS[:1], context_length=4).long())


def test_too_long_a_text_is_named() -> None:
    """CLIP raises as well; here the text and both lengths are said."""
    assert tokenize(["a bird"], 4).shape == (1, 4)
    with pytest.raises(ConfigError, match=r"'a big bird' has 5 tokens, but .* at most 4"):
        tokenize(["a bird", "a big bird"], 4)


def test_the_package_itself_is_not_imported() -> None:
    """Neither clip's `__init__` nor torchvision is loaded by using CLIP."""
    code = (
        "import sys\n"
        "from rise.teachers.clip_model import clip_module, tokenize\n"
        "clip_module('model'); tokenize(['a bird'], 8)\n"
        "bad = {'clip', 'clip.clip', 'torchvision', 'pkg_resources'} & set(sys.modules)\n"
        "assert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
