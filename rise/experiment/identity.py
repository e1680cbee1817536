"""The identity of a unit: everything that defines its result, and nothing else."""

from typing import Literal

from pydantic import ConfigDict, Field

from rise.utils.io import JsonObject, digest
from rise.utils.model import Strict

Setting = float | int | bool | str | None


class DatasetIdentity(Strict):
    """A dataset's content: its revision, the sha256 of its files, and a digest of its prompts.

    decoder: digest of the code that turns image files into pixels; None for a shipped array.
    """

    name: str
    revision: int | str
    files: dict[str, str]
    prompts: str
    decoder: str | None = None


class Architecture(Strict):
    """What the tensors of a CLIP do not say, although its function depends on it.

    activation: of the MLPs of its transformers (x * sigmoid(1.702 x), or the exact GELU).
    image_heads, text_heads: of the attention in the image tower and in the text tower.
    """

    activation: Literal["quick_gelu", "gelu"]
    image_heads: int = Field(ge=1, strict=True)
    text_heads: int = Field(ge=1, strict=True)


class TeacherIdentity(Strict):
    """A teacher's name and the sha256 of its file.

    architecture: as its owner declares it; None where the catalog knows it by the sha256.
    """

    name: str
    sha256: str
    architecture: Architecture | None = None


class TowerIdentity(Strict):
    """The teacher's input: normalisation, and number of views (1 without augmentation)."""

    input: Literal["clip", "imagenet"]
    view: Literal["augmented", "clean"]
    policy: str
    count: int


class TextIdentity(Strict):
    """The text side as declared; `words` is the digest of all prompts that follow from it."""

    prompts: str | list[str]
    class_names: Literal["words", "released"]
    class_order: Literal["own", "released"]
    average: Literal["before", "after"]
    anchors: Literal["styles", "domains", "photo"]
    words: str
    arm: Literal[True, "shuffled", "random"]


class MethodIdentity(Strict):
    """A method's name, and the digest of its file and of the code that this imports."""

    name: str
    code: str


class Views(Strict):
    """Augmentations, the same for every method: `count` views of an image, one for each epoch."""

    policy: str = "emoji"
    count: int = Field(30, ge=1)


class Recipe(Strict):
    """The training of one trial of any method; rates and weight decay are part of a setting."""

    epochs: int = Field(30, ge=1)
    batch_size: int = Field(64, ge=2)
    momentum: float = Field(0.9, ge=0, lt=1)
    nesterov: bool = True
    schedule: Literal["cosine", "constant", "step"] = "cosine"
    clip_norm: float | None = Field(1.0, gt=0)
    evaluate_every: int = Field(1, ge=1)
    keep: Literal["last", "best"] = "last"
    average: str = "none"
    validation: Literal["mean", "pooled"] = "mean"
    second_head: bool = False


class StudentIdentity(Strict):
    """A student: its network, the name of its starting weights, its input and batch norm."""

    name: str
    network: str
    start: str
    image_size: int
    normalise: Literal["student", "imagenet"]
    freeze_bn: bool


class DeviceIdentity(Strict):
    """The class of device, its precision, and the number of CPU threads."""

    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["cpu", "cuda"] = Field(alias="class")
    precision: Literal["float32", "bfloat16"]
    threads: int


class Identity(Strict):
    """Everything that defines a unit's result.

    settings: of the trials, in declared order, each by the names of its hyper-parameters.
    code: digest of the code that computes the result (`rise.experiment.code`).
    """

    model_config = ConfigDict(populate_by_name=True)

    version: int = Field(1, alias="schema")
    dataset: DatasetIdentity
    teacher: TeacherIdentity
    tower: TowerIdentity
    text: TextIdentity
    teacher_mode: Literal["bank", "online"]
    protocol: str
    method: MethodIdentity
    settings: list[dict[str, Setting]]
    recipe: Recipe
    views: Views
    student: StudentIdentity
    device: DeviceIdentity
    code: str
    held_out: list[str]
    seed: int

    def mapping(self) -> JsonObject:
        """Return the identity as a record holds it."""
        return as_mapping(self)

    @property
    def digest(self) -> str:
        """The sha256 of the identity's canonical JSON."""
        return digest(self.mapping())


def as_mapping(part: Strict) -> JsonObject:
    """Turn an identity or a part of it into plain JSON; of what is absent two keys are left out."""
    values = part.model_dump(by_alias=True, mode="json")
    for side, kind, key in (
        ("dataset", DatasetIdentity, "decoder"),
        ("teacher", TeacherIdentity, "architecture"),
    ):
        inside = values if isinstance(part, kind) else values.get(side, {})
        if inside.get(key, "") is None:
            del inside[key]
    return values
