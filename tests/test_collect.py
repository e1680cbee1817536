"""The table of results: one row for each unit and set of scored images."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from rise.collect import COLUMNS, collect
from rise.experiment import declared, units
from rise.files import canonical, write_json
from tests.synthetic import by_method, declare, fail, write_results, write_unit


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_done_unit_has_one_row_for_each_set_of_scored_images() -> None:
    experiment = declare(seeds=1)
    unit = units(experiment)[0]
    by_subset = {"all": 50, "test, not drawn": 10, "test": 25, "test, drawn": 20}
    write_unit(experiment, unit, by_subset, budget={"trials": 18, "evaluations": 540})
    rows = collect(experiment).iloc[:4]
    assert list(rows["subset"]) == ["test", "all", "test, drawn", "test, not drawn"]
    assert list(rows["accuracy"]) == [25.0, 50.0, 20.0, 10.0]
    assert list(rows["correct"]) == [25, 50, 20, 10]
    first = rows.iloc[0]
    assert (first["dataset"], first["variant"], first["method"]) == (
        "emojidg",
        "main",
        "erm_text_init",
    )
    assert (first["held_out"], first["seed"], first["status"]) == ("noto", 0, "done")
    # 60 of 100 on one source domain and 35 of 50 on the other: the mean of 60 % and 70 %.
    assert first["validation"] == 65.0
    assert (first["trials"], first["evaluations"], first["total"]) == (18, 540, 100)
    assert (first["seconds"], first["resumed"], first["device"]) == (10.0, False, "made up")
    assert first["peak_memory_mb"] == 500
    assert first["digest"] == unit.digest
    assert first["code"] == unit.identity["code"]
    assert json.loads(first["data"]) == {"pack": "c" * 64}
    # 13 of 50 cats and 12 of 50 dogs: as many of each, so the same as the plain accuracy.
    assert first["macro"] == 25.0
    assert first["declared"] == canonical(declared(experiment))


def test_types_do_not_depend_on_what_is_there() -> None:
    experiment = declare(seeds=1)
    empty = collect(experiment).dtypes
    write_results(experiment, lambda unit: 50)
    assert list(empty.index) == list(COLUMNS)
    assert list(collect(experiment).dtypes) == list(empty)


def test_units_stand_in_declared_order() -> None:
    experiment = declare(seeds=[7, 2], methods={"rise": {}, "hint": {}}, contrasts=[])
    frame = collect(experiment)
    assert list(frame["digest"]) == [unit.digest for unit in units(experiment)]
    assert list(frame["seed"][:4]) == [7, 2, 7, 2]


def test_a_missing_unit_has_one_row_without_scores() -> None:
    frame = collect(declare(seeds=1))
    assert len(frame) == 6
    assert set(frame["status"]) == {"missing"}
    assert frame[["subset", "correct", "accuracy", "reason", "declared"]].isna().all(axis=None)


def test_a_failed_unit_has_its_reason_and_log() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    unit = units(experiment)[2]
    fail(unit, "loss is not finite")
    row = collect(experiment).query("status == 'failed'").iloc[0]
    assert (row["reason"], row["method"]) == ("loss is not finite", "hint")
    assert row["log"] == f"work/logs/{unit.key}.log"
    assert pd.isna(row["subset"])


def test_a_failure_of_another_request_does_not_count() -> None:
    experiment = declare(seeds=1)
    unit = units(experiment)[0]
    write_json(unit.folder / "failed.json", {"digest": "0" * 64, "reason": "old", "log": ""})
    assert set(collect(experiment)["status"]) == {"missing"}


def test_a_record_counts_whatever_failed_before() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    unit = units(experiment)[0]
    write_json(unit.folder / "failed.json", {"digest": unit.digest, "reason": "old", "log": ""})
    assert set(collect(experiment)["status"]) == {"done"}


def test_a_record_of_another_digest_is_not_read() -> None:
    before = declare(seeds=1)
    write_results(before, lambda unit: 50)
    after = declare(
        seeds=1, methods={"erm_text_init": {}, "hint": {"hparams": {"hint": 1.0}}, "rise": {}}
    )
    frame = collect(after)
    assert (
        list(frame.drop_duplicates("digest")["status"])
        == ["done"] * 2 + ["other"] * 2 + ["done"] * 2
    )
    assert frame.query("status == 'other'")["accuracy"].isna().all()


def test_a_damaged_record_is_named() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, by_method(erm_text_init=[40], hint=[45], rise=[46]))
    path = units(experiment)[0].folder / "record.json"
    values = json.loads(path.read_text())
    values["science"]["identity"]["seed"] = 5
    path.write_text(json.dumps(values))
    row = collect(experiment).query("status == 'other'").iloc[0]
    assert "changed by hand" in row["reason"]


def test_collecting_and_reporting_need_no_torch_and_no_matplotlib() -> None:
    code = "import sys, rise.collect, rise.report.build, rise.report.terminal; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"torch", "matplotlib", "snakemake"} & set(loaded.stdout.split())
