"""What is declared beside a custom CLIP's weights: read, or refused in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from rise.catalog import lookup
from rise.catalog.architecture import OPEN_CLIP, architecture_of
from rise.errors import DataError
from rise.experiment.identity import Architecture, TeacherIdentity, as_mapping
from rise.planning.identities import teacher_identity

SAID = "activation: gelu\nimage_heads: 16\ntext_heads: 12\n"
# The keys of open_clip's published files; the numbers are ViT-H-14's and RN50's.
VIT_H: dict[str, Any] = {
    "embed_dim": 1024,
    "vision_cfg": {
        **{"image_size": 224, "layers": 32, "width": 1280, "head_width": 80, "patch_size": 14}
    },
    "text_cfg": {
        **{"context_length": 77, "vocab_size": 49408, "width": 1024, "heads": 16, "layers": 24}
    },
}
RN50: dict[str, Any] = {
    "embed_dim": 1024,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 224, "layers": [3, 4, 6, 3], "width": 64, "patch_size": None},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12},
}


def weights(folder: Path, **files: str | bytes) -> Path:
    """Write weights (of no matter what) and files beside them."""
    for name, content in {"clip.pt": b"weights", **files}.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return folder / "clip.pt"


@pytest.mark.parametrize(
    ("teacher", "image_width", "text_width"),
    # Table 19 and 20 of CLIP's paper; a ResNet's attention pools 32 times its width of 64.
    [
        ("clip-rn50", 2048, 512),
        ("clip-rn101", 2048, 512),
        ("clip-vit-b32", 768, 512),
        ("clip-vit-b16", 768, 512),
        ("clip-vit-l14", 1024, 768),
        ("tiny-clip", 512, 64),
    ],
)
def test_published_heads_are_64_wide(teacher: str, image_width: int, text_width: int) -> None:
    """As openai-clip's `build_model` takes for granted."""
    entry = lookup.teachers()[teacher]
    heads = {"image_heads": image_width // 64, "text_heads": text_width // 64}
    assert entry.architecture == Architecture(activation="quick_gelu", **heads)
    assert entry.published


def test_weights_alone_are_refused(tmp_path: Path) -> None:
    path = weights(tmp_path)
    with pytest.raises(DataError, match=r"clip\.pt: weights do not say .* write .*clip\.yaml"):
        lookup.teacher(str(path))


def test_the_declaration_is_part_of_the_identity(tmp_path: Path) -> None:
    """Equal bytes under another declaration are another teacher; the catalog's are as ever."""
    path = weights(tmp_path, **{"clip.yaml": SAID})
    found = lookup.teacher(str(path))
    said = Architecture(activation="gelu", image_heads=16, text_heads=12)
    assert (found.architecture, found.source.architecture, found.published) == (said, said, False)
    first = as_mapping(teacher_identity(str(path)))
    assert first["architecture"] == said.model_dump()
    (tmp_path / "clip.yaml").write_text(SAID.replace("gelu", "quick_gelu"))
    assert as_mapping(teacher_identity(str(path))) != first
    assert as_mapping(teacher_identity("tiny-clip")).keys() == {"name", "sha256"}
    assert as_mapping(TeacherIdentity(name="x", sha256="0")) == {"name": "x", "sha256": "0"}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (VIT_H, ("gelu", 16, 16)),
        ({**VIT_H, "quick_gelu": True}, ("quick_gelu", 16, 16)),
        (RN50, ("quick_gelu", 32, 8)),
    ],
)
def test_open_clip_s_own_file(
    tmp_path: Path, model: dict[str, Any], expected: tuple[str, int, int]
) -> None:
    path = weights(tmp_path, **{OPEN_CLIP: json.dumps({"model_cfg": model})})
    assert tuple(architecture_of(path).model_dump().values()) == expected


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (SAID + "heads: 3\n", "heads is not a key"),
        ("activation: gelu\nimage_heads: 16\n", "text_heads is missing"),
        (SAID.replace("gelu", "relu"), "activation: Input should be 'quick_gelu' or 'gelu'"),
        (SAID.replace("16", "0"), "image_heads: Input should be greater than or equal to 1"),
        (SAID.replace("16", "yes"), "image_heads: Input should be a valid integer"),
        ("", "holds no keys"),
        ("- 1", "holds no keys"),
        ("a: [", "is not valid YAML"),
        (b"\xff\xfe\x00", "is no UTF-8 text"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(
    tmp_path: Path, said: str | bytes, message: str
) -> None:
    path = weights(tmp_path, **{"clip.yaml": said})
    with pytest.raises(DataError, match=message) as caught:
        architecture_of(path)
    assert str(caught.value).startswith(str(tmp_path / "clip.yaml"))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vision_cfg": {**VIT_H["vision_cfg"], "timm_model_name": "x"}}, "timm_model_name is not"),
        ({"text_cfg": {"hf_tokenizer_name": "x"}}, r"text_cfg\.h\w+ is"),
        ({"custom_text": True}, "custom_text is not a key of a CLIP that can be built here"),
    ],
)
def test_other_networks_of_open_clip_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = weights(tmp_path, **{OPEN_CLIP: json.dumps({"model_cfg": {**VIT_H, **changes}})})
    with pytest.raises(DataError, match=message):
        architecture_of(path)


def test_other_pixels_are_refused(tmp_path: Path) -> None:
    """A tower that saw images normalised otherwise would be fed others than it was trained on."""
    clip = {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
    }
    said = {"model_cfg": VIT_H, "preprocess_cfg": {**clip, "interpolation": "bicubic"}}
    path = weights(tmp_path, **{OPEN_CLIP: json.dumps(said)})
    assert architecture_of(path).image_heads == 16
    said["preprocess_cfg"] = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
    path = weights(tmp_path, **{OPEN_CLIP: json.dumps(said)})
    with pytest.raises(DataError, match="mean and std are not CLIP's"):
        architecture_of(path)
