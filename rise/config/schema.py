"""The sections of an experiment file: what each may hold, and defaults of what it leaves out."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Field

from rise.catalog.prompts import OWN
from rise.catalog.protocols import known_average, known_policy
from rise.catalog.schema import Protocol
from rise.config.grid import Settings
from rise.experiment import identity
from rise.utils.model import Strict


class DatasetChoice(Strict):
    """Which domains of a dataset are held out, one after the other, or several together.

    `folder` makes it a user's own dataset: a folder DOMAIN/CLASS/FILE. What else is given here
    stands on this dataset before what the experiment says: `hparams` of a method by its name, and
    keys of every variant (those of its recipe one by one).
    """

    folder: str | None = None
    held_out: Literal["all"] | list[str | list[str]] = "all"
    hparams: dict[str, Settings | list[Settings]] = Field(default_factory=dict)
    variant: dict[str, Any] = Field(default_factory=dict)


class MethodChoice(Strict):
    """A method's hyper-parameters: a value is fixed, a list is searched on source validation.

    Several groups of them are searched one after the other. `lr` and `weight_decay` stand before
    the recipe's. `file` is the source of a method that is not the suite's.
    """

    hparams: Settings | list[Settings] = Field(default_factory=dict)
    file: str | None = None


class Views(identity.Views):
    """Augmentations, the same for every method: `count` views an image, one for each epoch."""

    policy: Annotated[str, AfterValidator(known_policy)] = "emoji"


class Recipe(identity.Recipe):
    """How one trial of any method is trained. `lr` and `weight_decay` may be lists to search."""

    average: Annotated[str, AfterValidator(known_average)] = "none"
    lr: float | list[float] = 0.03
    weight_decay: float | list[float] = 5e-4

    @property
    def rates(self) -> dict[str, float | list[float]]:
        """What a setting holds of the recipe."""
        return {"lr": self.lr, "weight_decay": self.weight_decay}

    @property
    def fixed(self) -> identity.Recipe:
        """The recipe without what a setting holds."""
        return identity.Recipe(**self.model_dump(exclude=set(self.rates)))


class Variant(Strict):
    """Student, teacher with its texts, protocol and recipe of a set of units.

    `teacher` is a name of the catalogue or a path; `teacher_input` says by whose mean and std its
    images are normalised, `teacher_view` whether it sees the student's views or plain images, and
    `teacher_mode` whether what it says was computed before or is computed in every step.
    `prompts` is `dataset` (its own templates), a set of rise/catalog/prompts.yaml, or a list of
    templates. `average` says whether a class's texts are averaged before or after each is
    normalised. `class_order: released` gives each class the texts that the released code gives
    it. `text` is the control arm: true texts or others.
    """

    student: str
    start: str = "pretrained"
    image_size: int | None = Field(None, ge=16)
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
    text: Literal[True, "shuffled", "random"] = True
    protocol: Protocol = "identity_disjoint"
    views: Views = Views()
    recipe: Recipe = Recipe()


class Decision(Strict):
    """The rule that turns differences into verdicts, declared before there are results.

    `margin` (of a dataset's average) and `margin_domain` (of one held-out domain) are the points
    within which a published number counts as reproduced.
    """

    alpha: float = Field(0.05, gt=0, lt=0.5)
    level: float = Field(0.95, gt=0, lt=1)
    score: Literal["test", "all"] = "test"
    margin: float = Field(1.0, ge=0.1)
    margin_domain: float = Field(2.0, ge=0.1)


class Request(Strict):
    """What one kind of job asks a machine or cluster for; a retry asks for as much again."""

    mem_mb: int = Field(ge=1)
    runtime: int = Field(ge=1)


class Resources(Strict):
    """Memory (MB) and time (minutes) of each kind of job; no part of a unit's identity.

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
