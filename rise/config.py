"""The experiment file: one model that knows every key, and messages a person can act on."""

import contextlib
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from rise import catalogue, weights
from rise.entries import Dataset, Protocol, Strict
from rise.errors import ConfigError, RiseError, unknown
from rise.faults import prompt_faults, teacher_faults
from rise.prompts import OWN

TEXT_SWITCHES = ("prompts", "class_names", "average")
Setting = float | int | bool | str | None
Settings = dict[str, Setting | list[Setting]]


class DatasetChoice(Strict):
    """Which domains of a dataset are held out, one after the other, or several together.

    `folder` makes it a user's own dataset: a folder DOMAIN/CLASS/FILE.
    """

    folder: str | None = None
    held_out: Literal["all"] | list[str | list[str]] = "all"


class MethodChoice(Strict):
    """A method's hyper-parameters: a value is fixed, a list is searched on source validation."""

    hparams: Settings = Field(default_factory=dict)


class Views(Strict):
    """Augmentations, the same for every method: `count` views an image, one for each epoch."""

    policy: str = "emoji"
    count: int = Field(30, ge=1)


class Recipe(Strict):
    """How one trial of any method is trained. `lr` and `weight_decay` may be lists to search."""

    epochs: int = Field(30, ge=1)
    batch_size: int = Field(64, ge=2)
    lr: float | list[float] = 0.03
    momentum: float = Field(0.9, ge=0, lt=1)
    nesterov: bool = True
    weight_decay: float | list[float] = 5e-4
    schedule: Literal["cosine", "constant", "step"] = "cosine"
    clip_norm: float | None = Field(1.0, gt=0)
    evaluate_every: int = Field(1, ge=1)
    keep: Literal["last", "best"] = "last"
    average: Literal["none", "ema"] = "none"
    validation: Literal["mean", "pooled"] = "mean"
    second_head: bool = False


class Variant(Strict):
    """Student, teacher with its texts, protocol and recipe of a set of units.

    `teacher` is a name of the catalogue or a path. `prompts` is `dataset` (its own templates), a
    set of rise/prompts.yaml, or a list of templates. `average` says whether a class's texts are
    averaged before or after each is normalised. `text` is the control arm: true texts or others.
    """

    student: str
    start: str = "pretrained"
    image_size: int | None = Field(None, ge=16)
    normalise: Literal["student", "imagenet"] = "student"
    freeze_bn: bool = False
    teacher: str
    prompts: str | list[str] = OWN
    class_names: Literal["words", "released"] = "words"
    average: Literal["before", "after"] = "before"
    anchors: Literal["styles", "domains", "photo"] = "styles"
    text: Literal[True, "shuffled", "random"] = True
    protocol: Protocol = "identity_disjoint"
    views: Views = Views()
    recipe: Recipe = Recipe()


class Decision(Strict):
    """The rule that turns differences into verdicts, declared before there are results."""

    alpha: float = Field(0.05, gt=0, lt=1)
    level: float = Field(0.95, gt=0, lt=1)
    score: Literal["test", "all"] = "test"


class Request(Strict):
    """What one kind of job asks a machine or cluster for; a retry asks for as much again."""

    mem_mb: int = Field(ge=1)
    runtime: int = Field(ge=1)


class Resources(Strict):
    """Memory (MB) and time (minutes) of each kind of job; no part of a unit's identity."""

    pack: Request = Request(mem_mb=1000, runtime=10)
    texts: Request = Request(mem_mb=2000, runtime=10)
    zero_shot: Request = Request(mem_mb=2000, runtime=10)
    bank: Request = Request(mem_mb=4000, runtime=60)
    unit: Request = Request(mem_mb=2000, runtime=60)
    report: Request = Request(mem_mb=2000, runtime=10)


class Experiment(Strict):
    """A declared experiment; its name is the stem of its file."""

    name: str
    title: str
    settings_note: str = ""
    datasets: dict[str, DatasetChoice] = Field(min_length=1)
    methods: dict[str, MethodChoice] = Field(min_length=1)
    variants: dict[str, Variant] = Field(min_length=1)
    seeds: int | list[int]
    contrasts: list[tuple[str, str]] = Field(default_factory=list)
    decision: Decision = Decision()
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = Field(1, ge=1)
    image: str = Field("rise.sif", pattern=r"^\S+$")
    resources: Resources = Resources()

    @field_validator("seeds")
    @classmethod
    def _some_seeds(cls, seeds: int | list[int]) -> int | list[int]:
        listed = list(range(seeds)) if isinstance(seeds, int) else seeds
        if not listed or min(listed) < 0 or len(set(listed)) < len(listed):
            raise ValueError("give a number of seeds, at least 1, or a list of different ones")
        return seeds

    @property
    def seed_list(self) -> list[int]:
        """The declared seeds, in order."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else self.seeds

    @model_validator(mode="after")
    def _names_exist(self) -> "Experiment":
        faults = [*self._dataset_faults(), *self._method_faults(), *self._variant_faults()]
        faults += self._protocol_faults()
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _dataset_faults(self) -> list[str]:
        faults = []
        for name, choice in self.datasets.items():
            try:
                domains = catalogue.dataset(name, choice.folder).domains
            except RiseError as error:
                faults.append(f"datasets: {error}")
                continue
            where = f"datasets.{name}.held_out"
            groups = [] if choice.held_out == "all" else choice.held_out
            for group in groups:
                together = [group] if isinstance(group, str) else group
                for domain in together:
                    if domain not in domains:
                        what = f"domain of {name}"
                        faults.append(f"{where}: {unknown(what, domain, domains)}")
                if not 0 < len(set(together)) == len(together) < len(domains):
                    faults.append(f"{where}: {group} must leave a source domain and repeat none")
        return faults

    def _method_faults(self) -> list[str]:
        faults = []
        known = catalogue.methods()
        for name, choice in self.methods.items():
            if name not in known:
                faults.append(f"methods: {unknown('method', name, known)}")
                continue
            hparams = known[name].hparams
            for key, value in choice.hparams.items():
                where = f"methods.{name}.hparams"
                if key not in hparams:
                    what = f"hyper-parameter of {name}"
                    faults.append(f"{where}: {unknown(what, key, hparams)}")
                elif fault := hparams[key].fault(value):
                    faults.append(f"{where}.{key}: {fault}")
        seen: list[set[str]] = []
        for first, second in self.contrasts:
            for name in (first, second):
                if name not in self.methods:
                    faults.append(f"contrasts: {unknown('method here', name, self.methods)}")
            if first == second or {first, second} in seen:
                faults.append(f"contrasts: [{first}, {second}] compares nothing new; take it out")
            seen.append({first, second})
        return faults

    def _entries(self) -> dict[str, Dataset]:
        """The datasets that exist."""
        found = {}
        for name, choice in self.datasets.items():
            with contextlib.suppress(RiseError):
                found[name] = catalogue.dataset(name, choice.folder)
        return found

    def _protocol_faults(self) -> list[str]:
        used = {variant.protocol: None for variant in self.variants.values()}
        faults = [
            f"variants: {name} cannot serve protocol {protocol!r}; it can: "
            f"{', '.join(entry.protocols)}"
            for name, entry in self._entries().items()
            for protocol in used
            if protocol not in entry.protocols
        ]
        if self.decision.score == "test" and set(used) != {"identity_disjoint"}:
            faults.append("decision.score: only identity_disjoint has test identities; write all")
        return faults

    def _variant_faults(self) -> list[str]:
        faults = []
        for name, variant in self.variants.items():
            student = variant.student
            if student not in catalogue.students() and not student.startswith("timm:"):
                what = unknown("student", student, catalogue.students())
                faults.append(f"variants.{name}.student: {what}")
            if fault := weights.start_fault(student, variant.start):
                faults.append(f"variants.{name}.start: {fault}")
            # What a file of texts brings along; each has a default.
            switches = {key: Variant.model_fields[key].default for key in TEXT_SWITCHES}
            changed = [key for key, value in switches.items() if getattr(variant, key) != value]
            found = teacher_faults(variant.teacher, self.methods, changed)
            found += prompt_faults(variant.prompts)
            faults += [f"variants.{name}.{fault}" for fault in found]
        return faults


def load(path: Path) -> Experiment:
    """Read an experiment file.

    Raises:
        ConfigError: one line for every fault, each with its place and what would be right.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not valid YAML: {' '.join(str(error).split())}") from error
    return parse(values, path)


def parse(values: Any, path: Path) -> Experiment:
    """Check the values of an experiment file; `path` gives its name and stands in messages."""
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: holds no keys; see config/demo.yaml for an example")
    try:
        if "name" in values:
            raise ConfigError(f"{path}: name: take this key out, the file's stem is the name")
        return Experiment.model_validate({"name": path.stem, **values})
    except ValidationError as error:
        lines = [line for fault in error.errors() for line in _lines(fault)]
        raise ConfigError("\n".join(f"{path}: {line}" for line in lines)) from None


def _lines(fault: Any) -> list[str]:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        parent = _model_at(fault["loc"][:-1])
        inside = ".".join(str(part) for part in fault["loc"][:-1])
        # The name is the file's stem and no key.
        text = unknown("key", str(fault["loc"][-1]), set(parent.model_fields) - {"name"})
        return [f"{inside}: {text}" if inside else text]
    message = fault["msg"].removeprefix("Value error, ")
    if not place:
        return str(message).splitlines()
    given = "" if fault["type"] == "missing" else f" (given: {fault['input']!r})"
    return [f"{place}: {message}{given}"]


def _model_at(place: tuple[int | str, ...]) -> type[BaseModel]:
    """The model class that a place of the file belongs to."""
    model: type[BaseModel] = Experiment
    inside: dict[str, type[BaseModel]] = {
        "datasets": DatasetChoice,
        "methods": MethodChoice,
        "variants": Variant,
    }
    inside |= {"views": Views, "recipe": Recipe, "decision": Decision, "resources": Resources}
    inside |= dict.fromkeys(Resources.model_fields, Request)
    for part in place:
        model = inside.get(str(part), model)
    return model
