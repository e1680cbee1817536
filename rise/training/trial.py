"""A trial: one setting of hyper-parameters, trained once and kept in work/ by its digest."""

import json
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from rise.catalog import lookup, start_weights
from rise.methods._average import averaged
from rise.methods._base import Context, Method
from rise.methods._load import load_method
from rise.students.build import make_trunk
from rise.training.data import UnitData
from rise.training.recipe import Recipe
from rise.training.trainer import fit
from rise.utils.io import digest, replacing, write_json

WEIGHTS, CHECKPOINT = "weights.pt", "checkpoint.pt"


def trial_folder(
    experiment: str,
    identity: dict[str, Any],
    setting: dict[str, Any],
    found: dict[str, str],
    work: Path,
) -> Path:
    """Where a trial lies: addressed by all that it depends on.

    Args:
        experiment: its name.
        identity: of the unit, of whose settings only this one counts.
        setting: the trial's.
        found: what the identity does not pin, as `found_here` says it.
        work: folder of all that can be made again.
    """
    key = digest([{**identity, "settings": [setting]}, found])
    return work / experiment / "trials" / key


def found_here(request: dict[str, Any]) -> dict[str, str]:
    """What the identity does not pin: digests of the dataset's files and of the hub's weights."""
    found = {} if request["manifest"] is None else {"manifest": request["manifest"]}
    student = request["identity"]["student"]
    if student["start"].startswith("timm:"):
        found["student"] = start_weights.first_seen(start_weights.own_file(student["name"]))[
            "sha256"
        ]
    return found


def build_method(
    request: dict[str, Any], setting: dict[str, Any], data: UnitData, start: str = "scratch"
) -> Method:
    """Build a unit's method on its device; initial weights depend on seed and part alone.

    `start` is the request's; with "scratch" a method can be built whose weights are put in later.
    """
    identity = request["identity"]
    student, seed = identity["student"], int(identity["seed"])
    context = Context(
        classes=len(data.pack.classes),
        domains=len(data.validation),
        texts=data.texts,
        seed=seed,
        make_trunk=partial(
            make_trunk,
            student["name"],
            "scratch" if start == "scratch" else student["start"],
            seed,
            file=start_weights.given_file(start),
            normalise=student["normalise"],
            freeze_bn=student["freeze_bn"],
            precision=identity["device"]["precision"],
        ),
        second_head=identity["recipe"]["second_head"],
    )
    load = load_method(identity["method"]["name"], request["method_file"])
    method = load(context, setting)
    method = averaged(method, identity["recipe"]["average"]).to(data.device)
    return method.to(memory_format=torch.channels_last)


def run_trial(
    request: dict[str, Any], setting: dict[str, Any], data: UnitData, folder: Path
) -> dict[str, Any]:
    """Train a trial unless its history is there already.

    Returns:
        trial.json: the setting, the history of its evaluations, and the row of the kept weights.

    Raises:
        TrainingError: a term is not finite.
    """
    done = folder / "trial.json"
    if done.is_file():
        found: dict[str, Any] = json.loads(done.read_text(encoding="utf-8"))
        return found
    _, history, kept = _train(request, setting, data, folder)
    result = {"setting": setting, "history": history, "kept": kept}
    write_json(done, result)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return result


def _train(
    request: dict[str, Any], setting: dict[str, Any], data: UnitData, folder: Path
) -> tuple[Method, list[dict[str, Any]], dict[str, Any]]:
    """The trained method, whose weights lie in the folder then, with history and kept row."""
    identity = request["identity"]
    method = build_method(request, setting, data, request["start"])
    recipe = Recipe(
        values=identity["recipe"],
        lr=setting["lr"],
        weight_decay=setting["weight_decay"],
        images=len(data.rows),
        views=identity["views"]["count"],
        seed=int(identity["seed"]),
    )
    stages = lookup.method(identity["method"]["name"], request["method_file"]).stages
    history, kept = fit(method, data, recipe, stages, folder / CHECKPOINT)
    with replacing(folder / WEIGHTS) as beside:
        torch.save(method.state_dict(), beside)
    return method, history, kept


def load_trial(
    request: dict[str, Any], setting: dict[str, Any], data: UnitData, folder: Path
) -> Method:
    """The trained method of a trial; trained again if its weights were deleted.

    Its history stays the one that it was selected by; on a CPU the new one is the same.
    """
    try:
        state = torch.load(folder / WEIGHTS, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        print(
            f"rise: the weights of {json.dumps(setting)} were deleted when another setting was "
            "selected; it is trained again",
            file=sys.stderr,
        )
        method, *_ = _train(request, setting, data, folder)
        (folder / CHECKPOINT).unlink(missing_ok=True)
        return method
    method = build_method(request, setting, data)
    method.load_state_dict(state)
    return method


def keep_weights_of(selected: Path, folders: Iterable[Path]) -> None:
    """Delete the weights of a unit's other trials; their histories stay.

    Only units of one experiment that differ in nothing but the settings they list share trials. One
    of them that is at work meanwhile trains such a trial again, if it selects it.
    """
    for folder in folders:
        if folder != selected:
            (folder / WEIGHTS).unlink(missing_ok=True)
