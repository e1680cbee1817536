"""Merging results: what was made apart gives the report of what was made together."""

import json
from pathlib import Path
from typing import Any

import pytest

from rise.config.load import Experiment
from rise.errors import ResultError
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.results.expected import agreed
from rise.results.merge import merge
from rise.utils.io import write_json
from tests.synthetic import by_method, change_data, change_identity, declare, fail, write_results

CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])
RULE = b"**This report uses another rule"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(name: str, **changes: Any) -> tuple[Path, Experiment]:
    """Results in results/NAME."""
    experiment = declare(name, **changes)
    write_results(experiment, CORRECT)
    return Path("results") / name, experiment


def report(folder: Path) -> dict[str, bytes]:
    expected = agreed(folder)
    write_report(Results.read(expected), folder / "report")
    paths = sorted((folder / "report").rglob("*.*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_halves_of_the_seeds_merge_to_the_report_of_the_whole() -> None:
    first, _ = make("first", seeds=[0, 1])
    second, _ = make("second", seeds=[2, 3])
    whole, _ = make("demo", seeds=4)
    merged = merge([first, second], Path("merged/demo"))
    assert (merged.units, merged.declared, merged.twice) == (24, 24, 0)
    assert merged.taken == {str(first): 12, str(second): 12}
    one, other = report(whole), report(Path("merged/demo"))
    # Neither part was declared with four seeds: the report and the table of records say so.
    md, html, parquet = (
        f"report/{name}" for name in ("report.md", "report.html", "results.parquet")
    )
    assert {name for name in one if one[name] != other[name]} == {md, html, parquet}
    lines = [line for line in other[md].split(b"\n\n") if not line.startswith(RULE)]
    assert b"\n\n".join(lines) == one[md]
    assert len(lines) == len(other[md].split(b"\n\n")) - 1


def test_halves_of_one_declaration_merge_to_the_same_bytes() -> None:
    whole, experiment = make("demo")
    for at, name in enumerate(("first", "second")):
        _, copied = make(name)
        for unit in units(copied):
            if unit.seed % 2 == at:
                (unit.folder / "record.json").unlink()
                (unit.folder / "predictions.npz").unlink()
    merged = Path("merged/demo")
    merge([Path("results/first"), Path("results/second")], merged)
    assert report(merged) == report(whole)
    for unit in units(experiment):
        for name in ("record.json", "predictions.npz"):
            file = merged / "units" / unit.key / name
            assert file.read_bytes() == (unit.folder / name).read_bytes()
            assert not file.is_symlink() and file.stat().st_nlink == 1
    assert len(list((merged / "scored").iterdir())) == 1


def test_methods_and_domains_are_joined_in_order() -> None:
    shared = {"contrasts": [["rise", "hint"]], "seeds": 2}
    first, _ = make("first", methods={"rise": {}, "hint": {}}, **shared)
    second, _ = make(
        "second",
        methods={"hint": {}, "erm_text_init": {}, "rise": {}},
        datasets={"emojidg": {"held_out": ["fluent-emoji-flat", "noto"]}},
        **shared,
    )
    out = Path("merged")
    merged = merge([first, second], out)
    experiment = agreed(out).experiment
    assert list(experiment.methods) == ["rise", "hint", "erm_text_init"]
    assert experiment.datasets["emojidg"].held_out == ["noto", "twemoji", "fluent-emoji-flat"]
    # ERM lacks twemoji; rise and hint on noto lie in both.
    assert (merged.units, merged.declared, merged.twice) == (16, 18, 4)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("code", "training code"),
        ("dataset.revision", "data.revision"),
        ("protocol", "protocol"),
        ("student.start", "start weights"),
        ("recipe.epochs", "recipe.epochs"),
        ("method.code", "method code"),
    ],
)
def test_what_is_not_comparable_is_refused_by_name(path: str, word: str) -> None:
    first, _ = make("first", seeds=[0, 1])
    second, other = make("second", seeds=[2, 3])
    for unit in units(other):
        change_identity(unit, path, "b" * 64)
    with pytest.raises(ResultError) as caught:
        merge([first, second], Path("merged"))
    assert f": {word} is " in str(caught.value)
    assert str(caught.value).endswith("in the first, bbbbbbbbbbbb in the second")
    assert [path.name for path in Path().iterdir()] == ["results"]


def test_other_files_of_the_data_are_refused() -> None:
    first, _ = make("first", seeds=[0, 1])
    second, other = make("second", seeds=[2, 3])
    for unit in units(other):
        change_data(unit, pack="d" * 64)
    with pytest.raises(
        ResultError, match="dataset emojidg: decoded images is cccccccccccc in the first, dd"
    ):
        merge([first, second], Path("merged"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "Another?"}, "title is Does distillation"),
        ({"decision": {"alpha": 0.01}}, "decision.alpha is 0.05 in the first, 0.01"),
        ({"contrasts": [["rise", "hint"]]}, "contrasts is "),
    ],
)
def test_other_declarations_are_refused(changes: dict[str, Any], words: str) -> None:
    first, _ = make("first", seeds=[0, 1])
    second, _ = make("second", seeds=[2, 3], **changes)
    with pytest.raises(ResultError, match="declare different things") as caught:
        merge([first, second], Path("merged"))
    assert words in str(caught.value)


def test_one_unit_with_two_results_is_refused() -> None:
    first, _ = make("first", seeds=[0, 1])
    second, other = make("second", seeds=[1, 2])
    unit = next(unit for unit in units(other) if unit.seed == 1)
    path = unit.folder / "record.json"
    record = json.loads(path.read_text())
    record["science"]["held_out"]["test"]["correct"] = 43
    write_json(path, record)
    with pytest.raises(ResultError) as caught:
        merge([first, second], Path("merged"))
    assert f"have different results of {unit.key}: held-out domains.test.correct is 42" in str(
        caught.value
    )


def test_a_damaged_part_is_refused() -> None:
    first, one = make("first", seeds=[0, 1])
    second, _ = make("second", seeds=[2, 3])
    unit = units(one)[3]
    (unit.folder / "predictions.npz").write_bytes(b"?")
    with pytest.raises(
        ResultError, match=rf"1 units cannot be merged, the first of them {unit.key}"
    ):
        merge([first, second], Path("merged"))


def test_a_result_is_taken_before_a_failure_which_is_kept_otherwise() -> None:
    first, one = make("first", seeds=[0, 1])
    second, _ = make("second", seeds=[1, 2])
    for unit in (units(one)[0], units(one)[1]):  # seeds 0 and 1
        fail(unit, "killed")
    merge([first, second], Path("merged"))
    zero, one_ = (Path("merged/units") / unit.key for unit in units(one)[:2])
    assert [path.name for path in zero.iterdir()] == ["failed.json"]
    assert sorted(path.name for path in one_.iterdir()) == ["predictions.npz", "record.json"]


def test_nothing_is_overwritten_and_nothing_left_half() -> None:
    first, _ = make("first", seeds=[0, 1])
    second, _ = make("second", seeds=[2, 3])
    with pytest.raises(ResultError, match="already exists"):
        merge([first, second], first)
    for few in ([first], [first, second, first]):
        with pytest.raises(ResultError, match="at least two different folders to merge"):
            merge(few, Path("merged"))
    next((second / "scored").iterdir()).write_bytes(b"another")
    with pytest.raises(ResultError, match="differs from the same file of another part"):
        merge([first, second], Path("merged"))
    assert [path.name for path in Path().iterdir()] == ["results"]
