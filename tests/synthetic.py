"""Experiments and record folders made up for tests, with accuracies that the test chooses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rise.config import Experiment, parse
from rise.experiment import Unit, declared, units
from rise.files import write_json
from rise.records import Record, Science, Score, write_record

# Correct images out of `TOTAL` for a unit: by subset, or one number for the headline.
Correct = Callable[[Unit], int | dict[str, int]]
TOTAL = 100


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
    """Write a record for every unit.

    Args:
        experiment: what is declared.
        correct: how many of 100 images a unit has right.
        told: what the records say was declared; the experiment's own if None.
    """
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
        identity=unit.identity,
        selected={"setting": unit.identity["settings"][0], "epoch": 30},
        validation={"a": Score(correct=60, total=TOTAL), "b": Score(correct=35, total=50)},
        held_out={name: Score(correct=one, total=TOTAL) for name, one in by_subset.items()},
        budget=budget or {"trials": 1, "evaluations": 30, "steps": 300, "images": 19200},
        data={},
    )
    provenance = {"declared": declared(experiment) if told is None else told}
    record = Record(digest=unit.digest, science=science, provenance=provenance)
    write_record(unit.folder / "record.json", record)


def fail(unit: Unit, reason: str) -> None:
    """Take a unit's record away and leave a failure in its place."""
    (unit.folder / "record.json").unlink()
    failed = {"digest": unit.digest, "reason": reason, "log": f"work/logs/{unit.key}.log"}
    write_json(unit.folder / "failed.json", failed)


def by_method(**values: list[int]) -> Correct:
    """Correct images by method and seed, the same in every domain and subset."""
    return lambda unit: values[unit.method][unit.seed]
