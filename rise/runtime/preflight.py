"""What is looked at before the first job: one other run, the device, the weights' files."""

import fcntl
from pathlib import Path
from typing import IO

from rise.catalog import lookup, start_weights
from rise.config.load import Experiment
from rise.errors import DataError, ResultError, TrainingError
from rise.experiment.units import Unit
from rise.utils.io import file_digest

DRIVER = (Path("/dev/nvidiactl"), Path("/proc/driver/nvidia"))


def only_run(lock: Path = Path(".snakemake/rise.lock")) -> IO[str]:
    """Lock the project against a second run for as long as the returned file is open.

    The kernel frees the lock when the process ends, also after kill -9.

    Raises:
        ResultError: another run holds it, or the file system knows no locks.
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
    """Whether this machine has an NVIDIA driver."""
    return any(path.exists() for path in DRIVER)


def check_device(experiment: Experiment) -> None:
    """Refuse a GPU where there is no driver for one.

    Raises:
        TrainingError: no NVIDIA driver on this machine.
    """
    if experiment.device == "cuda" and not has_driver():
        raise TrainingError(
            "device: cuda, but this machine has no NVIDIA driver; set device: cpu or run on a "
            "machine with a GPU"
        )


def check_weights(experiment: Experiment, stale: list[Unit]) -> None:
    """Compare the weights that the units start from with their pinned sha256.

    A user's own file needs no look: its sha256 was just read.

    Raises:
        DataError: a file is missing or is not the pinned one.
    """
    for given in sorted({experiment.variants[unit.variant].teacher for unit in stale}):
        if given in lookup.teachers():
            entry = lookup.teachers()[given]
            _check(Path(entry.file), entry.sha256, entry.advice)
    starts = {
        (unit.identity["student"]["name"], unit.identity["student"]["start"], unit.variant)
        for unit in stale
    }
    for name, start, variant in sorted(starts):
        if start != "scratch":
            given = experiment.variants[variant].start
            start_weights.checked(name, start, start_weights.given_file(given))


def _check(path: Path, sha256: str, advice: str) -> None:
    if not path.is_file():
        raise DataError(f"{path}: is missing; {advice}")
    if file_digest(path) != sha256:
        raise DataError(f"{path}: is damaged (its sha256 is not the pinned one); {advice}")
