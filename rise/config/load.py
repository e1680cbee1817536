"""Read the experiment file: a model of all its keys, with messages that say what to do."""

import contextlib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from rise.catalog import lookup
from rise.catalog.protocols import protocols
from rise.catalog.schema import Dataset
from rise.config import names, validate
from rise.config.faults import checked
from rise.config.schema import (
    DatasetChoice,
    DecisionRule,
    MethodChoice,
    Resources,
    Section,
    Variant,
)
from rise.errors import ConfigError, RiseError, unknown
from rise.utils.io import JsonObject
from rise.utils.read_yaml import read_yaml

# Three seeds are what papers report, ten are enough to claim something of moderate differences.
SEEDS = {"paper": 3, "claims": 10}
MOST_SEEDS = 1000
# Equal for all datasets, so that their results form one row of a table. Not so the teacher: the
# release finetunes one for TerraIncognita alone, and a file of class texts fits one dataset.
SAME = ("student", "start", "protocol")


class Experiment(Section):
    """A declared experiment; its name is the stem of its file."""

    name: str
    title: str
    settings_note: str = ""
    datasets: dict[str, DatasetChoice] = Field(min_length=1)
    methods: dict[str, MethodChoice] = Field(min_length=1)
    variants: dict[str, Variant] = Field(min_length=1)
    seeds: Literal["paper", "claims"] | int | list[int]
    budgets: Literal["equal", "unequal"] = "equal"
    contrasts: list[Annotated[tuple[str, str], Field(strict=False)]] = Field(default_factory=list)
    decision: DecisionRule = Field(DecisionRule(), validate_default=True)
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = Field(1, ge=1)
    workers: int = Field(0, ge=0)
    image: str = Field("rise.sif", pattern=r"^[\w./:@%+=~-]+$")
    resources: Resources = Resources()

    @field_validator("seeds", mode="before")
    @classmethod
    def _some_seeds(cls, seeds: Any) -> Any:
        listed = _listed(seeds)
        whole = isinstance(listed, list) and all(type(one) is int for one in listed)
        if not whole or not 0 < len(set(listed)) == len(listed) <= MOST_SEEDS:
            raise ValueError(
                f"give a number of seeds (1 to {MOST_SEEDS}), a list of different seeds, paper or "
                "claims"
            )
        if not all(0 <= one < 2**63 for one in listed):
            raise ValueError("a seed is a whole number from 0 to 2**63 - 1")
        return seeds

    @field_validator("decision")
    @classmethod
    def _score_there_is(cls, rule: DecisionRule, info: ValidationInfo) -> DecisionRule:
        """Decide on all images where a protocol has no test identities, unless the file says."""
        used = {variant.protocol for variant in info.data.get("variants", {}).values()}
        if "score" in rule.model_fields_set or all(protocols()[one].identities for one in used):
            return rule
        return rule.model_copy(update={"score": "all"})

    @property
    def seed_list(self) -> list[int]:
        """The declared seeds, in order."""
        listed: list[int] = _listed(self.seeds)
        return listed

    def method_on(self, dataset: str, method: str) -> MethodChoice:
        """Return a method with the settings for a dataset."""
        hparams = self.datasets[dataset].hparams
        choice = self.methods[method]
        return choice.model_copy(update={"hparams": hparams[method]} if method in hparams else {})

    def variant_on(self, dataset: str, variant: str) -> Variant:
        """Return a variant with the settings for a dataset.

        Raises:
            ValidationError: the dataset gives keys that variants do not have.
        """
        if not self.datasets[dataset].variant:
            return self.variants[variant]
        return Variant.model_validate(self._variant_values(dataset, variant))

    def _variant_values(self, dataset: str, variant: str) -> JsonObject:
        """Lay a dataset's keys over a variant's, those of the recipe one by one."""
        given = self.datasets[dataset].variant
        values = self.variants[variant].model_dump(exclude_unset=True)
        recipe = given.get("recipe", {})
        if isinstance(recipe, dict):
            recipe = {**values.get("recipe", {}), **recipe}
        return {**values, **given, "recipe": recipe}

    @property
    def variants_used(self) -> list[Variant]:
        """Every variant on every dataset, in declared order."""
        return [self.variant_on(one, name) for one in self.datasets for name in self.variants]

    @field_validator("methods", mode="before")
    @classmethod
    def _custom_methods(cls, methods: Any) -> Any:
        """Turn PATH/NAME.py into the method NAME with its file, if the name is free."""
        methods = _defaults(methods)
        if not isinstance(methods, dict):
            return methods
        named: JsonObject = {}
        for given, choice in methods.items():
            stem = Path(str(given)).stem
            own = str(given).endswith(".py") and stem not in {*methods, *named}
            own = own and isinstance(choice, dict)
            named[stem if own else given] = {**choice, "file": given} if own else choice
        return named

    @field_validator("datasets", mode="before")
    @classmethod
    def _plain_datasets(cls, datasets: Any) -> Any:
        return _defaults(datasets)

    @model_validator(mode="after")
    def _no_faults(self) -> "Experiment":
        found = [
            *names.name_faults(self.name, self.datasets, self.variants, self.methods),
            *(f for one in self.datasets.items() for f in validate.dataset_faults(*one)),
            *(f for one in self.methods.items() for f in validate.method_faults(*one)),
            *validate.contrast_faults(self.contrasts, self.methods),
        ]
        for name, variant in self.variants.items():
            of_variant = validate.variant_faults(variant, self.methods)
            found += [f"variants.{name}.{fault}" for fault in of_variant]
            unequal = validate.budget_fault(name, variant, self.methods)
            found += [unequal] if unequal and self.budgets == "equal" else []
        found += [f for name in self.datasets for f in self._faults_on(name)] if not found else []
        found += self._protocol_faults()
        entries = self._entries()
        found += validate.order_faults(self.variants, entries)
        for name, variant in self.variants.items():
            found += validate.size_faults(name, variant, entries)
        if found:
            raise ValueError("\n".join(found))
        return self

    def _faults_on(self, dataset: str) -> list[str]:
        """List the faults of a dataset's overrides."""
        choice, where = self.datasets[dataset], f"datasets.{dataset}"
        if odd := sorted(set(choice.hparams) - set(self.methods)):
            return [f"{where}.hparams: {unknown('method here', odd[0], self.methods)}"]
        if fixed := sorted({*choice.variant} & {*SAME}):
            return [f"{where}.variant: {fixed[0]} must be the same on all datasets; take it out"]
        if not choice.hparams and not choice.variant:
            return []
        methods = {name: self.method_on(dataset, name) for name in self.methods}
        found = [f for one in methods.items() for f in validate.method_faults(*one)]
        for name in self.variants:
            variant, lines = checked(Variant, self._variant_values(dataset, name))
            if variant is None:
                return [f"{where}.variant: {line}" for line in lines]
            found += validate.variant_faults(variant, methods)
            unequal = validate.budget_fault(name, variant, methods)
            found += [unequal] if unequal and self.budgets == "equal" else []
        return [f"{where}: {fault}" for fault in found]

    def _entries(self) -> dict[str, Dataset]:
        """Look up the datasets that exist."""
        found = {}
        for name, choice in self.datasets.items():
            with contextlib.suppress(RiseError):
                found[name] = lookup.dataset(name, choice.folder)
        return found

    def _protocol_faults(self) -> list[str]:
        used = {variant.protocol: None for variant in self.variants.values()}
        found = [
            f"variants: {name} cannot be used with protocol {protocol!r}; use "
            f"{' or '.join(entry.protocols)}"
            for name, entry in self._entries().items()
            for protocol in used
            if protocol not in entry.protocols
        ]
        without = [name for name in used if not protocols()[name].identities]
        if self.decision.score == "test" and without:
            found.append(f"decision.score: {without[0]} has no test identities; write all")
        return found


def load(path: Path) -> Experiment:
    """Read an experiment file.

    Raises:
        ConfigError: one line for every fault, each with its place and a remedy.
    """
    return parse(read_yaml(path), path)


def parse(values: Any, path: Path) -> Experiment:
    """Check the values of an experiment file; `path` gives its name and appears in messages."""
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: has no keys; see config/demo.yaml for an example")
    if "name" in values:
        raise ConfigError(f"{path}: name: take this key out; the file's stem is the name")
    found, lines = checked(Experiment, {"name": path.stem, **values})
    if found is None:
        raise ConfigError("\n".join(f"{path}: {line}" for line in lines))
    return found


def _listed(seeds: Any) -> Any:
    if isinstance(seeds, str):
        seeds = SEEDS.get(seeds)
    # One too many is refused; a date that was meant as one seed would fill the memory.
    return list(range(min(seeds, MOST_SEEDS + 1))) if type(seeds) is int else seeds


def _defaults(named: Any) -> Any:
    """Take a name without anything behind its colon for one with the defaults."""
    if not isinstance(named, dict):
        return named
    return {name: {} if choice is None else choice for name, choice in named.items()}
