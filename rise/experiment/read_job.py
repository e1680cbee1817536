"""Read a job, and check that the installed code is the one that planned it."""

from pathlib import Path

from pydantic import ValidationError

from rise.errors import ResultError
from rise.experiment.code import method_code, training_code
from rise.experiment.job import Job
from rise.experiment.key import is_key
from rise.experiment.paths import (
    cache_path,
    decoded_path,
    texts_path,
    unit_folder,
    zero_shot_path,
)
from rise.utils.io import read_json


def read_job(path: Path) -> Job:
    """Read a unit's request.json, and check it against the installed code.

    Raises:
        ResultError: it cannot be read, was changed by hand, lies elsewhere than what it asks for,
            or was planned by other code.
    """
    try:
        job = Job.model_validate(read_json(path))
    except (OSError, ValueError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise ResultError(
            f"{path}: is not a unit's request ({reason}); run snakemake to write it again"
        ) from error
    place = unit_folder(job.experiment, job.key)
    if not is_key(job.key) or path.resolve() != (place / path.name).resolve():
        raise ResultError(
            f"{path}: is the request of {job.key!r} of experiment {job.experiment!r}, which lies "
            "elsewhere; run snakemake to write it again"
        )
    if job.identity.digest != job.digest:
        raise ResultError(f"{path}: was changed by hand: its digest differs; run snakemake again")
    if not planned_here(job):
        mend = (
            "install the checkout (pip install -e .), or its image (make image), and run again"
            if job.method.file is None
            else f"or before {job.method.file} was changed; run again"
        )
        raise ResultError(f"{path}: was planned by other code than the installed rise; {mend}")
    return job


def planned_here(job: Job) -> bool:
    """Say whether the installed code is the code that planned a job."""
    one = job.identity
    return (
        one.code == training_code(one, job.student.module)
        and one.method.code == method_code(one.method.name, job.method.file)
        and job.decoded == decoded_path(one.dataset, job.manifest)
        and job.texts == texts_path(one)
        and job.cache == cache_path(one, job.manifest)
        and job.zero_shot == zero_shot_path(job.experiment, one, job.manifest)
    )
