"""The table of results: one row for each unit and set of scored images."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rise.errors import ResultError
from rise.planning.asked import asked
from rise.planning.units import pre_specified, units
from rise.report.analysis.results import Results
from rise.results.collect import COLUMNS, collect
from rise.results.completeness import refuse_incomplete
from rise.results.nested_diff import short
from rise.utils.io import canonical, file_digest, write_json
from tests.synthetic import (
    by_method,
    change_data,
    change_identity,
    declare,
    fail,
    write_results,
    write_unit,
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_done_unit_has_one_row_for_each_set_of_scored_images() -> None:
    experiment = declare(seeds=1)
    unit = units(experiment)[0]
    by_subset = {"all": 50, "test, not drawn": 10, "test": 25, "test, drawn": 20}
    write_unit(experiment, unit, by_subset, budget={"trials": 18, "evaluations": 540})
    rows = collect(asked(experiment)).iloc[:4]
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
    assert first["code"] == unit.identity.code
    assert json.loads(first["data"]) == {"pack": "c" * 64}
    # 13 of 50 cats and 12 of 50 dogs: as many of each, so the same as the plain accuracy.
    assert first["macro"] == 25.0
    assert first["declared"] == canonical(pre_specified(experiment).model_dump(mode="json"))


def test_types_do_not_depend_on_what_is_there() -> None:
    experiment = declare(seeds=1)
    empty = collect(asked(experiment)).dtypes
    write_results(experiment, lambda unit: 50)
    assert list(empty.index) == list(COLUMNS)
    assert list(collect(asked(experiment)).dtypes) == list(empty)


def test_units_stand_in_declared_order() -> None:
    experiment = declare(seeds=[7, 2], methods={"rise": {}, "hint": {}}, contrasts=[])
    frame = collect(asked(experiment))
    assert list(frame["digest"]) == [unit.digest for unit in units(experiment)]
    assert list(frame["seed"][:4]) == [7, 2, 7, 2]


def test_a_missing_unit_has_one_row_without_scores() -> None:
    frame = collect(asked(declare(seeds=1)))
    assert len(frame) == 6
    assert set(frame["status"]) == {"missing"}
    assert frame[["subset", "correct", "accuracy", "reason", "declared"]].isna().all(axis=None)


def test_a_failed_unit_has_its_reason_and_log() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    unit = units(experiment)[2]
    fail(unit, "loss is not finite")
    row = collect(asked(experiment)).query("status == 'failed'").iloc[0]
    assert (row["reason"], row["method"]) == ("loss is not finite", "hint")
    assert row["log"] == f"work/logs/{unit.key}.log"
    assert pd.isna(row["subset"])


def test_a_failure_of_another_request_does_not_count() -> None:
    experiment = declare(seeds=1)
    unit = units(experiment)[0]
    write_json(unit.folder / "failed.json", {"digest": "0" * 64, "reason": "old", "log": ""})
    assert set(collect(asked(experiment))["status"]) == {"missing"}


def test_a_record_counts_whatever_failed_before() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    unit = units(experiment)[0]
    write_json(unit.folder / "failed.json", {"digest": unit.digest, "reason": "old", "log": ""})
    assert set(collect(asked(experiment))["status"]) == {"done"}


def test_a_record_of_another_digest_is_not_read() -> None:
    before = declare(seeds=1)
    write_results(before, lambda unit: 50)
    after = declare(
        seeds=1, methods={"erm_text_init": {}, "hint": {"hparams": {"hint": 1.0}}, "rise": {}}
    )
    frame = collect(asked(after))
    assert (
        list(frame.drop_duplicates("digest")["status"])
        == ["done"] * 2 + ["other"] * 2 + ["done"] * 2
    )
    other = frame.query("status == 'other'")
    assert other["accuracy"].isna().all()
    assert set(other["reason"]) == {
        "the record differs in settings (search budget) "
        f"(has {short(units(before)[2].identity.settings)}, "
        f"asked for {short(units(after)[2].identity.settings)})"
    }


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("code", "training code"),
        ("method.code", "method code"),
        ("student.start", "start weights"),
        ("student.image_size", "student.image_size"),
        ("recipe.epochs", "recipe.epochs"),
        ("views.count", "views.count"),
        ("teacher.sha256", "teacher.sha256"),
        ("text.words", "text.words"),
        ("protocol", "protocol"),
        ("device.class", "device.class"),
        ("dataset.revision", "data.revision"),
    ],
)
def test_the_key_that_differs_is_named(path: str, word: str) -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    unit = units(experiment)[0]
    change_identity(unit, path, "another")
    row = collect(asked(experiment)).iloc[0]
    assert row["status"] == "other"
    assert row["reason"].startswith(f"the record differs in {word} (has another, asked for ")
    assert list(collect(asked(experiment))["status"][1:]) == ["done"] * 10


def test_the_first_few_of_many_keys_are_named() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    unit = units(experiment)[0]
    for path in ("code", "protocol", "recipe.epochs", "views.count", "device.class"):
        change_identity(unit, path, "another")
    reason = collect(asked(experiment)).iloc[0]["reason"]
    assert "training code" in reason and reason.endswith(" and 2 more")


def test_one_flipped_byte_of_predictions_is_found() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    path = units(experiment)[0].folder / "predictions.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    row = collect(asked(experiment)).iloc[0]
    assert row["status"] == "damaged"
    assert row["reason"].startswith(f"{path}: is damaged (sha256 {file_digest(path)[:12]}, ")
    path.unlink()
    assert "cannot be read" in collect(asked(experiment)).iloc[0]["reason"]


def test_a_copy_of_another_units_record_is_named() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    first, second = units(experiment)[:2]
    shutil.copytree(second.folder, first.folder, dirs_exist_ok=True)
    row = collect(asked(experiment)).iloc[0]
    assert (row["status"], row["digest"]) == ("duplicate", first.digest)
    assert second.key in row["reason"]


def test_records_of_two_revisions_of_data_are_not_averaged() -> None:
    experiment = declare(datasets={"emojidg": {"held_out": ["noto"]}, "objects": {}}, seeds=2)
    write_results(experiment, lambda unit: 50)
    change_data(units(experiment)[1], pack="d" * 64)
    frame = collect(asked(experiment))
    row = frame[frame["status"] == "other"].iloc[0]
    assert (row["dataset"], row["method"], row["seed"]) == ("emojidg", "erm_text_init", 1)
    assert (
        row["reason"]
        == "made of other data: decoded images (has dddddddddddd, others have cccccccccccc)"
    )
    assert (frame["status"] == "other").sum() == 1
    results = Results.read(asked(experiment))
    mixed, other = results.groups
    assert [results.interval(mixed, name, "test") for name in experiment.methods] == [None] * 3
    assert results.interval(other, "rise", "test") is not None


def test_the_data_on_this_disk_outvote_all_records() -> None:
    experiment = declare(datasets={"emojidg": {"held_out": ["noto"]}}, seeds=2)
    write_results(experiment, lambda unit: 50)
    right, *wrong = units(experiment)
    change_data(right, manifest="a" * 64)
    for unit in wrong:
        change_data(unit, manifest="b" * 64)
    expected = replace(asked(experiment), manifests={"emojidg": "a" * 64})
    frame = collect(expected).drop_duplicates("digest")
    assert list(frame["status"]) == ["done"] + ["other"] * 5
    assert frame["reason"].iloc[1] == (
        "made of other data: manifest (has bbbbbbbbbbbb, this disk has aaaaaaaaaaaa)"
    )


def test_the_macro_accuracy_is_the_mean_over_classes() -> None:
    experiment = declare(seeds=1)
    unit = units(experiment)[0]
    write_unit(experiment, unit, 50)
    path = unit.folder / "record.json"
    record = json.loads(path.read_text())
    record["science"]["held_out"]["test"]["classes"] = {
        "cat": {"correct": 1, "total": 4},
        "dog": {"correct": 3, "total": 4},
        "owl": {"correct": 2, "total": 2},
    }
    write_json(path, record)
    assert collect(asked(experiment))["macro"].iloc[0] == pytest.approx(100 * (0.25 + 0.75 + 1) / 3)


def test_what_is_not_done_is_refused_in_one_line_for_each_kind() -> None:
    experiment = declare(seeds=2)
    write_results(experiment, lambda unit: 50)
    every = units(experiment)
    fail(every[0], "loss is not finite")
    for unit in every[1:6]:
        (unit.folder / "record.json").unlink()
    (every[6].folder / "predictions.npz").unlink()
    change_data(every[7], pack="d" * 64)
    change_identity(every[8], "code", "another")
    shutil.copytree(every[10].folder, every[9].folder, dirs_exist_ok=True)
    with pytest.raises(ResultError) as caught:
        refuse_incomplete(collect(asked(experiment)), "make them: rise run config/demo.yaml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 7
    names = ", ".join(unit.key for unit in every[1:4])
    assert lines[0] == (
        f"5 of 12 units missing ({names} and 2 more): no record; "
        "make them: rise run config/demo.yaml"
    )
    assert lines[1].startswith(f"1 of 12 units failed ({every[0].key}): loss is not finite; see")
    assert "--allow-incomplete" in lines[-1]
    for unit in every[6:10]:
        assert any(unit.key in line for line in lines[2:6])


def test_a_whole_table_is_not_refused() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, lambda unit: 50)
    refuse_incomplete(collect(asked(experiment)), "")


def test_a_damaged_record_is_named() -> None:
    experiment = declare(seeds=1)
    write_results(experiment, by_method(erm_text_init=[40], hint=[45], rise=[46]))
    path = units(experiment)[0].folder / "record.json"
    values = json.loads(path.read_text())
    values["science"]["identity"]["seed"] = 5
    path.write_text(json.dumps(values))
    row = collect(asked(experiment)).query("status == 'damaged'").iloc[0]
    assert "changed by hand" in row["reason"]


def test_collecting_and_reporting_need_no_torch_and_no_matplotlib() -> None:
    code = (
        "import sys, rise.results.collect, rise.report.build, rise.report.terminal;"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"torch", "matplotlib", "snakemake"} & set(loaded.stdout.split())
