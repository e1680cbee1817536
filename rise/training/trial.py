"""A trial: one setting of hyper-parameters, trained once and kept in work/ by its digest."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import torch

from rise import catalogue, weights
from rise.files import digest, replacing, write_json
from rise.methods import load_method
from rise.methods._average import averaged
from rise.methods._base import Context, Method
from rise.students import make_trunk
from rise.training.data import UnitData
from rise.training.recipe import Recipe
from rise.training.trainer import fit


def trial_folder(request: dict[str, Any], setting: dict[str, Any], work: Path) -> Path:
    """Where a trial lies: addressed by the unit's identity with this setting alone."""
    identity = {**request["identity"], "settings": [setting]}
    return work / str(request["experiment"]) / "trials" / digest(identity)


def start_digest(request: dict[str, Any]) -> dict[str, str]:
    """sha256 of starting weights whose identity is a tag of the hub; nothing for all others."""
    student = request["identity"]["student"]
    if not student["start"].startswith("timm:"):
        return {}
    return {"student": weights.first_seen(weights.own_file(student["name"]))["sha256"]}


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
            file=weights.given_file(start),
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
    """Train a trial unless it is there already.

    Returns:
        trial.json: the setting, the history of its evaluations, and the row of the kept weights.

    Raises:
        TrainingError: a term is not finite.
    """
    done = folder / "trial.json"
    if done.is_file():
        found: dict[str, Any] = json.loads(done.read_text(encoding="utf-8"))
        return found
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
    stages = catalogue.method(identity["method"]["name"], request["method_file"]).stages
    checkpoint = folder / "checkpoint.pt"
    history, kept = fit(method, data, recipe, stages, checkpoint)
    with replacing(folder / "weights.pt") as beside:
        torch.save(method.state_dict(), beside)
    result = {"setting": setting, "history": history, "kept": kept}
    write_json(done, result)
    checkpoint.unlink(missing_ok=True)
    return result


def load_trial(
    request: dict[str, Any], setting: dict[str, Any], data: UnitData, folder: Path
) -> Method:
    """The trained method of a trial."""
    method = build_method(request, setting, data)
    method.load_state_dict(torch.load(folder / "weights.pt", map_location="cpu", weights_only=True))
    return method
