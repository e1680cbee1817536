"""Build the missing inputs of a unit: decoded dataset, text embeddings, embedding cache."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from rise.catalog import lookup
from rise.catalog.data_dir import (
    data_folder,
    dataset_folder,
    manifest_folder,
    recorded_manifest,
)
from rise.catalog.schema import Dataset
from rise.datasets.decoded import open_decoded
from rise.decoding.build_arrays import build_from_arrays
from rise.decoding.build_folders import Built, build_from_folders
from rise.decoding.manifest import KEPT_NAMES, read_about
from rise.errors import DamagedError, DataError
from rise.experiment.job import Job
from rise.experiment.paths import decoded_path
from rise.planning.identities import dataset_identity
from rise.utils.progress import ReportProgress
from rise.utils.sealed import set_aside

Made = TypeVar("Made")


def find_dataset(name: str) -> tuple[Dataset, str, Path, str | None]:
    """Find a dataset of the catalogue, or a custom one by its folder.

    Returns:
        Its entry, the name of its content, the folder of the decoded dataset, and the digest of its
        manifest.
    """
    folder = lookup.folder_named(name)
    entry = lookup.dataset(name, folder)
    manifest = recorded_manifest(name, entry)
    identity = dataset_identity(name, folder)
    return entry, identity.name, decoded_path(identity, manifest), manifest


def decode(
    name: str, workers: int | None = None, progress: ReportProgress | None = None
) -> tuple[Path, Built | None]:
    """Decode a dataset, or go on where an interrupted run stopped.

    Args:
        name: of the catalogue, or the folder of a custom dataset.
        workers: number of processes, by default one for each CPU.
        progress: called with (what, files done, all files).

    Returns:
        The folder, and the counts of what was built from image files (None for a shipped array).

    Raises:
        DataError: the dataset is missing or damaged.
    """
    entry, content, folder, manifest = find_dataset(name)
    if entry.embedded:
        build_from_arrays(content, entry, folder)
        return folder, None
    if manifest is None:
        raise DataError(f"{name}: is not here; run rise data fetch {name}, or set RISE_DATA")
    root = dataset_folder(data_folder(), name, entry)
    # Without the published names DomainBed's split cannot be made.
    named = read_about(manifest_folder(root)).get("names", KEPT_NAMES) == KEPT_NAMES
    built = build_from_folders(
        content,
        entry,
        root,
        folder,
        manifest=manifest,
        named=named,
        workers=workers,
        progress=progress,
    )
    return folder, built


def prepare(job: Job) -> None:
    """Build a job's inputs that are missing.

    Raises:
        RiseError: the data or the teacher is missing or damaged.
    """
    # Imported here: decoding needs no torch.
    from rise.teachers.build_embedding_cache import build_cache
    from rise.teachers.build_text_embeddings import build_texts

    if not (job.decoded / "dataset.json").is_file():
        decode(job.dataset if job.folder is None else lookup.as_argument(job.folder))
    if not job.texts.is_file():
        build_texts(job)
    cached = job.method.teachers and job.identity.teacher_mode == "bank"
    if cached and not (job.cache / "cache.json").is_file():
        build_cache(job)


def on_sound_inputs(job: Job, make: Callable[[], Made]) -> Made:
    """Call a function that reads a job's inputs; those found damaged are made again before it is.

    Raises:
        DamagedError: an input is damaged again.
        RiseError: the data or the teacher is missing or damaged.
    """
    mended: set[Path] = set()
    while True:
        try:
            return make()
        except DamagedError as damage:
            if damage.path in mended:
                raise
            mended.add(damage.path)
            with FileLock(damage.path.with_name(f".{damage.path.name}.lock")):
                if _damaged(damage.path, job):
                    set_aside(damage)
            prepare(job)


def _damaged(path: Path, job: Job) -> bool:
    """Say whether an input is damaged; another job may have mended it, or be about to."""
    from rise.teachers.embedding_cache import open_cache, read_cache
    from rise.teachers.text_embeddings import read_texts

    try:
        if path == job.texts:
            read_texts(path)
        elif path == job.decoded:
            open_decoded(path).check()
        else:
            decoded = open_decoded(job.decoded)
            for domain, sha256 in read_cache(path, job.identity, decoded).items():
                open_cache(path, domain, sha256)
    except DamagedError as damage:
        return damage.path == path
    except DataError:  # it is missing
        return False
    return False
