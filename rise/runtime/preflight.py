"""Checks before the first job: no other run, the device, the files of weights, the students."""

import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from rise.catalog.students import student
from rise.config.load import Experiment
from rise.errors import ConfigError, ResultError, TrainingError
from rise.experiment.job import Job, StudentSource
from rise.planning.identities import student_identity
from rise.utils.io import checked_file

DRIVER = (Path("/dev/nvidiactl"), Path("/proc/driver/nvidia"))


def only_run(lock: Path = Path(".snakemake/rise.lock")) -> IO[str]:
    """Lock the project against a second run for as long as the returned file is open.

    The kernel frees the lock when the process ends, also after kill -9.

    Raises:
        ResultError: another run holds it, or the file system has no locks.
    """
    lock.parent.mkdir(exist_ok=True)
    held = lock.open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ResultError("another run is going on in this folder; wait for its end") from None
    except OSError as error:
        raise ResultError(
            f"{lock}: this file system locks no files ({error.strerror}), so two runs could meet; "
            "work on one that does (Lustre: mounted with flock)"
        ) from None
    return held


def has_driver() -> bool:
    """Say whether this machine has an NVIDIA driver."""
    return any(path.exists() for path in DRIVER)


def check_device(experiment: Experiment) -> None:
    """Refuse device: cuda on a machine without a driver for it.

    Raises:
        TrainingError: this machine has no NVIDIA driver.
    """
    if experiment.device == "cuda" and not has_driver():
        raise TrainingError(
            "device: cuda, but this machine has no NVIDIA driver; set device: cpu or run on a "
            "machine with a GPU"
        )


def check_students(experiment: Experiment, file: Path) -> None:
    """Try every student of a file whose network is timm's: only timm knows what those take.

    Raises:
        ConfigError: there is no such network, or it does not take the image size.
    """
    tried = {
        (variant.student, variant.image_size): (name, variant)
        for dataset in experiment.datasets
        for name in experiment.variants
        if student((variant := experiment.variant_on(dataset, name)).student).timm
    }
    for name, variant in tried.values():
        from rise.students._fits import check_fits  # imports torch, for these students alone

        info = student(variant.student)
        source = StudentSource(module=info.module, timm=info.timm, weights=None)
        try:
            check_fits(source, student_identity(variant))
        except ConfigError as error:
            raise ConfigError(f"{file}: variants.{name}: {error}") from error


def check_weights(jobs: Iterable[Job]) -> None:
    """Compare the weights that units start from with their pinned sha256.

    Raises:
        DataError: a file is missing or is not the pinned one.
    """
    wanted: dict[tuple[str, str | None], str] = {}
    for job in jobs:
        teacher, weights = job.teacher, job.student.weights
        if not teacher.text_only:
            wanted[teacher.file, job.identity.teacher.sha256] = teacher.advice
        if weights:
            wanted[weights.file, weights.sha256] = weights.advice
    for (file, sha256), advice in wanted.items():
        checked_file(Path(file), sha256, advice)
