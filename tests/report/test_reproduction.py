"""Published numbers beside ours: verdicts of the constructed truth, and what cannot be said."""

from dataclasses import replace
from pathlib import Path

import pytest

from rise.errors import DataError
from rise.planning.asked import asked
from rise.planning.units import Unit, units
from rise.report.analysis import reproduction
from rise.report.analysis.reproduction import reproductions
from rise.report.analysis.results import Results
from rise.report.tables.published import peers_table
from rise.report.tables.reproduction import reproduction_table
from rise.results.published import Published, read_published
from tests.synthetic import declare, write_results

FOLDER = Path(__file__).parents[2] / "data" / "published"
VARIANT = {
    "student": "resnet50_bit",
    "teacher": "clip-vit-b16",
    "protocol": "rise",
    "views": {"policy": "released", "count": 20},
}


def experiment(seeds: int = 5, **changes):
    return declare(
        **{
            "datasets": {"pacs": {}},
            "methods": {"rise": {}, "erm_text_init": {}},
            "variants": {"main": VARIANT},
            "contrasts": [["rise", "erm_text_init"]],
            "decision": {"score": "all"},
            "seeds": seeds,
            **changes,
        }
    )


def row(**changes) -> Published:
    known = next(
        one for one in read_published(FOLDER) if one.dataset == "pacs" and one.compare_with
    )
    return known.model_copy(update=changes)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def found(monkeypatch, rows, correct, **changes):
    monkeypatch.setattr(reproduction, "_published", lambda: rows)
    declared = experiment(**changes)
    write_results(declared, correct)
    results = Results.read(asked(declared))
    return results, reproductions(results)


def near(centre: int):
    """Accuracies around a centre: seeds differ by a point, domains not at all."""
    return lambda unit: centre + (unit.seed % 2)


def test_the_shipped_rows_can_be_read_and_only_rise_is_compared() -> None:
    rows = read_published(FOLDER)
    assert len(rows) == 388
    compared = {(one.dataset, one.accuracy, one.firsthand) for one in rows if one.compare_with}
    assert compared == {
        ("pacs", 89.4, False),
        ("vlcs", 81.7, False),
        ("office_home", 71.6, False),
        ("terra_incognita", 52.3, False),
        ("domainnet", 46.5, False),
    }
    erm = next(one for one in rows if one.method == "ERM" and one.held_out == "sketch")
    assert (erm.dataset, erm.error, erm.error_kind, erm.runs, erm.decimals) == (
        *("pacs", 1.0, "se_ddof0", 3, 1),
    )


@pytest.mark.parametrize(
    ("centre", "verdict"), [(89, "reproduced"), (80, "not reproduced"), (88, "inconclusive")]
)
def test_a_constructed_truth_gets_its_verdict(monkeypatch, centre, verdict) -> None:
    results, (one,) = found(monkeypatch, [row()], near(centre))
    assert one.method == "rise"  # and not erm_text_init
    assert one.comparison.verdict == verdict
    assert one.comparison.difference == pytest.approx(centre + 0.4 - 89.4)
    table = reproduction_table(results, [one])
    assert table.texts[0][3] == "89.4\N{DAGGER}"
    assert table.texts[0][-1] == verdict
    assert "published spread unknown, ours assumed" in table.note
    assert "second-hand" in table.note


def test_one_domain_has_the_wider_margin(monkeypatch) -> None:
    sketch = row(held_out="sketch", accuracy=90.9, error=0.1, error_kind="se")
    _, (one,) = found(monkeypatch, [sketch], near(90))
    assert one.comparison.difference == pytest.approx(-0.5)
    assert one.comparison.verdict == "reproduced"
    _, (one,) = found(
        monkeypatch, [sketch], near(90), decision={"score": "all", "margin_domain": 1}
    )
    assert one.comparison.verdict == "inconclusive"


def test_what_cannot_be_compared_says_why(monkeypatch) -> None:
    results, few = found(monkeypatch, [row()], near(89), seeds=2)
    assert reproduction_table(results, few).texts[0][-1] == "too few seeds"
    # An average over other domains than the published one's is another number.
    results, part = found(
        monkeypatch, [row()], near(89), datasets={"pacs": {"held_out": ["photo", "sketch"]}}
    )
    assert reproduction_table(results, part).texts[0][-1] == "incomplete"


def test_a_missing_seed_makes_it_incomplete(monkeypatch) -> None:
    declared = experiment()
    monkeypatch.setattr(reproduction, "_published", lambda: [row()])
    write_results(declared, near(89))
    gone: Unit = units(declared)[0]
    (gone.folder / "record.json").unlink()
    results = Results.read(asked(declared))
    assert reproduction_table(results, reproductions(results)).texts[0][-1] == "incomplete"


@pytest.mark.parametrize(
    "changes",
    [
        {"student": "resnet50"},
        {"teacher": "clip-vit-b32"},
        {"protocol": "domainbed"},
    ],
)
def test_other_students_teachers_and_protocols_get_no_verdict(monkeypatch, changes) -> None:
    variants = {"main": {**VARIANT, **changes}}
    _, none = found(monkeypatch, [row()], near(89), variants=variants)
    assert none == []


@pytest.mark.parametrize("changes", [{"teacher": "clip-vit-b32"}, {"text": "shuffled"}])
def test_what_a_dataset_overrides_counts(monkeypatch, changes) -> None:
    """Its own teacher, or a control arm, is another experiment than the published one."""
    datasets = {"pacs": {"variant": changes}}
    _, none = found(monkeypatch, [row()], near(89), datasets=datasets)
    assert none == []


@pytest.mark.parametrize("teacher", ["clip-vit-b16", "tiny-clip"])
def test_a_finetuned_teacher_that_nobody_has_is_no_one_s(monkeypatch, teacher) -> None:
    """The release finetunes TerraIncognita's and keeps it: the number is printed, not tested."""
    (terra,) = [one for one in read_published(FOLDER) if one.accuracy == 52.3 and one.compare_with]
    assert (terra.dataset, terra.our_teacher) == ("terra_incognita", None)
    variants = {"main": {**VARIANT, "teacher": teacher}}
    results, none = found(
        monkeypatch, [terra], near(52), datasets={"terra_incognita": {}}, variants=variants
    )
    assert none == []
    (line,) = peers_table(results, results.groups[0]).texts
    assert line[2].startswith("CLIP finetuned for TerraIncognita, not published")


def test_peers_are_printed_as_they_are(monkeypatch) -> None:
    erm = row(
        method="ERM",
        accuracy=85.5,
        error=0.2,
        error_kind="se_ddof0",
        verified="yes",
        compare_with=None,
        source="DomainBed",
    )
    results, _ = found(monkeypatch, [row(), erm], near(89))
    table = peers_table(results, results.groups[0])
    assert [line[3] for line in table.texts] == ["89.4\N{DAGGER}", "85.5 +/- 0.2"]
    assert table.texts[1][-1] == "[2]"
    assert "[2] DomainBed" in table.note


def test_a_wrong_row_is_named(tmp_path) -> None:
    lines = (FOLDER / "rise.csv").read_text().splitlines()
    bad = lines[1].replace("81.7", "817")
    assert bad != lines[1]
    (tmp_path / "mine.csv").write_text("\n".join([lines[0], bad]))
    with pytest.raises(DataError, match=r"mine.csv, row 2: accuracy: Input should be less than"):
        read_published(tmp_path)
    (tmp_path / "mine.csv").write_text("method,accuracy\nRISE,80.0\n")
    with pytest.raises(DataError, match=r"mine.csv, row 2: table: Field required"):
        read_published(tmp_path)


@pytest.mark.parametrize(
    "changes", [{"text": "random"}, {"text": "shuffled"}, {"start": "scratch"}]
)
def test_control_arms_and_other_starts_repeat_nothing(monkeypatch, changes) -> None:
    _, none = found(monkeypatch, [row()], near(89), variants={"main": {**VARIANT, **changes}})
    assert none == []


def test_an_own_folder_of_that_name_is_another_set(monkeypatch) -> None:
    results, _ = found(monkeypatch, [row()], near(89))
    own = results.experiment.datasets["pacs"].model_copy(update={"folder": "own/pacs"})
    experiment = results.experiment.model_copy(update={"datasets": {"pacs": own}})
    assert (
        reproductions(replace(results, expected=replace(results.expected, experiment=experiment)))
        == []
    )


def test_without_any_spread_nothing_is_tested(monkeypatch) -> None:
    results, same = found(monkeypatch, [row()], lambda unit: 89)
    assert reproduction_table(results, same).texts[0][-1] == "no spread"
    # A published error is a spread.
    _, (one,) = found(monkeypatch, [row(error=0.05, error_kind="se")], lambda unit: 89)
    assert one.comparison.verdict == "reproduced"
