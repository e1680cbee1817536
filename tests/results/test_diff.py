"""Comparing results: science decides, provenance is told."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rise.errors import ResultError
from rise.planning.units import units
from rise.results.diff import compare
from rise.results.nested_diff import differences
from rise.utils.io import write_json
from tests.synthetic import declare, write_results

ONE, OTHER = Path("results/demo"), Path("other")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_results(declare(seeds=2), lambda unit: 40 + unit.seed)
    shutil.copytree(ONE, OTHER)


def change(at: int, block: str, **values: Any) -> Path:
    """Change a block of a record of the other folder."""
    path = OTHER / "units" / units(declare(seeds=2))[at].key / "record.json"
    record = json.loads(path.read_text())
    record[block] |= values
    write_json(path, record)
    return path


def test_equal_folders_are_the_same() -> None:
    found = compare(ONE, OTHER)
    assert found.same
    assert found.text == (
        "12 units in both: 12 with the same science, 0 not; 0 only in results/demo, 0 only in other"
    )


def test_provenance_alone_is_told_but_no_difference() -> None:
    path = change(0, "provenance", seconds=11.0, host="b")
    found = compare(ONE, OTHER)
    assert found.same and found.text.endswith(
        "provenance differs in (units): host (1), seconds (1)"
    )
    record = compare(ONE / path.relative_to(OTHER), path)
    assert record.same
    assert record.text.splitlines() == [
        "science: the same",
        "provenance: differs in 2 places",
        "  host: nothing | b",
        "  seconds: 10.0 | 11.0",
    ]


def test_differences_are_named_by_unit_and_key() -> None:
    every = units(declare(seeds=2))
    path = change(3, "science", budget={"trials": 2, "evaluations": 30})
    (OTHER / "units" / every[0].key / "record.json").unlink()
    (ONE / "units" / every[1].key / "record.json").unlink()
    (OTHER / "units" / every[2].key / "predictions.npz").write_bytes(b"?")
    found = compare(ONE, OTHER)
    assert not found.same
    lines = found.text.splitlines()
    assert lines[0] == (
        "10 units in both: 8 with the same science, 2 not; 1 only in results/demo, 1 only in other"
    )
    assert lines[1].startswith(f"differs: {every[2].key}: other/units/") and "damaged" in lines[1]
    assert lines[2] == (
        f"differs: {every[3].key}: budget.images 19200 | nothing; budget.steps 300 | nothing; "
        "budget.trials 1 | 2"
    )
    assert lines[3:] == [
        f"only in results/demo: {every[0].key}",
        f"only in other: {every[1].key}",
    ]
    one = compare(ONE / "units" / every[3].key, path)
    assert not one.same and one.text.startswith("science: differs in 3 places\n  budget.images: 1")


def test_records_and_folders_are_not_compared_with_each_other() -> None:
    unit = OTHER / "units" / units(declare(seeds=2))[0].key
    with pytest.raises(ResultError, match="name two of one kind"):
        compare(ONE, unit)
    with pytest.raises(ResultError, match="cannot be read"):
        compare(Path("nowhere"), unit)


def test_one_and_one_point_zero_are_two_values() -> None:
    """As digests have it; and null is a value, absent is none."""
    found = list(differences({"lr": 1, "a": None}, {"lr": 1.0}))
    assert [place.path for place in found] == ["a", "lr"]
    assert not list(differences({"lr": 1, "b": {"c": [1]}}, {"lr": 1, "b": {"c": [1]}}))
