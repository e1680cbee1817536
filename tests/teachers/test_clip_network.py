"""A CLIP built from tensors and a declared architecture, against a transcription of its equations.

The transcription is of open_clip's and OpenAI's towers alike: they differ in activation and heads
alone, which no tensor shows.
"""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from data.build import pretrain_teacher
from rise.errors import DataError
from rise.experiment.identity import Architecture
from rise.teachers.clip_model import clip_module, encode_image, encode_text, normalise, tokenize
from rise.teachers.clip_network import load_clip
from rise.utils.torch_rng import global_stream, torch_stream

TEXTS = ["a bird", "a photo of a four-legged animal"]
TINY = Architecture(activation="quick_gelu", image_heads=8, text_heads=1)
# Widths of 96 and 48: neither tower's heads are 64 wide.
SMALL = {
    **pretrain_teacher.SHAPE,
    **{"vision_layers": 2, "vision_width": 96, "vision_patch_size": 16, "image_resolution": 32},
    **{"transformer_width": 48, "transformer_heads": 4, "vocab_size": 49408, "context_length": 12},
}


def vit_state() -> dict[str, Tensor]:
    """Random float32 weights of a small ViT, large enough that an activation shows."""
    with global_stream("small clip"):
        state = clip_module("model").CLIP(**SMALL).state_dict()
    stream = torch_stream("small clip weights")
    return {
        name: value + 0.2 * torch.randn(value.shape, generator=stream)
        for name, value in state.items()
    }


def act(x: Tensor, activation: str) -> Tensor:
    if activation == "gelu":
        return x * 0.5 * (1 + torch.erf(x / 2**0.5))
    return x / (1 + torch.exp(-1.702 * x))


def norm(x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    scaled = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
    return scaled * state[f"{name}.weight"] + state[f"{name}.bias"]


def linear(x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def block(
    x: Tensor, state: dict[str, Tensor], at: str, heads: int, activation: str, causal: bool
) -> Tensor:
    """One block of one sequence x (L, width), head by head."""
    inputs = norm(x, state, f"{at}.ln_1")
    weight, bias = state[f"{at}.attn.in_proj_weight"], state[f"{at}.attn.in_proj_bias"]
    queries, keys, values = (inputs @ weight.T + bias).chunk(3, dim=1)
    wide, outputs = x.shape[1] // heads, []
    for head in range(heads):
        part = slice(head * wide, (head + 1) * wide)
        scores = queries[:, part] @ keys[:, part].T / wide**0.5
        if causal:
            scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), float("-inf"))
        outputs.append(scores.softmax(1) @ values[:, part])
    x = x + linear(torch.cat(outputs, 1), state, f"{at}.attn.out_proj")
    inner = act(linear(norm(x, state, f"{at}.ln_2"), state, f"{at}.mlp.c_fc"), activation)
    return x + linear(inner, state, f"{at}.mlp.c_proj")


def image_of(state: dict[str, Tensor], image: Tensor, said: Architecture) -> Tensor:
    patches = F.unfold(image[None], 16, stride=16)[0].T
    patches = patches @ state["visual.conv1.weight"].flatten(1).T
    x = torch.cat([state["visual.class_embedding"][None], patches])
    x = norm(x + state["visual.positional_embedding"], state, "visual.ln_pre")
    for layer in range(2):
        at = f"visual.transformer.resblocks.{layer}"
        x = block(x, state, at, said.image_heads, said.activation, causal=False)
    return norm(x[0], state, "visual.ln_post") @ state["visual.proj"]


def text_of(state: dict[str, Tensor], tokens: Tensor, said: Architecture) -> Tensor:
    x = state["token_embedding.weight"][tokens] + state["positional_embedding"]
    for layer in range(2):
        at = f"transformer.resblocks.{layer}"
        x = block(x, state, at, said.text_heads, said.activation, causal=True)
    return norm(x, state, "ln_final")[tokens.argmax()] @ state["text_projection"]


def embed(state: dict[str, Tensor], said: Architecture) -> tuple[Tensor, Tensor]:
    clip = load_clip(state, said)
    images = torch.rand(3, 3, 32, 32, generator=torch_stream("test images"))
    return encode_image(clip, images, unit=False), encode_text(clip, TEXTS, unit=False)


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu"])
@pytest.mark.parametrize(("image_heads", "text_heads"), [(1, 3), (8, 4), (6, 1)])
def test_declared_heads_and_activation_are_the_function(
    activation: Any, image_heads: int, text_heads: int
) -> None:
    state = vit_state()
    said = Architecture(activation=activation, image_heads=image_heads, text_heads=text_heads)
    images, texts = embed(state, said)
    seen = normalise(torch.rand(3, 3, 32, 32, generator=torch_stream("test images")))
    expected = torch.stack([image_of(state, one, said) for one in seen])
    assert torch.allclose(images, expected, rtol=1e-4, atol=1e-4)
    tokens = tokenize(TEXTS, 12)
    expected = torch.stack([text_of(state, one, said) for one in tokens])
    assert torch.allclose(texts, expected, rtol=1e-4, atol=1e-4)


def test_each_part_of_an_architecture_changes_its_own_tower() -> None:
    state = vit_state()
    base = Architecture(activation="gelu", image_heads=6, text_heads=4)
    images, texts = embed(state, base)
    for changes, image_changes, text_changes in (
        ({"activation": "quick_gelu"}, True, True),
        ({"image_heads": 2}, True, False),
        ({"text_heads": 2}, False, True),
    ):
        other = embed(state, base.model_copy(update=changes))
        assert torch.equal(images, other[0]) != image_changes
        assert torch.equal(texts, other[1]) != text_changes


def test_float32_weights_stay_float32() -> None:
    """OpenAI's loader rounds them to float16; what was float16 in the file is not changed."""
    state = vit_state()
    said = Architecture(activation="quick_gelu", image_heads=6, text_heads=4)
    loaded: Any = load_clip(state, said)
    assert all(torch.equal(value, state[name]) for name, value in loaded.state_dict().items())
    assert not torch.equal(state["visual.proj"], state["visual.proj"].half().float())
    half = {name: value.half() for name, value in state.items()}
    loaded = load_clip(half, said)
    assert all(torch.equal(v, half[name].float()) for name, v in loaded.state_dict().items())


def test_a_published_layout_is_what_openai_s_loader_builds() -> None:
    """The embedded teacher's shape, a ResNet: bit by bit what `build_model` gives for float16."""
    state = pretrain_teacher.half(pretrain_teacher.new_model().state_dict())
    theirs = clip_module("model").build_model(dict(state)).float().eval()
    ours: Any = load_clip({**state, "context_length": torch.tensor(32)}, TINY)
    images = torch.rand(3, 3, 64, 64, generator=torch_stream("test images"))
    with torch.no_grad():
        assert torch.equal(theirs.encode_image(images), ours.encode_image(images))
        assert torch.equal(
            theirs.encode_text(tokenize(TEXTS, 32)), ours.encode_text(tokenize(TEXTS, 32))
        )
    assert not ours.training
    assert all(not p.requires_grad and p.dtype == torch.float32 for p in ours.parameters())


def test_building_draws_nothing() -> None:
    before = torch.random.get_rng_state()
    load_clip(vit_state(), Architecture(activation="gelu", image_heads=6, text_heads=4))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("tensor", "value", "message"),
    [
        ("visual.conv1.weight", float("nan"), r"visual\.conv1\.weight holds NaN or infinite"),
        ("ln_final.bias", float("inf"), r"ln_final\.bias holds NaN or infinite"),
        ("visual.proj", 0.0, r"visual\.proj holds zeros only"),
        ("logit_scale", 100.0, "logit_scale of 100 is no logarithm"),
    ],
)
def test_untrained_weights_are_refused(tensor: str, value: float, message: str) -> None:
    state = vit_state()
    state[tensor] = torch.full_like(state[tensor], value)
    with pytest.raises(DataError, match=message):
        load_clip(state, Architecture(activation="gelu", image_heads=6, text_heads=4))


def test_an_embedding_of_zero_is_refused() -> None:
    """Vectors that cancel out leave no direction: the loss would be NaN."""
    state = vit_state()
    state["ln_final.weight"], state["ln_final.bias"] = torch.zeros(48), torch.zeros(48)
    clip = load_clip(state, Architecture(activation="gelu", image_heads=6, text_heads=4))
    for unit in (True, False):
        with pytest.raises(DataError, match="embeds an input as zero, NaN or infinity"):
            encode_text(clip, TEXTS, unit=unit)


@pytest.mark.parametrize(
    ("heads", "message"),
    [((5, 4), "the image tower is 96 wide, .* 5 heads"), ((6, 5), "text tower is 48 wide, .* 5 ")],
)
def test_heads_that_do_not_divide_the_width(heads: tuple[int, int], message: str) -> None:
    said = Architecture(activation="gelu", image_heads=heads[0], text_heads=heads[1])
    with pytest.raises(DataError, match=message):
        load_clip(vit_state(), said)


def test_another_tokenizer_s_vocabulary_is_refused() -> None:
    """Its tokens would mean other words, or lie outside of the embedding."""
    state = vit_state()
    state["token_embedding.weight"] = state["token_embedding.weight"][:32000]
    said = Architecture(activation="gelu", image_heads=6, text_heads=4)
    with pytest.raises(DataError, match=r"its texts have 32000 tokens, but .* tokenizer has 49408"):
        load_clip(state, said)


def test_not_a_clip() -> None:
    """Tensors of something else, one too few, too many or of another shape: one sentence each."""
    said = Architecture(activation="gelu", image_heads=6, text_heads=4)
    state = vit_state()
    lacking = {name: value for name, value in state.items() if name != "visual.ln_post.bias"}
    for wrong in (
        {"weight": torch.zeros(2)},
        lacking,
        {**state, "logit_bias": torch.zeros(())},
        {**state, "text_projection": torch.ones(48, 99)},
        {**state, "visual.positional_embedding": torch.ones(6, 96)},
    ):
        with pytest.raises(DataError, match="not a CLIP state dict") as caught:
            load_clip(wrong, said)
        assert len(str(caught.value).splitlines()) == 1
