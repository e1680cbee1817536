"""From an experiment to its units: identities, digests and paths, all without data or torch."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rise.catalog import lookup, start_weights
from rise.catalog.data_dir import recorded_manifest
from rise.catalog.prompts import anchor_prompts, class_prompts
from rise.catalog.schema import Dataset
from rise.config.grid import Setting, combinations
from rise.config.load import Experiment
from rise.config.schema import DatasetChoice, MethodChoice, Variant
from rise.errors import DataError
from rise.utils.code_digest import code_digest, file_code_digest
from rise.utils.io import digest

RESULTS = Path("results")
WORK = Path("work")
SCHEMA = 1
# What a unit's result depends on beside its method.
TRAINING = ("rise.training.unit",)
BANKING = ("rise.teachers.build_embedding_cache",)


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

    def request(self, experiment: Experiment, manifest: str | None = None) -> dict[str, Any]:
        """All that a job needs to make the record; manifest: digest of the dataset's files."""
        return {
            "experiment": self.experiment,
            "key": self.key,
            "digest": self.digest,
            "identity": self.identity,
            "declared": declared(experiment),
            "workers": experiment.workers,
            "device": experiment.device,
            "folder": experiment.datasets[self.dataset].folder,
            "method_file": experiment.methods[self.method].file,
            "manifest": manifest,
            "teacher": experiment.variants[self.variant].teacher,
            "pack": str(pack_path(self.identity["dataset"], manifest)),
            "texts": str(texts_path(self.identity)),
            "bank": str(bank_path(self.identity, manifest)),
            "start": experiment.variants[self.variant].start,
        }


def declared(experiment: Experiment) -> dict[str, Any]:
    """What an experiment declares before its results: contrasts, rule, and the grid they need."""
    return {
        "contrasts": [list(pair) for pair in experiment.contrasts],
        "decision": experiment.decision.model_dump(),
        "seeds": experiment.seed_list,
        "variants": list(experiment.variants),
        "held_out": {
            name: "all" if choice.held_out == "all" else choice.held_out
            for name, choice in experiment.datasets.items()
        },
    }


def units(experiment: Experiment) -> list[Unit]:
    """All units of an experiment, in declared order."""
    return list(_units(experiment))


def _units(experiment: Experiment) -> Iterator[Unit]:
    for dataset, choice in experiment.datasets.items():
        for variant, method in itertools.product(experiment.variants, experiment.methods):
            shared = _shared_identity(experiment, dataset, variant, method)
            for domains, seed in itertools.product(held_out(dataset, choice), experiment.seed_list):
                identity = {**shared, "held_out": list(domains), "seed": seed}
                yield Unit(experiment.name, dataset, variant, method, domains, seed, identity)


def held_out(dataset: str, choice: DatasetChoice) -> list[tuple[str, ...]]:
    """The domains that are held out together, one group after the other."""
    if choice.held_out == "all":
        return [(domain,) for domain in lookup.dataset(dataset, choice.folder).domains]
    return [(one,) if isinstance(one, str) else tuple(one) for one in choice.held_out]


def _shared_identity(
    experiment: Experiment, dataset: str, name: str, method: str
) -> dict[str, Any]:
    variant = experiment.variant_on(dataset, name)
    choice = experiment.method_on(dataset, method)
    return {
        "schema": SCHEMA,
        **teacher_side(dataset, variant, experiment.datasets[dataset].folder),
        "teacher_mode": variant.teacher_mode,
        "protocol": variant.protocol,
        "method": method_identity(method, choice.file),
        "settings": settings(variant, method, choice),
        "recipe": variant.recipe.model_dump(exclude={"lr", "weight_decay"}),
        "views": variant.views.model_dump(),
        "student": student_identity(variant),
        "device": {
            "class": experiment.device,
            "precision": experiment.precision,
            "threads": experiment.threads,
        },
        "code": code_digest(*TRAINING),
    }


def method_identity(name: str, file: str | None) -> dict[str, Any]:
    """A method by name and code: its file, and what that reaches.

    So a changed loss counts for the methods that use it.
    """
    own = None if file is None else file_code_digest(Path(file))
    return {"name": name, "code": own or code_digest(f"rise.methods.{name}")}


def student_identity(variant: Variant) -> dict[str, Any]:
    """A student: its network, what names its starting weights, and how it is fed and trained."""
    entry = lookup.student(variant.student)
    return {
        "name": variant.student,
        "network": entry.get("timm", variant.student),
        "start": start_weights.start_identity(variant.student, variant.start),
        "image_size": variant.image_size or entry["image_size"],
        "normalise": variant.normalise,
        "freeze_bn": variant.freeze_bn,
    }


def dataset_identity(dataset: str, folder: str | None = None) -> dict[str, Any]:
    """What names a dataset's content: revision, prompts and the sha256 of its files.

    Args:
        dataset: its name.
        folder: of a user's own dataset, whose revision is the digest of its files.

    Raises:
        DataError: an own dataset was never verified.
    """
    entry = lookup.dataset(dataset, folder)
    styles = {name: domain.style for name, domain in entry.domains.items()}
    revision = entry.revision if folder is None else recorded_manifest(dataset, entry)
    if revision is None:
        raise DataError(f"{folder}: its files were never counted; run rise data verify {folder}")
    # How files become pixels; the packs of embedded sets are made by code that training reaches.
    decoder = {} if entry.embedded else {"decoder": code_digest("rise.decoding.decode")}
    return {
        **decoder,
        "name": dataset if folder is None else Path(folder).resolve().name,
        "revision": revision,
        "files": {role: file.sha256 for role, file in entry.files.items()},
        "prompts": digest([styles, entry.classes, entry.templates]),
    }


def teacher_side(dataset: str, variant: Variant, folder: str | None) -> dict[str, Any]:
    """The part of an identity that says what the teacher sees and reads."""
    return {
        "dataset": dataset_identity(dataset, folder),
        "teacher": teacher_identity(variant.teacher),
        "tower": tower_identity(variant),
        "text": text_identity(lookup.dataset(dataset, folder), variant),
    }


def teacher_identity(teacher: str) -> dict[str, Any]:
    """A teacher by name and sha256: pinned in the catalogue, or of a user's own file."""
    entry = lookup.teacher(teacher)
    return {"name": entry.name, "sha256": entry.sha256}


def tower_identity(variant: Variant) -> dict[str, Any]:
    """What the teacher sees of an image: normalised by what, and its views (a plain one is one)."""
    clean = variant.teacher_view == "clean"
    return {
        "input": variant.teacher_input,
        "view": variant.teacher_view,
        "policy": variant.views.policy,
        "count": 1 if clean else variant.views.count,
    }


def text_identity(entry: Dataset, variant: Variant) -> dict[str, Any]:
    """The text side as declared, and a digest of every prompt that follows from it."""
    text = variant.model_dump(
        include={"prompts", "class_names", "class_order", "average", "anchors"}
    )
    words = digest([class_prompts(entry, text), anchor_prompts(entry, text)])
    return {**text, "words": words, "arm": variant.text}


def settings(variant: Variant, method: str, choice: MethodChoice) -> list[dict[str, Setting]]:
    """The trials of a unit: every combination of the listed values, in declared order.

    Names are the recipe's (`lr`, `weight_decay`) and the method's; no combination stands twice.
    """
    rates = variant.recipe.model_dump(include={"lr", "weight_decay"})
    return combinations(choice.hparams, lookup.method(method, choice.file).hparams, rates)


def pack_path(dataset: dict[str, Any], manifest: str | None) -> Path:
    """Folder of a dataset's pack, addressed by all that its content depends on.

    Args:
        dataset: its identity.
        manifest: digest of the files on this disk, None where the catalogue pins them.
    """
    code = code_digest(
        "rise.decoding.build_arrays" if dataset["files"] else "rise.decoding.build_folders"
    )
    key = digest([dataset, manifest, code])
    return WORK / "packs" / f"{dataset['name']}-{key[:12]}"


def texts_path(identity: dict[str, Any]) -> Path:
    """File of a teacher's text embeddings of a dataset's classes and anchors."""
    key = digest([_text_side(identity), code_digest("rise.teachers.build_text_embeddings")])
    return WORK / "texts" / f"{identity['dataset']['name']}-{key[:12]}.npz"


def zero_shot_path(experiment: str, identity: dict[str, Any], manifest: str | None) -> Path:
    """File of a teacher's own accuracy on a dataset; kept with the results, for the report."""
    norm = identity["tower"]["input"]
    parts = [_text_side(identity), norm, manifest]
    key = digest([parts, code_digest("rise.teachers.zero_shot")])
    dataset, teacher = identity["dataset"]["name"], identity["teacher"]["name"]
    return RESULTS / experiment / "teacher" / f"{dataset}-{teacher}-{key[:12]}.json"


def _text_side(identity: dict[str, Any]) -> list[dict[str, Any]]:
    """What the teacher's texts depend on: a control arm changes how they are read, not them."""
    text = {key: value for key, value in identity["text"].items() if key != "arm"}
    return [identity["dataset"], identity["teacher"], text]


def bank_path(identity: dict[str, Any], manifest: str | None) -> Path:
    """Folder of the teacher's image embeddings of all views, one file a domain."""
    name = identity["dataset"]["name"]
    parts = [identity[key] for key in ("dataset", "teacher", "tower", "device")]
    return WORK / "banks" / f"{name}-{digest([parts, manifest, code_digest(*BANKING)])[:12]}"
