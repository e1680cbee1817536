"""What a custom CLIP's owner says of its architecture, in a file beside the weights.

`NAME.yaml` beside `NAME.pt` says it in three keys; open_clip's `open_clip_config.json` in the same
folder serves as well. Shapes alone never do: towers with other heads or another activation have the
same tensors, and give other embeddings without an error.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, model_validator

from rise.errors import ConfigError, DataError
from rise.experiment.identity import Architecture
from rise.utils.model import Strict
from rise.utils.read_yaml import read_yaml
from rise.views._normalization import CLIP

OPEN_CLIP = "open_clip_config.json"
DOCUMENT = "docs/teachers.md, Your own weights"


class _ImageTower(Strict):
    """open_clip's `vision_cfg` of a CLIP; a ResNet has a list of layers."""

    width: int
    layers: int | list[int]
    head_width: int = 64
    image_size: int | None = None
    patch_size: int | None = None
    mlp_ratio: float = 4.0


class _TextTower(Strict):
    """open_clip's `text_cfg` of a CLIP."""

    heads: int
    width: int | None = None
    layers: int | None = None
    context_length: int | None = None
    vocab_size: int | None = None


class _Model(Strict):
    """open_clip's `model_cfg` of a CLIP; another key means another kind of network."""

    embed_dim: int
    vision_cfg: _ImageTower
    text_cfg: _TextTower
    quick_gelu: bool = False


class _Preprocessing(Strict, extra="ignore"):
    """open_clip's `preprocess_cfg`: pixels are normalised by CLIP's mean and standard deviation."""

    mean: tuple[float, ...] = CLIP[0]
    std: tuple[float, ...] = CLIP[1]

    @model_validator(mode="after")
    def _of_clip(self) -> "_Preprocessing":
        if (self.mean, self.std) != CLIP:
            raise ValueError("mean and std are not CLIP's, which its images would be normalised by")
        return self


class _OpenClip(Strict, extra="ignore"):
    model_cfg: _Model
    preprocess_cfg: _Preprocessing = _Preprocessing()


def beside(weights: Path) -> Path | None:
    """Find the file that says which architecture weights are of; None if there is none."""
    places = (weights.with_suffix(".yaml"), weights.with_name(OPEN_CLIP))
    return next((path for path in places if path.is_file()), None)


def architecture_of(weights: Path) -> Architecture:
    """Read what is said of the architecture of a custom CLIP.

    Raises:
        DataError: nothing is, it cannot be read, or it describes another kind of network.
    """
    path = beside(weights)
    if path is None:
        raise DataError(
            f"{weights}: weights do not say which activation and how many heads they were trained "
            f"with; write {weights.with_suffix('.yaml')} ({DOCUMENT})"
        )
    try:
        said = read_yaml(path)
        if path.name == OPEN_CLIP:
            return _from_open_clip(_OpenClip.model_validate(said).model_cfg)
        return Architecture.model_validate(said)
    except ValidationError as error:
        raise DataError(f"{path}: {_sentence(error.errors()[0])}; see {DOCUMENT}") from error
    except ConfigError as error:
        raise DataError(f"{error}; see {DOCUMENT}") from error


def _from_open_clip(said: _Model) -> Architecture:
    tower = said.vision_cfg
    # A ResNet's attention pools 32 times its width.
    width = tower.width * (32 if isinstance(tower.layers, list) else 1)
    activation: Literal["quick_gelu", "gelu"] = "quick_gelu" if said.quick_gelu else "gelu"
    return Architecture(
        activation=activation,
        image_heads=width // tower.head_width,
        text_heads=said.text_cfg.heads,
    )


def _sentence(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{place} is not a key of a CLIP that can be built here"
    if fault["type"] == "missing":
        return f"{place} is missing"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else "holds no keys"
