"""The selected student of a finished unit as one file, with a card that says what it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from rise.errors import ResultError
from rise.experiment.record import Record, read_record
from rise.training.trial import WEIGHTS, read_weights, trial_folder
from rise.utils.io import file_digest, replacing, write_text


def export_student(unit: Path, out: Path, work: Path = Path("work")) -> str:
    """Write `out` (safetensors) and its card beside it (same name, .md).

    The network's tensors are called trunk.NAME, with the network's own NAME (timm's for its
    networks). On RISE's chain, those of the head are called projector.* and classifier.*.

    Args:
        unit: folder of the unit below results/EXPERIMENT/units.
        out: the file, ending in .safetensors.
        work: the folder of what can be made again, of all experiments.

    Returns:
        The sha256 of the file.

    Raises:
        ResultError: the unit has no record, or the weights of its selected trial are gone (a unit
            keeps those of the trial it selected last).
    """
    if out.suffix != ".safetensors":
        raise ResultError(f"{out}: must end in .safetensors")
    record = read_record(unit / "record.json")
    science, work = record.science, work / unit.resolve().parents[5].name
    found = {key: value for key, value in science.data.items() if key != "pack"}
    trial = trial_folder(science.identity, science.selected["setting"], found, work)
    try:
        state = read_weights(trial)
    except FileNotFoundError as error:
        raise ResultError(
            f"{trial / WEIGHTS}: is gone; delete {unit / 'record.json'} and run the unit again"
        ) from error
    tensors = named(state, record.science.identity["student"])
    with replacing(out) as beside:
        save_file(tensors, beside, {"format": "pt", "unit": record.digest})
    sha256 = file_digest(out)
    write_text(out.with_suffix(".md"), card(record, out.name, sha256))
    return sha256


def named(state: Mapping[str, Any], student: Mapping[str, str]) -> dict[str, Tensor]:
    """Return the tensors of a state dict, an average's if there is one, as the file names them."""
    state = state.get("_extra_state", state)
    own = "trunk.body." if student["network"] != student["name"] else "trunk."
    return {
        f"trunk.{name.removeprefix(own)}" if name.startswith(own) else name: value.contiguous()
        for name, value in state.items()
        if isinstance(value, Tensor)
    }


def card(record: Record, name: str, sha256: str) -> str:
    """Write a model card: what was trained on which data, and what it scored."""
    science = record.science
    identity = science.identity
    scores = [
        f"- {kind}, {part}: {score.correct} of {score.total} ({score.correct / score.total:.1%})"
        for kind, found in (("validation", science.validation), ("held out", science.held_out))
        for part, score in found.items()
    ]
    return "\n".join(
        [
            f"# {name}: {identity['student']['name']} trained by {identity['method']['name']}",
            "",
            f"Dataset {identity['dataset']['name']}, held out {', '.join(identity['held_out'])}, "
            f"seed {identity['seed']}; selected on source validation: "
            f"{json.dumps(science.selected, sort_keys=True)}.",
            "",
            f"- sha256 of the file: {sha256}",
            f"- digest of the unit: {record.digest}",
            *scores,
            "",
            "```json",
            json.dumps(identity, indent=2, sort_keys=True),
            "```",
            "",
        ]
    )
