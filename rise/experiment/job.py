"""The job: everything needed to make a unit, resolved once when it is planned.

Whatever runs a part of it gets the job, and looks nothing up. It is written as request.json.
"""

from pathlib import Path
from typing import Any

from rise.experiment.identity import Architecture, Identity
from rise.utils.model import Strict


class MethodSource(Strict):
    """A method's file (None: the suite's own of that name), and its declaration.

    teachers: the number of image towers it needs; anchors: whether it needs anchor texts.
    """

    file: str | None
    teachers: int
    anchors: bool
    stages: int


class Weights(Strict):
    """Starting weights: their file, its sha256, and what to do if it is missing or damaged.

    by_order: the tensors are in timm's order, under other names.
    """

    file: str
    sha256: str | None
    advice: str
    by_order: bool = False


class StudentSource(Strict):
    """The source of a student's network: the module that holds it, and timm's tag, if any."""

    module: str
    timm: str | None
    weights: Weights | None


class TeacherSource(Strict):
    """A teacher's file, what is known of its content, and what to do if it is missing.

    published: the catalog pins its sha256, so that code in it is known code.
    """

    file: str
    text_only: bool
    published: bool
    architecture: Architecture | None
    width: int | None
    image_size: int | None
    context: int | None
    advice: str


class Texts(Strict):
    """The prompts of a dataset: `{}` in a template stands for a class's word.

    classes: names in the order of labels. words: one for each class, for class texts; anchor_words:
    one for each class, for anchors. anchors: names, one for each template of anchor_templates.
    """

    classes: list[str]
    words: list[str]
    templates: list[str]
    anchors: list[str]
    anchor_words: list[str]
    anchor_templates: list[str]

    @property
    def class_prompts(self) -> list[list[str]]:
        """The prompts of each class, in the order of labels."""
        return [[one.replace("{}", word) for one in self.templates] for word in self.words]

    @property
    def anchor_prompts(self) -> list[list[str]]:
        """The anchor prompts of each class, in the order of `anchors`."""
        # The class's place is the last one: a domain's name before it may hold `{}` as well.
        parts = [template.rpartition("{}") for template in self.anchor_templates]
        return [
            [f"{before}{word}{after}" for before, _, after in parts] for word in self.anchor_words
        ]


class PreSpecified(Strict):
    """The choices an experiment fixes before its results: contrasts, rule and their grid."""

    contrasts: list[tuple[str, str]]
    decision: dict[str, float | str]
    seeds: list[int]
    variants: list[str]
    held_out: dict[str, str | list[str | list[str]]]


class Job(Strict):
    """Everything needed to make a unit.

    Attributes:
        experiment: the experiment's name.
        key: the unit's path below results/<experiment>/units.
        dataset: the dataset's name in the experiment.
        folder: of a custom dataset.
        digest: of the identity.
        pre_specified: what was fixed before the result, for the record.
        workers: number of processes that make views ahead of their use; they change no byte.
        manifest: digest of the dataset's files on this disk; None where the catalogue pins them.
        decoded, texts, cache, zero_shot: paths of inputs of the unit, or of its report.
    """

    experiment: str
    key: str
    dataset: str
    folder: str | None
    digest: str
    identity: Identity
    pre_specified: PreSpecified
    method: MethodSource
    student: StudentSource
    teacher: TeacherSource
    prompts: Texts
    workers: int
    manifest: str | None
    decoded: Path
    texts: Path
    cache: Path
    zero_shot: Path

    def mapping(self) -> dict[str, Any]:
        """Return the job as request.json holds it."""
        return {**self.model_dump(by_alias=True, mode="json"), "identity": self.identity.mapping()}
