"""The sections of an experiment file, with their keys and defaults."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, ConfigDict, Field

from rise.catalog.prompts import OWN
from rise.catalog.protocols import known_average, known_policy
from rise.catalog.schema import Protocol
from rise.config.grid import Settings
from rise.experiment import identity
from rise.utils.io import JsonObject
from rise.utils.model import Strict


class Section(Strict):
    """A part of an experiment file: text is no number, and a number no boolean."""

    model_config = ConfigDict(strict=True)


Rate = Annotated[float, Field(gt=0)]
Decay = Annotated[float, Field(ge=0)]


def _no_number(value: Any) -> Any:
    """Refuse 1, which equals True."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError("must be true, shuffled or random")
    return value


class DatasetChoice(Section):
    """The held-out domains of a dataset, one after the other, or several together.

    `folder` makes it a custom dataset: a folder DOMAIN/CLASS/FILE. Other keys override the
    experiment's for this dataset: `hparams` by method, and `variant` for all variants (its recipe
    key by key).
    """

    model_config = ConfigDict(allow_inf_nan=True)  # said with the hyper-parameter's range

    folder: str | None = None
    held_out: Literal["all"] | Annotated[list[str | list[str]], Field(min_length=1)] = "all"
    hparams: dict[str, Settings | list[Settings]] = Field(default_factory=dict)
    variant: JsonObject = Field(default_factory=dict)


class MethodChoice(Section):
    """A method's hyper-parameters: a value is fixed, a list is searched on source validation.

    Several groups are searched one after the other. `lr` and `weight_decay` override the recipe's.
    `file` is the source of a custom method.
    """

    model_config = ConfigDict(allow_inf_nan=True)  # said with the hyper-parameter's range

    hparams: Settings | list[Settings] = Field(default_factory=dict)
    file: str | None = None


class ViewsSection(Section, identity.Views):
    """Augmentations, the same for every method: `count` views per image, one for each epoch."""

    policy: Annotated[str, AfterValidator(known_policy)] = "emoji"


class RecipeSection(Section, identity.Recipe):
    """The recipe of one trial of any method; `lr` and `weight_decay` may be lists to search."""

    average: Annotated[str, AfterValidator(known_average)] = "none"
    lr: Rate | Annotated[list[Rate], Field(min_length=1)] = 0.03
    weight_decay: Decay | Annotated[list[Decay], Field(min_length=1)] = 5e-4

    @property
    def rates(self) -> dict[str, float | list[float]]:
        """The part of the recipe that belongs to a setting."""
        return {"lr": self.lr, "weight_decay": self.weight_decay}

    @property
    def fixed(self) -> identity.Recipe:
        """The recipe without the part that belongs to a setting."""
        return identity.Recipe(**self.model_dump(exclude=set(self.rates)))


class Variant(Section):
    """The student, teacher, texts, protocol and recipe of a set of units.

    `teacher` is a name of the catalog or a path; `teacher_input` the mean and std that normalise
    its images; `teacher_view` the student's augmented views or the clean image; `teacher_mode`
    says whether embeddings are precomputed or computed online. `prompts` is `dataset` (its own
    templates), a set of rise/catalog/prompts.yaml, or a list of templates. `average` says whether
    a class's texts are averaged before or after normalisation. `class_order: released` assigns
    texts to classes as the released code does. `text` is the control arm: true, shuffled or
    random texts.
    """

    student: str
    start: str = "pretrained"
    image_size: int | None = Field(None, ge=16, le=1024)
    normalise: Literal["student", "imagenet"] = "student"
    freeze_bn: bool = False
    teacher: str
    teacher_input: Literal["clip", "imagenet"] = "clip"
    teacher_view: Literal["augmented", "clean"] = "augmented"
    teacher_mode: Literal["bank", "online"] = "bank"
    prompts: str | list[str] = OWN
    class_names: Literal["words", "released"] = "words"
    class_order: Literal["own", "released"] = "own"
    average: Literal["before", "after"] = "before"
    anchors: Literal["styles", "domains", "photo"] = "styles"
    text: Annotated[Literal[True, "shuffled", "random"], BeforeValidator(_no_number)] = True
    protocol: Protocol = "identity_disjoint"
    views: ViewsSection = ViewsSection()
    recipe: RecipeSection = RecipeSection()


class DecisionRule(Section):
    """The rule that turns differences into verdicts, fixed before there are results.

    `margin` (of a dataset's average) and `margin_domain` (of one held-out domain) are the points
    within which a published number counts as reproduced.
    """

    alpha: float = Field(0.05, gt=0, lt=0.5)
    level: float = Field(0.95, gt=0, lt=1)
    score: Literal["test", "all"] = "test"
    margin: float = Field(1.0, ge=0.1)
    margin_domain: float = Field(2.0, ge=0.1)


class Request(Section):
    """The resources that one kind of job requests; each retry requests as much again."""

    mem_mb: int = Field(ge=1)
    runtime: int = Field(ge=1)


class Resources(Section):
    """Memory (MB) and time (minutes) of each kind of job; not part of a unit's identity.

    `pack` and `bank` are earlier names of `decode` and `embed`.
    """

    decode: Request = Field(
        Request(mem_mb=1000, runtime=10), validation_alias=AliasChoices("decode", "pack")
    )
    texts: Request = Request(mem_mb=2000, runtime=10)
    zero_shot: Request = Request(mem_mb=2000, runtime=10)
    embed: Request = Field(
        Request(mem_mb=4000, runtime=60), validation_alias=AliasChoices("embed", "bank")
    )
    unit: Request = Request(mem_mb=2000, runtime=60)
    report: Request = Request(mem_mb=2000, runtime=10)
