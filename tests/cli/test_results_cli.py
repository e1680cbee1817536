"""The commands about results: what they print, and the status that they end with."""

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from rise.cli import main
from rise.config.load import Experiment
from rise.planning.units import units
from rise.report.render.format import NOTHING
from tests.synthetic import declare, fail, write_results


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """A whole experiment of 12 units, with its file."""
    monkeypatch.chdir(tmp_path)
    declared = declare(seeds=2)
    values = declared.model_dump(mode="json", exclude={"name"})
    Path("demo.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    write_results(declared, lambda unit: 40 + unit.seed)
    return declared


def rise(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """Exit status, and what is printed as an error."""
    monkeypatch.setattr(sys, "argv", ["rise", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return (1, code) if isinstance(code, str) else (int(code or 0), "")


def test_an_incomplete_report_needs_a_word(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Path("reports/demo/report.md")
    fail(units(experiment)[0], "loss is not finite")
    for source in ("demo.yaml", "results/demo"):
        status, said = rise(monkeypatch, "report", source)
        assert status == 1 and not report.exists()
        assert said.startswith("rise: 1 of 12 units failed (emojidg/main/erm_text_init/noto/seed0)")
    assert rise(monkeypatch, "report", "--allow-incomplete", "demo.yaml") == (0, "")
    text = re.sub(" +", " ", report.read_text())
    assert f"| ERM, same network | {NOTHING} | 1 of 2 | {NOTHING} |" in text


def test_a_whole_experiment_and_its_folder_are_reported(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for source in ("demo.yaml", "results/demo"):
        assert rise(monkeypatch, "report", source) == (0, "")
        said = capsys.readouterr().out
        assert said == "report of 12 of 12 units: reports/demo/report.html\n"


def test_results_are_merged_compared_and_traced(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree("results/demo", "half")
    for unit in units(experiment)[::2]:
        shutil.rmtree(Path("half/units") / unit.key)
    assert rise(monkeypatch, "diff", "results/demo", "half")[0] == 1
    assert rise(monkeypatch, "merge", "half", "results/demo", "--out", "both") == (0, "")
    said = capsys.readouterr().out
    assert "both: 12 of 12 units\n  6 from half\n  6 from results/demo\n  6 were in several" in said
    assert rise(monkeypatch, "diff", "results/demo", "both")[0] == 0
    assert rise(monkeypatch, "trace", "emojidg/main/rise", "both")[0] == 0
    assert "emojidg/main/rise: 40.50 % on test, mean over 4 units" in capsys.readouterr().out
    status, said = rise(monkeypatch, "trace", "emojidg/main/ris", "demo.yaml")
    assert status == 1 and "did you mean 'rise'?" in said
