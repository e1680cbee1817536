"""Settling: the folder says what is to be made, and nothing is lost."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml

from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.experiment.read_job import read_job
from rise.experiment.record import Record, Science, predictions_path, recorded_digest, write_record
from rise.planning.aside import record_path
from rise.planning.plan import Plan, read_resolved, read_stamp
from rise.planning.status import describe, progress
from rise.planning.units import Unit, job_of
from rise.runtime.snakefile import open_plan
from rise.utils.npz import write_npz

CONFIG = Path(__file__).resolve().parents[2] / "config" / "smoke.yaml"


def experiment(**changes: Any) -> Experiment:
    values = yaml.safe_load(CONFIG.read_text())
    return parse({**values, **changes}, Path("smoke.yaml"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def finish(unit: Unit) -> None:
    """Write a record and predictions that look like a unit's."""
    score = {"correct": 1, "total": 2}
    science = Science.model_validate(
        {
            "identity": unit.identity.mapping(),
            "selected": {},
            "validation": {"twemoji": score},
            "held_out": {"test": {**score, "classes": {}}},
            "predictions": "0" * 64,
            "budget": {},
            "data": {},
        }
    )
    write_record(record_path(unit), Record(digest=unit.digest, science=science, provenance={}))
    predictions_path(record_path(unit)).write_text(unit.digest)


def finished(plan: Plan) -> Plan:
    for unit in plan.units.values():
        finish(unit)
    return plan


def texts(plan: Plan) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sorted(plan.results.rglob("*.*")) if "units" in p.parts}


def test_empty_folder_needs_all() -> None:
    plan = Plan(experiment()).settle()
    assert list(plan.stale) == list(plan.units)
    for unit in plan.units.values():
        assert (unit.folder / "request.json").is_file()
        names = [path.name for path in plan.needs(unit)]
        # Cross-entropy alone asks no teacher about images, so it waits for no cache.
        cache = [] if unit.method == "erm_text_init" else ["cache.json"]
        assert names[::2] == ["dataset.json", *cache]


def test_finished_units_need_nothing() -> None:
    plan = finished(Plan(experiment())).settle()
    assert not plan.stale
    assert all(plan.needs(unit) == [] for unit in plan.units.values())


def test_other_record_is_moved_aside_and_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    first = finished(Plan(experiment())).settle()
    kept = {unit.key: record_path(unit).read_bytes() for unit in first.units.values()}
    capsys.readouterr()

    other = Plan(experiment(methods={"erm_text_init": {}, "rise": {"hparams": {"hint": 3}}}))
    other.settle()

    assert set(other.stale) == {key for key in other.units if "/rise/" in key}
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and said[0].startswith("rise: 4 records do not match the present smoke")
    for key in other.stale:
        old = first.units[key]
        aside = old.folder / f"record.{old.digest[:12]}.json"
        assert recorded_digest(aside) == old.digest
        assert predictions_path(aside).read_text() == old.digest
        assert not predictions_path(record_path(old)).exists()

    finished(other)
    back = Plan(experiment()).settle()
    assert not back.stale
    assert {unit.key: record_path(unit).read_bytes() for unit in back.units.values()} == kept
    for unit in back.units.values():
        assert predictions_path(record_path(unit)).read_text() == unit.digest


@pytest.mark.parametrize("spoilt", ["{", "{}", "[]", ""])
def test_unreadable_record_is_moved_aside(spoilt: str) -> None:
    plan = finished(Plan(experiment()))
    unit = next(iter(plan.units.values()))
    record_path(unit).write_text(spoilt)
    assert list(plan.settle().stale) == [unit.key]
    assert (unit.folder / "record.unreadable.json").read_text() == spoilt


def test_record_changed_by_hand_is_not_used() -> None:
    plan = finished(Plan(experiment()))
    unit = next(iter(plan.units.values()))
    text = record_path(unit).read_text()
    record_path(unit).write_text(text.replace('"seed": 0', '"seed": 7'))
    assert list(plan.settle().stale) == [unit.key]


def test_record_without_predictions_is_not_used() -> None:
    plan = finished(Plan(experiment()))
    unit = next(iter(plan.units.values()))
    predictions_path(record_path(unit)).unlink()
    assert list(plan.settle().stale) == [unit.key]


def test_settling_twice_changes_nothing() -> None:
    plan = finished(Plan(experiment()))
    record_path(next(iter(plan.units.values()))).unlink()
    plan.settle()
    once = texts(plan)
    plan.settle()
    assert texts(plan) == once


def test_looking_changes_nothing() -> None:
    plan = finished(Plan(experiment()))
    before = texts(plan)
    other = Plan(experiment(seeds=3)).look()
    assert len(other.stale) == 4
    assert texts(plan) == before and not plan.resolved.exists()


def test_resolved_experiment_is_kept() -> None:
    declared = experiment(seeds=[5, 7])
    plan = Plan(declared).settle()
    assert read_resolved(plan.resolved) == declared
    # Key order is the order of a report's tables.
    assert list(read_resolved(plan.resolved).methods) == list(declared.methods)


def stamp(plan: Plan) -> None:
    plan.report.parent.mkdir(parents=True, exist_ok=True)
    plan.report.write_text("{}")
    plan.stamp_report(plan.units.keys() - plan.look().stale.keys())


def test_report_of_the_same_units_stays() -> None:
    plan = finished(Plan(experiment())).settle()
    stamp(plan)
    assert read_stamp(Plan(experiment()).settle().report)


@pytest.mark.parametrize(
    "change", [{"seeds": 1}, {"contrasts": []}, {"title": "Other"}, {"decision": {"alpha": 0.01}}]
)
def test_report_of_other_things_loses_its_stamp(change: dict[str, Any]) -> None:
    stamp(finished(Plan(experiment())).settle())
    plan = Plan(experiment(**change)).settle()
    assert not plan.stale and not plan.report.exists()


def test_how_jobs_run_changes_neither_units_nor_report() -> None:
    stamp(finished(Plan(experiment())).settle())
    other = Plan(experiment(workers=3, image="other.sif")).settle()
    assert not other.stale and other.report.exists()
    unit = next(iter(other.units.values()))
    assert job_of(unit, other.experiment).workers == 3


def test_report_of_some_units_is_made_again() -> None:
    plan = finished(Plan(experiment()))
    record_path(next(iter(plan.units.values()))).unlink()
    stamp(plan.settle())
    assert not finished(Plan(experiment())).settle().report.exists()


def test_a_job_on_another_machine_finds_the_requests_of_shared_files() -> None:
    """It reads the Snakefile by itself, when other units may be finished, and writes nothing."""
    plan = finished(Plan(experiment()))
    unit = list(plan.units.values())[-1]
    record_path(unit).unlink()
    shared = [*plan.settle().needs(unit), *plan.missing_zero_shots()]
    finish(unit)
    before = sorted(Path().rglob("*"))
    settings = SimpleNamespace(deployment_method=frozenset())

    job = open_plan({}, [CONFIG], settings, main=False)

    assert len(shared) == 4
    for path in shared:
        user = job.user_of(path)
        assert read_job(user.folder / "request.json").key == user.key
    assert job.needs(unit) == []
    assert sorted(Path().rglob("*")) == before


def test_status_counts_and_names_failed_units() -> None:
    plan = finished(Plan(experiment()))
    first, second, *_ = plan.units.values()
    for unit, digest in ((first, first.digest), (second, "of another request")):
        record_path(unit).unlink()
        (unit.folder / "failed.json").write_text(f'{{"digest": "{digest}", "reason": "no luck"}}')
    text = progress(plan, everything=True)
    assert "smoke: 6 done, 1 failed, 1 waiting" in text
    assert f"failed: {first.key}\n  no luck\n  log: work/smoke/logs/units/{first.key}.log" in text
    assert f"waiting: {second.key}" in text


def test_status_calls_other_what_an_edit_makes_other() -> None:
    plan = finished(Plan(experiment()))
    first, second, *_ = plan.units.values()
    record_path(first).write_text("no record")
    record_path(second).unlink()
    variant = yaml.safe_load(CONFIG.read_text())["variants"]["main"]
    variant["recipe"]["epochs"] = 4
    text = progress(Plan(experiment(variants={"main": variant})))
    assert "smoke: 0 done, 0 failed, 6 other, 1 damaged, 1 waiting" in text
    assert (
        "other: 6 units, which the next run makes again\n"
        "  the record differs in recipe.epochs (has 3, asked for 4)"
    ) in text
    assert "damaged: 1 units, which the next run makes again\n  the record cannot be read" in text


def test_describe_counts_units_and_trials() -> None:
    assert "units      8 (16 trials), 8 to be made" in describe(Plan(experiment()).look())


def test_a_dataset_may_have_a_teacher_of_its_own() -> None:
    """Identity, job and the teacher's row follow it; class texts have no row."""
    classes = list(lookup.datasets()["objects"].classes)
    write_npz(Path("texts.npz"), {"classes": np.array(classes), "raw": np.eye(len(classes))})
    datasets = {"emojidg": {"held_out": ["noto"]}, "objects": {"held_out": ["noto"]}}
    for given, rows in (("clip-rn50", 1), ("texts.npz", 0)):
        datasets["objects"]["variant"] = {"teacher": given}
        declared = experiment(datasets=datasets, methods={"erm_text_init": {}}, contrasts=[])
        plan = Plan(declared)
        found = {unit.dataset: unit for unit in plan.units.values()}
        name = Path(given).stem
        assert found["emojidg"].identity.teacher.name == "tiny-clip"
        assert found["objects"].identity.teacher.name == name
        assert job_of(found["objects"], declared).teacher == lookup.teacher(given).source
        assert [f"-{name}-" in path.name for path in plan.zero_shot(found["objects"])] == [
            True
        ] * rows
        assert len(plan.zero_shot(found["emojidg"])) == 1


def test_a_killed_move_leaves_no_predictions_twice() -> None:
    """Killed when the record has its new name and its predictions have both."""
    plan = finished(Plan(experiment())).settle()
    unit = next(iter(plan.units.values()))
    twin = predictions_path(unit.folder / "record.0123456789ab.json")
    twin.write_bytes(predictions_path(record_path(unit)).read_bytes())
    other = twin.with_name("predictions.fedcba987654.npz")
    other.write_text("of a record that was lost")
    Plan(experiment()).settle()
    assert not twin.exists() and other.exists()
