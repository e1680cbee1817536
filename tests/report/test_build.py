"""The whole report: which files, in which order, and what stands at the top."""

import json
import re
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest

from rise.config.load import Experiment
from rise.errors import ResultError
from rise.experiment.paths import zero_shot_path
from rise.planning.asked import asked
from rise.planning.units import Unit, pre_specified, units
from rise.report import build
from rise.report.analysis import group
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.report.kinds import kinds
from rise.report.render.format import NOTHING
from rise.report.stamp import report_folder, report_line
from rise.report.tables import images
from rise.report.terminal import summary
from rise.utils.io import digest, write_json
from tests.synthetic import by_method, declare, fail, write_results, write_unit

OUT = Path("reports/demo")
CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])
FIGURES = [
    f"figures/{name}.{kind}"
    for name in ("classes-1", "differences", "domains-1")
    for kind in ("pdf", "png", "svg")
]
FILES = [
    "citations.bib",
    *FIGURES,
    "report.html",
    "report.json",
    "report.md",
    "results.csv",
    "results.parquet",
    "tables/all.tex",
]


def _build(experiment: Experiment) -> None:
    """Build without the figures, which take most of the time and have tests of their own."""
    with patch.object(build, "write_plot", return_value=b"<svg/>"):
        write_report(Results.read(asked(experiment)), OUT)


def _report() -> str:
    return (OUT / "report.md").read_text(encoding="utf-8")


def _files() -> dict[str, bytes]:
    paths = sorted(path for path in OUT.rglob("*") if path.is_file())
    return {str(path.relative_to(OUT)): path.read_bytes() for path in paths}


def test_a_complete_report() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    write_report(Results.read(asked(experiment)), OUT)
    first = _files()
    tables = {f"tables/{kind.name}.tex" for kind in kinds()}
    assert {name for name in first if name not in tables} == set(FILES)
    assert {"tables/main.tex", "tables/contrasts.tex"} <= set(first)
    assert json.loads(first["report.json"]) == {
        "complete": True,
        "digest": digest([unit.digest for unit in units(experiment)]),
        "failed": 0,
        "missing": 0,
    }
    assert len(pd.read_parquet(OUT / "results.parquet")) == 48
    write_report(Results.read(asked(experiment)), OUT)
    assert _files() == first


def test_the_main_table_has_the_numbers() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    _build(experiment)
    text = re.sub(" +", " ", _report())
    # ERM: mean 43, sd 2.58199, half-width 3.18245 * 1.290994 = 4.10852.
    assert (
        "| ERM, same network | 43.0 [38.9, 47.1]ᵃ | 4 | 43.0 [38.9, 47.1] | 65.0 | 1 | 30 |" in text
    )
    # Hint - ERM: 5, 4, 6, 5.
    contrast = "| Hint vs. ERM, same network | +5.00 | [+3.70, +6.30] | 4 | 12.25 | 0.0012"
    assert f"{contrast} | 0.0035 | 0.12 (2/16) | 0.12 | better |" in text
    assert "Budget: the same for every method" in text
    assert "| Hint | 48.0 | 48.0 | 48.0 |" in text
    assert "| Hint | **48.0 [43.3, 52.7]ᵇ** | 4 |" in text
    assert "Settings were chosen on another domain." in text
    assert "no difference" not in text.lower()


def test_sections_stand_in_order() -> None:
    experiment = declare()
    write_results(experiment, lambda unit: {"test": 40 + unit.seed, "all": 50, "test, drawn": 45})
    _build(experiment)
    assert [line for line in _report().splitlines() if line.startswith("#")] == [
        "# Does distillation help on an unseen style?",
        "## Findings",
        "## Accuracy",
        "## Pre-specified contrasts",
        "## Terms of the loss",
        "## Each held-out domain",
        "## Gain by class",
        "## Learning curves",
        "## Drawn and not drawn by the teacher's vendors",
        "## Every pair of methods",
        "## Uncertainty over seeds and images",
        "## Effect of the protocol",
        "## Units without a result",
        "## How settings were chosen",
        "## Compute",
        "## Provenance",
        "## Limitations",
        "## Methods paragraph to copy",
        "## Citations",
    ]


def test_failed_and_missing_units_are_named_and_averages_withheld() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    failed, missing = units(experiment)[0], units(experiment)[-1]
    fail(failed, "loss is not finite | lr 0.1\nin epoch 3")
    (missing.folder / "record.json").unlink()
    _build(experiment)
    text = re.sub(" +", " ", _report())
    assert "24 specified, 22 done, 1 failed, 1 missing" in text
    assert text.split("\n\n")[1].startswith(
        "**Incomplete**: of 24 units, 1 failed and 1 are missing."
    )
    assert "**2 units without a result**" in text
    assert (
        "emojidg/main/erm\\_text\\_init/noto/seed0 | failed | loss is not finite \\| lr 0.1" in text
    )
    assert f"emojidg/main/rise/twemoji/seed3 | missing | {NOTHING} | {NOTHING} |" in text
    row = ["ERM, same network", NOTHING, "3 of 4", NOTHING, NOTHING, "1", "30"]
    assert f"| {' | '.join(row)} |" in text
    told = json.loads((OUT / "report.json").read_text())
    statuses = ["failed", *["done"] * 22, "missing"]
    digests = [unit.digest for unit in units(experiment)]
    assert told == {
        "complete": False,
        "digest": digest([*digests, *statuses]),
        "failed": 1,
        "missing": 1,
    }


def test_nothing_done_is_a_report_too() -> None:
    _build(declare())
    assert "24 specified, 0 done, 0 failed, 24 missing" in _report()
    assert "24 missing" in summary(Results.read(asked(declare())))


def test_another_rule_is_said_on_top() -> None:
    experiment = declare()
    before = {**pre_specified(experiment).model_dump(mode="json"), "seeds": [0, 1, 2]}
    write_results(experiment, CORRECT, told=before)
    _build(experiment)
    assert _report().split("\n\n")[1] == (
        "**This report uses another rule than the one its results were made under** "
        "(24 records of 24): seeds was `[0,1,2]`, is `[0,1,2,3]`."
    )


def test_unequal_budgets_are_said() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    for unit in units(experiment):
        if unit.method == "rise":
            write_unit(experiment, unit, CORRECT(unit), budget={"trials": 18, "evaluations": 540})
    _build(experiment)
    assert "**Budgets differ**" in _report()
    assert "RISE 18 settings and 540 evaluations a unit" in _report()


def _zero_shot(*classes: tuple[int, int]) -> dict[str, object]:
    """Right images of all images, class by class."""
    right, total = map(sum, zip(*classes, strict=True))
    counts = {str(at): {"correct": r, "total": t} for at, (r, t) in enumerate(classes)}
    return {"correct": right, "total": total, "classes": counts}


def test_the_teacher_is_a_reference_row() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    scores = {
        "noto": _zero_shot((1, 1), (2, 4)),
        "twemoji": _zero_shot((1, 2), (0, 0)),
        "fluent-emoji-flat": _zero_shot((1, 50), (0, 50)),  # not held out here
    }
    write_json(zero_shot_path("demo", units(experiment)[0].identity, None), {"test": scores})
    _build(experiment)
    text = re.sub(" +", " ", _report())
    assert "| Teacher, zero-shot | 60.0 | 50.0 | 55.0 |" in text
    # Mean of 1/1 and 2/4; the class without images does not count.
    assert "| Teacher, zero-shot | 75.0 | 50.0 | 62.5 |" in text
    assert "The teacher's zero-shot accuracy, mean over domains: 55.0 (test identities)." in text


def test_the_headline_is_broken_down_by_what_the_vendors_draw() -> None:
    def parts(unit: Unit) -> dict[str, int]:
        return {"test": 40 + unit.seed, "test, drawn": 50 + unit.seed, "test, not drawn": 20}

    experiment = declare()
    write_results(experiment, parts)
    _build(experiment)
    text = re.sub(" +", " ", _report())
    assert "| Method | drawn | not drawn |" in text
    assert "| RISE | 51.5 [49.4, 53.6] | 20.0 |" in text


def test_report_json_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk full")

    write_results(declare(), CORRECT)
    monkeypatch.setattr(build, "write_plot", broken)
    with pytest.raises(OSError, match="disk full"):
        write_report(Results.read(asked(declare())), OUT)
    assert not (OUT / "report.json").exists()


def test_where_the_report_lies_and_whether_it_is_of_these_records() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    said = report_line(Results.read(asked(experiment)), Path("config/demo.yaml"))
    assert said == (
        "There is no report yet; make it with: rise report config/demo.yaml --allow-incomplete"
    )
    _build(experiment)
    said = report_line(Results.read(asked(experiment)), Path("config/demo.yaml"))
    assert said == "Report: reports/demo/report.html, and report.md beside it"
    fail(units(experiment)[0], "killed")
    said = report_line(Results.read(asked(experiment)), Path("config/demo.yaml"))
    assert said.startswith("The report in reports/demo is of other records than these; make it")


def test_containers_and_installed_packages_are_said() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    _build(experiment)
    assert "| Container image | none | 24 |" in re.sub(" +", " ", _report())
    path = units(experiment)[0].folder / "record.json"
    record = json.loads(path.read_text())
    record["provenance"] |= {"image": "rise.sif sha256:12", "environment": "ab" * 32}
    write_json(path, record)
    _build(experiment)
    text = re.sub(" +", " ", _report())
    assert "| Container image | rise.sif sha256:12 | 1 |" in text
    assert "| Container image | none | 23 |" in text
    assert "| Installed packages | abababababab | 1 |" in text


def test_metrics_say_what_the_tables_say_and_nothing_of_an_incomplete_method() -> None:
    experiment = declare()
    write_results(experiment, CORRECT)
    _build(experiment)
    found = json.loads(Path("results/demo/metrics.json").read_text())["EmojiDG"]
    assert found["accuracy"] == {"erm_text_init": 43.0, "hint": 48.0, "rise": 47.75}
    contrast = found["contrast"]["rise - erm_text_init"]
    assert contrast["difference"] == 4.75 and 0 < contrast["p_holm"] < 1
    (units(experiment)[0].folder / "record.json").unlink()
    _build(experiment)
    found = json.loads(Path("results/demo/metrics.json").read_text())["EmojiDG"]
    assert found["accuracy"]["erm_text_init"] is None
    assert found["contrast"]["rise - erm_text_init"]["difference"] is None


def test_a_domain_taken_out_afterwards_is_said_on_top() -> None:
    write_results(declare(), CORRECT)
    _build(declare(datasets={"emojidg": {"held_out": ["noto"]}}))
    assert (
        '(12 records of 12): held_out was `{"emojidg":["noto","twemoji"]}`, is '
        '`{"emojidg":["noto"]}`.'
    ) in _report().split("\n\n")[1]


def test_nothing_compared_claims_no_constant_sign() -> None:
    _build(declare())
    assert "No contrast changes its sign" not in _report()
    assert "Compared so far: 0 of 3 contrasts." in _report()


def test_two_datasets_with_one_title_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "dataset_title", lambda *_: "Tools")
    experiment = declare(
        datasets={"emojidg": {"held_out": ["noto"]}, "objects": {"held_out": ["noto"]}}
    )
    write_results(experiment, CORRECT)
    labels = [one.label for one in Results.read(asked(experiment)).groups]
    assert labels == ["Tools [emojidg]", "Tools [objects]"]


def test_a_damaged_side_file_is_named() -> None:
    experiment = declare(seeds=5)
    write_results(experiment, lambda unit: 40 + unit.seed)
    teacher = zero_shot_path("demo", units(experiment)[0].identity, None)
    teacher.parent.mkdir(parents=True)
    teacher.write_text("{")
    with pytest.raises(ResultError, match=r"teacher/.*\.json: cannot be read"):
        _build(experiment)
    teacher.unlink()
    (scored,) = Path("results/demo/scored").iterdir()
    scored.write_bytes(scored.read_bytes()[:100])
    with pytest.raises(ResultError, match=r"scored/.*\.npz: cannot be read"):
        images.build(Results.read(asked(experiment)))


def test_a_report_lies_beside_the_results_of_this_project_or_in_a_folder_of_elsewhere() -> None:
    assert report_folder(Path("results/demo")) == Path("reports/demo")
    assert report_folder(Path("results/demo/").resolve()) == Path("reports/demo")
    assert report_folder(Path("copies/results/demo")) == Path("copies/results/demo/report")
