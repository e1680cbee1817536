"""What a results folder should hold: by today's code, or as its records agree."""

import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from rise.config.load import Experiment
from rise.errors import ResultError
from rise.experiment.paths import zero_shot_path
from rise.planning.asked import asked
from rise.planning.units import units
from rise.report import build
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.results.collect import collect
from rise.results.expected import agreed
from rise.utils.io import write_json
from tests.synthetic import by_method, change_identity, declare, fail, write_results

CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _statuses(folder: Path) -> dict[str, int]:
    expected = agreed(folder)
    found = collect(expected).drop_duplicates(["dataset", "variant", "method", "held_out", "seed"])
    return {str(key): int(value) for key, value in found["status"].value_counts().items()}


def _files(results: Results) -> dict[str, bytes]:
    out = Path("out")
    with patch.object(build, "write_plot", return_value=b"<svg/>"):
        write_report(results, out)
    # The page leads to the records, wherever they lie.
    paths = [path for path in out.rglob("*") if path.is_file() and path.name != "report.html"]
    return {path.name: path.read_bytes() for path in paths}


def test_a_folder_gives_the_report_of_its_experiment() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    write_json(
        zero_shot_path("demo", units(experiment)[0].identity, None),
        {"test": {"noto": {"correct": 3, "total": 5}, "twemoji": {"correct": 1, "total": 2}}},
    )
    whole = _files(Results.read(asked(experiment)))
    assert b"Teacher, zero-shot" in whole["report.md"]
    Path("elsewhere").mkdir()
    shutil.move("results/demo", "elsewhere/demo")
    expected = agreed(Path("elsewhere/demo"))
    assert _files(Results.read(expected)) == whole


def test_results_of_other_code_are_read() -> None:
    experiment = declare(seeds=2)
    write_results(experiment, lambda unit: 50)
    for unit in units(experiment):
        change_identity(unit, "code", "older")
        change_identity(unit, "method.code", f"older {unit.method}")
    assert set(collect(asked(experiment))["status"]) == {"other"}
    assert _statuses(Path("results/demo")) == {"done": 12}


@pytest.mark.parametrize(
    ("path", "word"),
    [("code", "training code"), ("method.code", "method code"), ("recipe.epochs", "recipe.epochs")],
)
def test_a_record_that_differs_from_most_is_named(path: str, word: str) -> None:
    experiment = declare(seeds=2)
    write_results(experiment, lambda unit: 50)
    change_identity(units(experiment)[0], path, "older")
    expected = agreed(Path("results/demo"))
    frame = collect(expected)
    assert list(frame.drop_duplicates("digest")["status"]) == ["other"] + ["done"] * 11
    assert frame["reason"][0].startswith(f"the record differs in {word} (has older, others have ")


def test_a_record_of_another_method_does_not_pass_for_one() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    every = units(experiment)
    for hint, rise in zip(every[2:4], every[4:6], strict=True):
        shutil.copytree(rise.folder, hint.folder, dirs_exist_ok=True)
    expected = agreed(Path("results/demo"))
    frame = collect(expected).drop_duplicates(["method", "held_out"])
    assert list(frame["status"]) == ["done"] * 2 + ["duplicate"] * 2 + ["done"] * 2


def test_failures_and_gaps_of_a_folder_are_told() -> None:
    experiment = declare(seeds=2)
    write_results(experiment, lambda unit: 50)
    failed, missing = units(experiment)[0], units(experiment)[5]
    fail(failed, "loss is not finite")
    (missing.folder / "record.json").unlink()
    assert _statuses(Path("results/demo")) == {"done": 10, "failed": 1, "missing": 1}


def test_units_that_only_failed_are_known_by_their_requests() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    for unit in units(experiment):
        fail(unit, "no GPU")
        write_json(unit.folder / "request.json", {"identity": unit.identity.mapping()})
    assert _statuses(Path("results/demo")) == {"failed": 6}


def test_nothing_that_made_the_results_need_be_here() -> None:
    experiment = declare(datasets={"emojidg": {}}, methods={"hint": {}, "rise": {}}, contrasts=[])
    write_results(experiment, lambda unit: 40 + unit.seed + (unit.method == "rise"))
    folder, every = Path("results/demo"), units(experiment)
    for unit in every:
        change_identity(unit, "dataset.name", "pets-of-mine")
        if unit.method == "rise":
            change_identity(unit, "method.name", "mine")
    for held_out in list((folder / "units/emojidg/main").glob("rise")):
        held_out.rename(held_out.with_name("mine"))
    (folder / "units/emojidg").rename(folder / "units/pets")
    resolved: dict[str, Any] = json.loads((folder / "experiment.json").read_text())
    resolved["datasets"] = {"pets": {"folder": "/gone/pets-of-mine"}}
    resolved["methods"] = {"hint": {}, "mine": {"file": "/gone/mine.py"}}
    resolved["variants"]["main"]["teacher"] = "/gone/clip.pt"
    resolved["contrasts"] = [["mine", "hint"]]
    write_json(folder / "experiment.json", resolved)
    assert _statuses(folder) == {"done": len(every)}
    expected = agreed(folder)
    text = _files(Results.read(expected))["report.md"].decode()
    assert "mine vs. Hint" in text and "**pets: accuracy in % on held-out domains**" in text


def test_a_folder_without_a_declaration_is_refused() -> None:
    Path("results/demo").mkdir(parents=True)
    with pytest.raises(ResultError, match=r"experiment\.json: cannot be read"):
        agreed(Path("results/demo"))
    path = Path("results/demo/experiment.json")
    path.write_text("[]")
    with pytest.raises(ResultError, match="is not a JSON mapping"):
        agreed(Path("results/demo"))
    write_json(path, {**_dump(declare()), "moon_phase": 3})
    with pytest.raises(ResultError, match="moon_phase: is not known to this version of rise"):
        agreed(Path("results/demo"))


def _dump(experiment: Experiment) -> dict[str, Any]:
    return experiment.model_dump(mode="json")
