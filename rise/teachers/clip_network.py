"""Build the network of a CLIP: sizes follow its tensors, the rest is declared.

Source: openai-clip 1.0.1 (clip/model.py: `CLIP`, `build_model`).
"""

import math
from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from rise.errors import DataError
from rise.experiment.identity import Architecture
from rise.teachers.clip_model import Clip, clip_module

VOCABULARY = 49408  # tokens of clip.simple_tokenizer
# Numbers that OpenAI's archives hold beside the weights.
NOT_WEIGHTS = ("input_resolution", "context_length", "vocab_size")


def load_clip(state_dict: Mapping[str, Tensor], architecture: Architecture) -> Clip:
    """Build the CLIP that a state dict and its architecture describe.

    Sizes follow the tensors, which must all fit. Weights become float32, in which every value of
    float16 and bfloat16 is exact; `clip.load` would round to float16 first, and take heads of width
    64 and QuickGELU for granted.

    Raises:
        DataError: the tensors are not those of a CLIP, or one holds no weights.
    """
    state = {name: value for name, value in state_dict.items() if name not in NOT_WEIGHTS}
    try:
        # On "meta" nothing is drawn: each parameter and buffer is in the state dict, or it is
        # refused. The mask of the text tower is neither.
        with torch.device("meta"):
            model = _network(state, architecture)
        model.to_empty(device="cpu").load_state_dict(state)
    except (KeyError, RuntimeError, AssertionError, IndexError, ZeroDivisionError) as error:
        what = " ".join(str(error).split())[:300] or "wrong shape"
        raise DataError(f"the tensors are not a CLIP state dict ({what})") from error
    _refuse_untrained(model.state_dict())
    for block in model.transformer.resblocks:
        block.attn_mask = model.build_attention_mask()
    return cast(Clip, model.eval().requires_grad_(False))


def _network(state: Mapping[str, Tensor], architecture: Architecture) -> Any:
    """Make a CLIP of `clip.model` whose sizes are those of its tensors."""
    clip, text_width = clip_module("model"), state["ln_final.weight"].shape[0]
    if (words := len(state["token_embedding.weight"])) != VOCABULARY:
        raise DataError(f"its texts have {words} tokens, but CLIP's tokenizer has {VOCABULARY}")
    if text_width % architecture.text_heads:
        raise DataError(_not_divided("text", architecture.text_heads, text_width))
    model = clip.CLIP(
        embed_dim=state["text_projection"].shape[1],
        # Of an image tower that is replaced below, since this one's heads follow its width.
        **{"image_resolution": 1, "vision_layers": 0, "vision_width": 64, "vision_patch_size": 1},
        context_length=state["positional_embedding"].shape[0],
        vocab_size=state["token_embedding.weight"].shape[0],
        transformer_width=text_width,
        transformer_heads=architecture.text_heads,
        transformer_layers=_blocks(state, "transformer.resblocks."),
    )
    vit = "visual.proj" in state
    model.visual = (_vit if vit else _resnet)(state, architecture.image_heads)
    if architecture.activation == "gelu":
        towers = [model.transformer, model.visual.transformer] if vit else [model.transformer]
        for tower in towers:
            for block in tower.resblocks:
                block.mlp.gelu = nn.GELU()
    return model


def _vit(state: Mapping[str, Tensor], heads: int) -> Any:
    width, _, patch, _ = state["visual.conv1.weight"].shape
    if width % heads:
        raise DataError(_not_divided("image", heads, width))
    return clip_module("model").VisionTransformer(
        input_resolution=patch * _side(state["visual.positional_embedding"]),
        patch_size=patch,
        width=width,
        layers=_blocks(state, "visual.transformer.resblocks."),
        heads=heads,
        output_dim=state["text_projection"].shape[1],
    )


def _resnet(state: Mapping[str, Tensor], heads: int) -> Any:
    width = state["visual.layer1.0.conv1.weight"].shape[0]
    if 32 * width % heads:
        raise DataError(_not_divided("image", heads, 32 * width))
    return clip_module("model").ModifiedResNet(
        layers=[_blocks(state, f"visual.layer{stage}.") for stage in (1, 2, 3, 4)],
        output_dim=state["text_projection"].shape[1],
        heads=heads,
        # The network shrinks an image 32 times.
        input_resolution=32 * _side(state["visual.attnpool.positional_embedding"]),
        width=width,
    )


def _blocks(state: Mapping[str, Tensor], prefix: str) -> int:
    """Count the blocks whose tensors begin with a prefix and a number."""
    names = [name.removeprefix(prefix) for name in state if name.startswith(prefix)]
    return len({name.partition(".")[0] for name in names})


def _side(positions: Tensor) -> int:
    """Return the side of the square of positions, of which one more is not in the image."""
    return math.isqrt(len(positions) - 1)


def _not_divided(tower: str, heads: int, width: int) -> str:
    return f"the {tower} tower is {width} wide, so it cannot have the {heads} heads declared for it"


def _refuse_untrained(state: Mapping[str, Tensor]) -> None:
    """Refuse a tensor with NaN or an infinite number, a matrix of zeros, and an infinite scale."""
    for name, value in state.items():
        if not torch.isfinite(value).all():
            raise DataError(f"its tensor {name} holds NaN or infinite numbers")
        if value.ndim > 1 and not value.any():
            raise DataError(f"its tensor {name} holds zeros only")
    if not torch.isfinite(state["logit_scale"].exp()):
        raise DataError(f"its logit_scale of {state['logit_scale'].item():g} is no logarithm")
