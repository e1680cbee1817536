"""Domains that are held out together get a score each, and the teacher's row."""

from pathlib import Path

import numpy as np
import pytest

from rise.experiment.paths import results_folder, scored_path, zero_shot_path
from rise.planning.asked import asked
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.tables import domains, main, together
from rise.utils.io import write_json
from rise.utils.npz import write_npz
from tests.synthetic import PACK, declare, fail, write_results

PAIR = "noto+twemoji"


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    """40 to 43 of 100 images are right on twemoji, all others on noto; seeds differ."""
    monkeypatch.chdir(tmp_path)
    experiment = declare(
        datasets={"emojidg": {"held_out": [["noto", "twemoji"]]}},
        methods={"rise": {}, "hint": {}},
        contrasts=[["rise", "hint"]],
    )
    write_results(experiment, lambda unit: 40 + unit.seed)
    path = scored_path(results_folder("demo"), "emojidg", PACK)
    with np.load(path) as file:
        columns = dict(file)
    noto = columns["domain"] == list(columns["domains"]).index("noto")
    columns["label"] = np.where(noto, 1 - columns["label"], columns["label"])
    write_npz(path, columns)
    counts = {"correct": 30, "total": 40, "classes": {"cat": {"correct": 30, "total": 40}}}
    other = {"correct": 2, "total": 60, "classes": {"dog": {"correct": 2, "total": 60}}}
    scores = {"test": {"noto": counts, "twemoji": other}}
    write_json(zero_shot_path("demo", units(experiment)[0].identity, None), scores)
    return Results.read(asked(experiment))


def shown(row: object) -> list[str]:
    return [str(getattr(cell, "text", cell)) for cell in row]  # type: ignore[attr-defined]


def test_each_domain_has_a_score(results: Results) -> None:
    (table,) = together.build(results)
    assert table.columns == ("Method", "noto", "twemoji")
    rows = [shown(row) for row in table.rows]
    assert [row[1:] for row in rows] == [["58.5", "41.5"], ["58.5", "41.5"], ["75.0", "3.3"]]
    assert rows[-1][0] == "Teacher, zero-shot"


def test_the_teacher_is_scored_on_all_their_images(results: Results) -> None:
    """32 of 100 as a whole; by class three quarters and a thirtieth."""
    by_score = [shown(results_table.rows[-1]) for results_table in domains.build(results)]
    assert by_score == [["Teacher, zero-shot", "32.0", "32.0"]]
    macro = results.teacher(results.groups[0], "macro")["test"][PAIR]
    assert macro == pytest.approx((75 + 100 / 30) / 2)
    assert "zero-shot accuracy, mean over domains: 32.0" in main.build(results)[0].note


def test_a_missing_seed_withholds_the_mean(results: Results) -> None:
    fail(units(results.experiment)[0], "no luck")
    (table,) = together.build(Results.read(results.expected))
    assert [shown(row)[1:] for row in table.rows][:2] == [[NOTHING, NOTHING], ["58.5", "41.5"]]


def test_single_domains_need_no_such_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = declare()
    write_results(experiment, lambda unit: 40)
    assert together.build(Results.read(asked(experiment))) == []
