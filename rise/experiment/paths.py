"""Paths, each of which holds a digest of everything that its content depends on."""

from pathlib import Path
from typing import Any

from rise.experiment.identity import DatasetIdentity, Identity, as_mapping
from rise.experiment.path_part import path_part
from rise.utils.code_digest import code_digest
from rise.utils.io import digest

RESULTS = Path("results")
WORK = Path("work")
REPORTS = Path("reports")


def results_folder(experiment: str) -> Path:
    """Return the folder of an experiment's results."""
    return RESULTS / path_part(experiment)


def work_folder(experiment: str) -> Path:
    """Return the folder of what an experiment can make again: trials, logs, locks."""
    return WORK / path_part(experiment)


def unit_folder(experiment: str, key: str) -> Path:
    """Return the folder of a unit's record."""
    return results_folder(experiment) / "units" / key


def decoded_path(dataset: DatasetIdentity, manifest: str | None) -> Path:
    """Return the folder of a decoded dataset.

    Args:
        dataset: its identity.
        manifest: digest of the files on this disk; None if the catalogue pins them.
    """
    module = "rise.decoding.build_arrays" if dataset.files else "rise.decoding.build_folders"
    key = digest([as_mapping(dataset), manifest, code_digest(module)])
    return WORK / "decoded" / f"{_brief(dataset.name)}-{key[:12]}"


def texts_path(identity: Identity) -> Path:
    """Return the file of a teacher's text embeddings of a dataset's classes and anchors."""
    key = digest([_text_side(identity), code_digest("rise.teachers.build_text_embeddings")])
    return WORK / "texts" / f"{_brief(identity.dataset.name)}-{key[:12]}.npz"


def cache_path(identity: Identity, manifest: str | None) -> Path:
    """Return the folder of a teacher embedding cache, with one file for each domain."""
    sides = (identity.dataset, identity.teacher, identity.tower, identity.device)
    parts = [as_mapping(part) for part in sides]
    code = code_digest("rise.teachers.build_embedding_cache", f"rise.views.{identity.tower.policy}")
    key = digest([parts, manifest, code])
    return WORK / "embeddings" / f"{_brief(identity.dataset.name)}-{key[:12]}"


def zero_shot_path(experiment: str, identity: Identity, manifest: str | None) -> Path:
    """Return the file of a teacher's own accuracy on a dataset, kept with the results."""
    parts = [_text_side(identity), identity.tower.input, manifest]
    key = digest([parts, code_digest("rise.teachers.zero_shot")])
    name = zero_shot_name(identity.dataset.name, identity.teacher.name, key[:12])
    return results_folder(experiment) / "teacher" / name


def zero_shot_name(dataset: str, teacher: str, key: str) -> str:
    """Return the name of the file of a teacher's own accuracy."""
    return f"{_brief(dataset)}-{_brief(teacher)}-{key}.json"


def scored_path(results: Path, dataset: str, content: str) -> Path:
    """Return the file that results keep of a decoded dataset, to score predictions with.

    Args:
        results: folder of the experiment.
        dataset: its name in the experiment.
        content: digest of the decoded dataset, as a record's `data` has it.
    """
    return results / "scored" / f"{path_part(dataset)}-{content[:12]}.npz"


def _brief(name: str) -> str:
    """Return a name's part of a path, cut: one file has two, and a digest that tells them apart."""
    return path_part(name).encode()[:100].decode(errors="ignore")


def _text_side(identity: Identity) -> list[dict[str, Any]]:
    """Collect what text embeddings depend on; control arms are applied after loading."""
    text = {key: value for key, value in as_mapping(identity.text).items() if key != "arm"}
    return [as_mapping(identity.dataset), as_mapping(identity.teacher), text]
