"""The selected student of a finished unit as one file, with a card that says what it is.

What a file holds predicts alone (rise/training/student_file.py), and is tried before it is kept:
on images that the unit scored it must give the record's probabilities, or else it is refused.
"""

import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.errors import ResultError
from rise.experiment.job import Job
from rise.experiment.record import Record, predictions_path, read_record
from rise.students._build import make_trunk
from rise.training.data import open_texts
from rise.training.images import AT_ONCE, plain
from rise.training.student_file import about, card, named, probabilities
from rise.training.trial import WEIGHTS, read_weights, trial_folder
from rise.utils.io import file_digest, read_json, replacing, write_text
from rise.views._policies import kept_small

# The largest difference from the record's probabilities, whose logarithms are float16: a GPU sums
# otherwise than the CPU that tries the file.
ALLOWED = {
    ("cpu", "float32"): 1e-3,
    ("cpu", "bfloat16"): 0.1,
    ("cuda", "float32"): 0.02,
    ("cuda", "bfloat16"): 0.1,
}


def export_student(unit: Path, out: Path, work: Path = Path("work")) -> str:
    """Write `out` (safetensors) and its card beside it (same name, .md).

    Args:
        unit: folder of the unit below results/EXPERIMENT/units.
        out: the file, ending in .safetensors.
        work: the folder of what can be made again, of all experiments.

    Returns:
        The sha256 of the file.

    Raises:
        ResultError: the unit has no record, the weights of its selected trial are gone (a unit
            keeps those of the trial it selected last), or its method predicts by something else
            than a trunk and RISE's chain or one linear head.
        DataError: the decoded dataset or the texts of the unit are missing.
    """
    if out.suffix != ".safetensors":
        raise ResultError(f"{out}: must end in .safetensors")
    record = read_record(unit / "record.json")
    job = _planned(unit)
    decoded = open_decoded(job.decoded)
    tensors = _tensors(unit, record, job, decoded, work / unit.resolve().parents[5].name)
    identity = job.identity
    trunk = make_trunk(
        job.student.model_copy(update={"weights": None}),
        identity.student,
        identity.seed,
        identity.device.precision,
    )
    small = kept_small(identity.views.policy)
    said = about(identity, trunk, tensors, decoded.classes, small)
    _try(unit, job, decoded, lambda images: probabilities(images, trunk, tensors, said))
    with replacing(out) as beside:
        save_file(tensors, beside, {"format": "pt", "unit": record.digest, **said})
    sha256 = file_digest(out)
    write_text(out.with_suffix(".md"), card(record, out.name, sha256, said))
    return sha256


def _planned(unit: Path) -> Job:
    path = unit / "request.json"
    try:
        return Job.model_validate(read_json(path))
    except (OSError, ValueError) as error:
        raise ResultError(
            f"{path}: is no unit's request; run snakemake to write it again"
        ) from error


def _tensors(
    unit: Path, record: Record, job: Job, decoded: DecodedDataset, work: Path
) -> dict[str, Tensor]:
    """Read the selected trial's tensors that predict, by their names in the file."""
    science = record.science
    found = {key: value for key, value in science.data.items() if key != "pack"}
    folder = trial_folder(science.identity, science.selected["setting"], found, work)
    path = folder / WEIGHTS
    try:
        state = read_weights(folder)
    except FileNotFoundError as error:
        raise ResultError(
            f"{path}: is gone; delete {unit / 'record.json'} and run the unit again"
        ) from error
    recipe = job.identity.recipe
    if recipe.average != "none":
        average = importlib.import_module(f"rise.averages.{recipe.average}")
        state = average.predicting(state)
    tensors = named(state, job.student.timm is not None)
    if not any(name.startswith("trunk.") for name in tensors):
        raise ResultError(
            f"{unit}: cannot be exported: the method {job.identity.method.name} keeps no network "
            f"named trunk, by which a file of one student predicts; load {path} in Python"
        )
    if recipe.second_head and "projector.weight" in tensors:
        text = open_texts(job, decoded, torch.device("cpu"))
        tensors["texts"] = text.unit.contiguous()
    return tensors


def _try(
    unit: Path, job: Job, decoded: DecodedDataset, predict: Callable[[Tensor], Tensor]
) -> None:
    """Compare what the file predicts with the record's probabilities, on some of its images."""
    with np.load(predictions_path(unit / "record.json"), allow_pickle=False) as stored:
        images, recorded = stored["image"], stored["log_probability"].astype(np.float32)
    some = np.unique(np.linspace(0, len(images) - 1, min(AT_ONCE, len(images))).astype(int))
    at = {name: row for row, name in enumerate(decoded.columns["id"])}
    rows = np.array([at[name] for name in images[some]])
    identity = job.identity
    (x,) = plain(decoded, rows, identity.student.image_size, identity.views.policy)
    found = predict(x)
    expected = torch.from_numpy(recorded[some]).exp()
    allowed = ALLOWED[identity.device.kind, identity.device.precision]
    if found.shape != expected.shape or float((found - expected).abs().max()) > allowed:
        raise ResultError(
            f"{unit}: cannot be exported: trunk, projector, classifier and head alone do not give "
            f"the record's predictions, so the method {identity.method.name} predicts by something "
            "else; load its weights in Python"
        )
