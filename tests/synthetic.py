"""Experiments and record folders made up for tests, with accuracies that the test chooses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.experiment.paths import results_folder, scored_path
from rise.experiment.record import (
    HeldOut,
    Record,
    Science,
    Score,
    predictions_path,
    write_record,
)
from rise.planning.units import Unit, pre_specified, units
from rise.results.expected import write_recorded
from rise.utils.io import digest, file_digest, write_json
from rise.utils.npz import write_npz

# Correct images out of `TOTAL` for a unit: by subset, or one number for the headline.
Correct = Callable[[Unit], int | dict[str, int]]
TOTAL = 100
PACK = "c" * 64


def declare(name: str = "demo", **changes: Any) -> Experiment:
    """An experiment on two held-out domains of emojidg; changes replace top-level keys."""
    values: dict[str, Any] = {
        "title": "Does distillation help on an unseen style?",
        "settings_note": "Settings were chosen on another domain.",
        "datasets": {"emojidg": {"held_out": ["noto", "twemoji"]}},
        "methods": {"erm_text_init": {}, "hint": {}, "rise": {}},
        "variants": {"main": {"student": "tiny-resnet", "teacher": "tiny-clip"}},
        "seeds": 4,
        "contrasts": [["rise", "erm_text_init"], ["hint", "erm_text_init"], ["rise", "hint"]],
    }
    return parse({**values, **changes}, Path(f"{name}.yaml"))


def write_results(
    experiment: Experiment, correct: Correct, told: dict[str, Any] | None = None
) -> None:
    """Write a record for every unit, and the resolved experiment.

    Args:
        experiment: what is declared.
        correct: how many of 100 images a unit has right.
        told: what the records say was declared; the experiment's own if None.
    """
    write_recorded(experiment, results_folder(experiment.name))
    for unit in units(experiment):
        write_unit(experiment, unit, correct(unit), told)


def write_unit(
    experiment: Experiment,
    unit: Unit,
    correct: int | dict[str, int],
    told: dict[str, Any] | None = None,
    budget: dict[str, int] | None = None,
) -> None:
    """Write the record of one unit."""
    by_subset = correct if isinstance(correct, dict) else {"test": correct, "all": correct}
    science = Science(
        identity=unit.identity.mapping(),
        selected={"setting": unit.identity.settings[0], "epoch": 30},
        validation={"a": Score(correct=60, total=TOTAL), "b": Score(correct=35, total=50)},
        held_out={name: _held_out(one) for name, one in by_subset.items()},
        predictions=_predict(experiment, unit, by_subset.get("all", TOTAL)),
        budget=budget or {"trials": 1, "evaluations": 30, "steps": 300, "images": 19200},
        data={"pack": PACK},
    )
    provenance = {
        "declared": pre_specified(experiment).model_dump(mode="json") if told is None else told,
        "seconds": 10.0,
        "resumed": False,
        "peak_memory_mb": 500,
        "device": "made up",
        "history": [
            {"stage": 0, "step": at, "accuracy": 0.5, "loss": 1.0, "terms": {"ce": 1.0}}
            for at in (150, 300)
        ],
    }
    record = Record(digest=unit.digest, science=science, provenance=provenance)
    write_record(unit.folder / "record.json", record)


def _held_out(correct: int) -> HeldOut:
    """The first `correct` images are right; images of the two classes alternate."""
    even = (correct + 1) // 2
    classes = {
        "cat": Score(correct=even, total=TOTAL // 2),
        "dog": Score(correct=correct - even, total=TOTAL // 2),
    }
    return HeldOut(correct=correct, total=TOTAL, classes=classes)


def _predict(experiment: Experiment, unit: Unit, correct: int) -> str:
    """Write a unit's predictions, and what they are scored with; returns their sha256."""
    folder = experiment.datasets[unit.dataset].folder
    domains = sorted(lookup.dataset(unit.dataset, folder).domains)
    ids = np.array([f"{domain}-{at:03}" for domain in domains for at in range(TOTAL)])
    label = np.tile(np.arange(TOTAL) % 2, len(domains))
    columns = {
        "id": ids,
        "domain": np.repeat(np.arange(len(domains)), TOTAL),
        "label": label,
        # The same things in every domain.
        "identity": np.tile([f"thing {at}" for at in range(TOTAL)], len(domains)),
        "part": np.full(len(ids), "test"),
        "group": np.full(len(ids), ""),
        "domains": np.array(domains),
        "classes": np.array(["cat", "dog"]),
    }
    write_npz(scored_path(results_folder(unit.experiment), unit.dataset, PACK), columns)
    here = np.concatenate(
        [np.flatnonzero(columns["domain"] == domains.index(d)) for d in unit.held_out]
    )
    wrong = np.tile(np.arange(TOTAL) >= correct, len(unit.held_out))
    predicted = np.where(wrong, 1 - label[here], label[here]).astype(np.int16)
    path = predictions_path(unit.folder / "record.json")
    log = np.log(np.where(np.arange(2) == predicted[:, None], 0.75, 0.25)).astype(np.float16)
    write_npz(path, {"log_probability": log, "predicted": predicted, "image": ids[here]})
    return file_digest(path)


def fail(unit: Unit, reason: str) -> None:
    """Take a unit's record away and leave a failure in its place."""
    (unit.folder / "record.json").unlink()
    failed = {"digest": unit.digest, "reason": reason, "log": f"work/logs/{unit.key}.log"}
    write_json(unit.folder / "failed.json", failed)


def change_identity(unit: Unit, path: str, value: Any) -> None:
    """Make a unit's record one of another identity, as whole as before."""
    file = unit.folder / "record.json"
    record = json.loads(file.read_text())
    *parents, last = path.split(".")
    place = record["science"]["identity"]
    for parent in parents:
        place = place[parent]
    place[last] = value
    write_json(file, {**record, "digest": digest(record["science"]["identity"])})


def change_data(unit: Unit, **data: str) -> None:
    """Make a unit's record one of other data."""
    file = unit.folder / "record.json"
    record = json.loads(file.read_text())
    record["science"]["data"] |= data
    write_json(file, record)


def by_method(**values: list[int]) -> Correct:
    """Correct images by method and seed, the same in every domain and subset."""
    return lambda unit: values[unit.method][unit.seed]
