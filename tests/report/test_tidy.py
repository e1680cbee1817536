"""results.csv: one number a row, as precise as it was computed."""

import csv
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rise.planning.asked import asked
from rise.planning.units import units
from rise.report import build
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.utils.io import write_json
from tests.synthetic import declare, fail, write_results


def _rows(experiment: Any) -> list[dict[str, str]]:
    with patch.object(build, "write_plot", return_value=b"<svg/>"):
        write_report(Results.read(asked(experiment)), Path("out"))
    with Path("out/results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_number_of_a_done_unit_stands_in_a_row() -> None:
    experiment = declare(seeds=2)
    write_results(experiment, lambda unit: {"test": 41, "all": 50, "test, drawn": 33})
    fail(units(experiment)[1], "killed")
    rows = _rows(experiment)
    assert list(rows[0]) == ["dataset", "method", "held_out", "seed", "metric", "value"]
    first = [row for row in rows if row["method"] == "erm_text_init" and row["held_out"] == "noto"]
    assert {row["seed"] for row in first} == {"0"}
    assert [(row["metric"], row["value"]) for row in first] == [
        ("accuracy", "41.0"),
        ("accuracy all identities", "50.0"),
        ("accuracy test identities, drawn by the teacher's vendors", "33.0"),
        ("macro accuracy", "41.0"),
        ("macro accuracy all identities", "50.0"),
        ("macro accuracy test identities, drawn by the teacher's vendors", "33.0"),
        ("validation accuracy", "65.0"),
    ]
    assert len(rows) == 11 * 7
    order = list(dict.fromkeys((row["method"], row["held_out"], row["seed"]) for row in rows))
    done = [unit for unit in units(experiment) if unit != units(experiment)[1]]
    assert order == [(unit.method, *unit.held_out, str(unit.seed)) for unit in done]


def test_values_have_full_precision_and_variants_are_named() -> None:
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip"}
    raw = {**variant, "start": "scratch"}
    experiment = declare(seeds=1, variants={"main": variant, "raw": raw})
    write_results(experiment, lambda unit: 29)
    path = units(experiment)[0].folder / "record.json"
    record = json.loads(path.read_text())
    record["science"]["held_out"]["test"] |= {"correct": 1, "total": 3}
    write_json(path, record)
    rows = _rows(experiment)
    assert (rows[0]["metric"], float(rows[0]["value"])) == ("accuracy", 100 * 1 / 3)
    methods = list(dict.fromkeys(row["method"] for row in rows))
    assert methods[2:4] == ["main/rise", "raw/erm_text_init"]
