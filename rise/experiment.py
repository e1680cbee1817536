"""From an experiment to its units: identities, digests and paths, all without data or torch."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rise import catalogue
from rise.config import Experiment, Setting, Variant
from rise.files import digest
from rise.sources import code_digest

RESULTS = Path("results")
WORK = Path("work")
SCHEMA = 1
# What a unit's result depends on beside its method.
TRAINING = ("rise.training.unit",)
BANKING = ("rise.teachers.bank",)


@dataclass(frozen=True)
class Unit:
    """One (dataset, variant, method, held-out domains, seed) of an experiment."""

    experiment: str
    dataset: str
    variant: str
    method: str
    held_out: tuple[str, ...]
    seed: int
    identity: dict[str, Any]

    @property
    def key(self) -> str:
        """Path of the unit below results/<experiment>/units."""
        held_out = "+".join(self.held_out)
        return f"{self.dataset}/{self.variant}/{self.method}/{held_out}/seed{self.seed}"

    @property
    def folder(self) -> Path:
        """Where its record lies."""
        return RESULTS / self.experiment / "units" / self.key

    @cached_property
    def digest(self) -> str:
        """sha256 over the canonical JSON of its identity."""
        return digest(self.identity)

    def request(self, experiment: Experiment) -> dict[str, Any]:
        """All that a job needs to make the record."""
        return {
            "experiment": self.experiment,
            "key": self.key,
            "digest": self.digest,
            "identity": self.identity,
            "declared": declared(experiment),
            "device": experiment.device,
            "pack": str(pack_path(self.dataset)),
            "texts": str(texts_path(self.dataset, self.identity["teacher"]["name"])),
            "bank": str(bank_path(self.identity)),
        }


def declared(experiment: Experiment) -> dict[str, Any]:
    """What an experiment declares before its results: contrasts, rule, and the grid they need."""
    return {
        "contrasts": [list(pair) for pair in experiment.contrasts],
        "decision": experiment.decision.model_dump(),
        "seeds": experiment.seed_list,
    }


def units(experiment: Experiment) -> list[Unit]:
    """All units of an experiment, in declared order."""
    return list(_units(experiment))


def _units(experiment: Experiment) -> Iterator[Unit]:
    for dataset, choice in experiment.datasets.items():
        domains = list(catalogue.datasets()[dataset].domains)
        held_out = domains if choice.held_out == "all" else choice.held_out
        for variant, method in itertools.product(experiment.variants, experiment.methods):
            shared = _shared_identity(experiment, dataset, experiment.variants[variant], method)
            for domain, seed in itertools.product(held_out, experiment.seed_list):
                identity = {**shared, "held_out": [domain], "seed": seed}
                yield Unit(experiment.name, dataset, variant, method, (domain,), seed, identity)


def _shared_identity(
    experiment: Experiment, dataset: str, variant: Variant, method: str
) -> dict[str, Any]:
    student = catalogue.students()[variant.student]
    return {
        "schema": SCHEMA,
        "dataset": dataset_identity(dataset),
        "protocol": variant.protocol,
        # Its own file, and what that reaches: a changed loss counts for the methods that use it.
        "method": {"name": method, "code": code_digest(f"rise.methods.{method}")},
        "settings": settings(experiment, variant, method),
        "recipe": variant.recipe.model_dump(exclude={"lr", "weight_decay"}),
        "views": variant.views.model_dump(),
        "student": {
            "name": variant.student,
            "start": student["sha256"] if variant.start == "pretrained" else "scratch",
        },
        "teacher": teacher_identity(variant.teacher),
        "device": {
            "class": experiment.device,
            "precision": experiment.precision,
            "threads": experiment.threads,
        },
        "code": code_digest(*TRAINING),
    }


def dataset_identity(dataset: str) -> dict[str, Any]:
    """What names a dataset's content: revision, prompts and the sha256 of its files."""
    entry = catalogue.datasets()[dataset]
    styles = {name: domain.style for name, domain in entry.domains.items()}
    return {
        "name": dataset,
        "revision": entry.revision,
        "files": {role: file.sha256 for role, file in entry.files.items()},
        "prompts": digest([styles, entry.classes, entry.templates]),
    }


def teacher_identity(teacher: str) -> dict[str, Any]:
    """A teacher by name and pinned sha256."""
    return {"name": teacher, "sha256": catalogue.teachers()[teacher]["sha256"]}


def settings(experiment: Experiment, variant: Variant, method: str) -> list[dict[str, Setting]]:
    """The trials of a unit: every combination of the listed values, in declared order.

    Names are the recipe's (`lr`, `weight_decay`) and the method's; no combination stands twice.
    """
    given = experiment.methods[method].hparams
    known = catalogue.methods()[method].hparams
    values: dict[str, Any] = {
        "lr": variant.recipe.lr,
        "weight_decay": variant.recipe.weight_decay,
        **{key: given.get(key, hparam.default) for key, hparam in known.items()},
    }
    lists = [value if isinstance(value, list) else [value] for value in values.values()]
    grid = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*lists)]
    return [one for at, one in enumerate(grid) if one not in grid[:at]]


def pack_path(dataset: str) -> Path:
    """Folder of a dataset's pack, addressed by all that its content depends on."""
    key = digest([dataset_identity(dataset), code_digest("rise.datasets.pack")])
    return WORK / "packs" / f"{dataset}-{key[:12]}"


def texts_path(dataset: str, teacher: str) -> Path:
    """File of a teacher's text embeddings of a dataset's classes and anchors."""
    key = digest(
        [dataset_identity(dataset), teacher_identity(teacher), code_digest("rise.teachers.texts")]
    )
    return WORK / "texts" / f"{dataset}-{key[:12]}.npz"


def zero_shot_path(experiment: str, dataset: str, teacher: str) -> Path:
    """File of a teacher's own accuracy on a dataset; kept with the results, for the report."""
    code = code_digest("rise.teachers.zero_shot")
    key = digest([dataset_identity(dataset), teacher_identity(teacher), code])
    return RESULTS / experiment / "teacher" / f"{dataset}-{teacher}-{key[:12]}.json"


def bank_path(identity: dict[str, Any]) -> Path:
    """Folder of the teacher's image embeddings of all views, one file a domain."""
    name = identity["dataset"]["name"]
    parts = [identity[key] for key in ("dataset", "teacher", "views", "device")]
    return WORK / "banks" / f"{name}-{digest([parts, code_digest(*BANKING)])[:12]}"
