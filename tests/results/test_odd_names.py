"""Results of names that are not their own path: found, told apart, and shown by their names."""

import shutil
from pathlib import Path

import pytest

from rise.config.load import Experiment
from rise.errors import ConfigError
from rise.experiment.paths import zero_shot_path
from rise.planning.units import Unit, units
from rise.report.analysis.results import Results
from rise.report.kinds import kinds
from rise.report.outline import report
from rise.report.render.markdown import markdown
from rise.results.diff import compare
from rise.results.expected import agreed
from rise.results.merge import merge
from rise.results.provenance import trace
from rise.utils.io import write_json
from tests.synthetic import change_identity, declare, write_results

DOMAINS = ("a", "b", "a+b", "Real World")
HELD_OUT = ["a+b", ["a", "b"], "Real World"]
RIGHT = {("a+b",): 70, ("a", "b"): 40, ("Real World",): 55}
VARIANT = {"student": "tiny-resnet", "teacher": "tiny-clip", "protocol": "rise"}
FOLDER = Path("results/my~20exp~27s")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of images, as far as names go."""
    for domain in DOMAINS:
        for label in ("cat", "dog"):
            (tmp_path / "my data" / domain / label).mkdir(parents=True)
    (tmp_path / "my data" / "manifest.json").write_text('{"digest": "d"}')
    return tmp_path / "my data"


def right(unit: Unit) -> dict[str, int]:
    return {"all": RIGHT[unit.held_out] + 2 * (unit.method == "erm_text_init") + unit.seed}


def make(own: Path, name: str = "my exp's", **changes: object) -> Experiment:
    experiment = declare(
        name,
        datasets={"my {set}": {"folder": str(own), "held_out": HELD_OUT}},
        methods={"erm": {}, "erm_text_init": {}},
        variants={"ViT-B/16": VARIANT, "..": {**VARIANT, "image_size": 64}},
        contrasts=[["erm_text_init", "erm"]],
        decision={"score": "all"},
        **{"seeds": 3, **changes},
    )
    write_results(experiment, right)
    return experiment


def test_a_domain_and_a_pair_of_the_same_text_are_two_columns(own: Path) -> None:
    one = units(make(own))[0]
    counts = {domain: {"correct": at, "total": 9} for at, domain in enumerate(DOMAINS)}
    write_json(zero_shot_path("my exp's", one.identity, "d"), {"all": counts})
    results = Results.read(agreed(FOLDER))
    assert results.experiment.name == "my exp's"
    assert results.counts == {"done": 2 * 2 * 3 * 3, "failed": 0, "missing": 0}
    assert len(results.details) == 2 * 2 * 3 * 3
    group = results.groups[0]
    assert group.held_out == ('"a+b"', "a+b", "Real World")
    assert results.cells(group, "erm", "all").values.tolist() == [
        [70 + seed, 40 + seed, 55 + seed] for seed in range(3)
    ]
    found = results.detail(group, "erm", '"a+b"', 1)
    assert found and found.path.parent.parent.name == "a~2Bb"
    assert set(results.teacher(group)["all"]) == {
        *("a", "b", '"a+b"', "Real World"),
        "a+b",  # the pair's, pooled
    }
    text = markdown(report(results, [(kind, kind.build(results)) for kind in kinds()]))
    assert "Real World" in text and "ViT-B/16" in text and "~2" not in text


def test_commands_name_and_find_units_by_their_names(own: Path) -> None:
    make(own)
    expected = agreed(FOLDER)
    name = 'my {set}/ViT-B/16/erm/"a+b"/seed0'
    path = "my~20~7Bset~7D/ViT-B~2F16/erm/a~2Bb/seed0"
    assert trace(expected, name) == trace(expected, path)
    assert trace(expected, name).startswith(f"{name}: 70.00 %")
    assert trace(expected, "my {set}/ViT-B/16/erm/a+b/seed0").split(": ")[1].startswith("40.00 %")
    cell = trace(expected, "my {set}/../erm/Real World")
    assert cell.startswith("my {set}/../erm/Real World: 56.00 % on all, mean over 3 units")
    with pytest.raises(ConfigError, match="unknown held_out 'Real'; did you mean 'Real World'"):
        trace(expected, "my {set}/../erm/Real")


def test_parts_of_odd_names_merge_and_differ_by_name(own: Path) -> None:
    make(own, "one $x", seeds=[0, 1])
    make(own, "two $x", seeds=[2])
    parts = [Path("results/one~20~24x"), Path("results/two~20~24x")]
    merged = merge(parts, Path("merged/my~20exp~27s"))
    assert (merged.units, merged.declared) == (36, 36)
    make(own)
    assert compare(Path("merged/my~20exp~27s"), FOLDER).same
    unit = next(one for one in units(make(own)) if one.held_out == ("a+b",))
    change_identity(unit, "recipe.epochs", 7)
    said = compare(Path("merged/my~20exp~27s"), FOLDER).text
    assert f"differs: {unit.name}: identity.recipe.epochs 30 | 7" in said


def test_held_out_domains_are_read_from_folders_where_the_data_are_gone(own: Path) -> None:
    experiment = declare(
        "gone",
        datasets={"x": {"folder": str(own)}},
        methods={"erm": {}},
        variants={"main": VARIANT},
        contrasts=[],
        decision={"score": "all"},
    )
    write_results(experiment, lambda _: {"all": 50})
    shutil.rmtree(own)
    found = {unit.held_out for unit in agreed(Path("results/gone")).units}
    assert found == {(domain,) for domain in DOMAINS}


def test_a_teachers_scores_are_not_those_of_one_whose_name_goes_on(own: Path) -> None:
    one = units(make(own))[0]
    more = one.identity.teacher.model_copy(update={"name": "tiny-clip-large"})
    other = one.identity.model_copy(update={"teacher": more})
    ours = zero_shot_path("my exp's", one.identity, "d")
    for path in (ours, zero_shot_path("my exp's", other, "d")):
        write_json(path, {"all": {}})
    assert agreed(FOLDER).zero_shot("my {set}", "ViT-B/16") == ours
