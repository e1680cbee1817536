"""A number leads back to its records."""

import json
import re
from pathlib import Path

import pytest

from rise.errors import ConfigError
from rise.planning.asked import asked
from rise.planning.units import units
from rise.results.expected import agreed
from rise.results.provenance import trace
from rise.utils.io import file_digest, write_json
from tests.synthetic import by_method, change_data, declare, fail, write_results

CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_results(declare(), CORRECT)


def test_one_unit_is_told_in_full() -> None:
    unit = next(unit for unit in units(declare()) if unit.method == "rise")
    text = trace(asked(declare()), unit.key)
    assert text.startswith(f"{unit.key}: 44.00 % (44 of 100) on test\n")
    sha = file_digest(unit.folder / "predictions.npz")
    for fact in (
        f"{unit.folder}/record.json",
        f"{unit.folder}/predictions.npz, sha256 {sha}",
        f"sha256 {unit.digest}",
        "lr 0.03, ",
        "weight_decay 0.0005",
        "of 1 settings, on source validation",
        f"emojidg, revision {unit.identity.dataset.revision}, decoded images cccccccccccc",
        unit.identity.code[:12],
        unit.identity.method.code[:12],
        "44.00 % (44 of 100) on all; validation 65.00 %",
        "device made up",
    ):
        assert fact in text
    assert re.search(r"image +none\n", text)


def test_a_cell_has_its_mean_shared_facts_once_and_a_line_a_unit() -> None:
    lines = trace(asked(declare()), "emojidg/main/rise").splitlines()
    assert lines[0] == (
        "emojidg/main/rise: 47.75 % on test, mean over 8 units (held out: 2, seeds: 4)"
    )
    own = [line for line in lines if line.startswith("    emojidg/main/rise/")]
    keys = [unit.key for unit in units(declare()) if unit.method == "rise"]
    assert [line.split()[0] for line in own] == keys
    assert [line.split()[1] for line in own[:4]] == ["44.00", "48.00", "50.00", "49.00"]
    assert sum("training code" in line for line in lines) == 1
    assert sum("lr 0.03" in line for line in lines) == 1


def test_a_setting_that_units_do_not_share_stands_in_their_lines() -> None:
    path = units(declare())[0].folder / "record.json"
    record = json.loads(path.read_text())
    record["science"]["selected"]["setting"]["lr"] = 0.1
    write_json(path, record)
    lines = trace(asked(declare()), "emojidg/main/erm_text_init/noto").splitlines()
    assert [line.count("own settings lr 0.1") for line in lines[-4:]] == [1, 0, 0, 0]
    assert any(line.split() == ["settings", "weight_decay", "0.0005"] for line in lines)


def test_what_units_do_not_share_stands_in_their_lines() -> None:
    change_data(units(declare())[0], manifest="a" * 64)
    expected = agreed(Path("results/demo"))
    lines = trace(expected, "emojidg/main/erm_text_init/noto").splitlines()
    assert lines[0].endswith("withheld, since the records of emojidg were made of different data")
    assert "other: made of other data: manifest (has aaaaaaaaaaaa" in lines[-4]


def test_a_number_is_withheld_as_in_the_report() -> None:
    fail(units(declare())[0], "loss is not finite")
    text = trace(asked(declare()), "emojidg/main/erm_text_init")
    assert "withheld, since only 7 of 8 units are done" in text.splitlines()[0]
    assert "noto/seed0  failed: loss is not finite" in text
    one = trace(asked(declare()), units(declare())[0].key)
    assert "failed: loss is not finite" in one and f"{units(declare())[0].folder}" in one


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("emojidg/main/ris", "did you mean 'rise'?"),
        ("emojidg/main/rise/notto", "did you mean 'noto'?"),
        ("emojidg/main/rise/noto/seed9", "unknown seed 'seed9'"),
        ("emojidg", "names no unit"),
        ("emojidg/main/rise/noto/seed0/x", "names no unit"),
    ],
)
def test_a_wrong_cell_has_its_nearest_name(cell: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        trace(asked(declare()), cell)
    assert words in str(caught.value)
