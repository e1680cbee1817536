"""A method in a user's own file: planned without running it, trained, refused when broken."""

import json
import sys
from pathlib import Path

import pytest
import torch

from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.decoding.build_arrays import build_from_arrays
from rise.errors import ConfigError, ResultError
from rise.experiment.read_job import read_job
from rise.experiment.record import read_record
from rise.methods._load import load_method
from rise.planning.asked import asked
from rise.planning.plan import Plan, read_resolved
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.prose.paragraphs import budget
from rise.runtime.unit_job import run_unit
from rise.teachers.build_text_embeddings import build_texts

ROOT = Path(__file__).parents[2]
MINE = '''"""Halved: half * CE."""

from rise.methods._base import Batch, Terms
from rise.methods._chain import ChainMethod

DECLARATION = {"teachers": 0, "hparams": {"half": {"default": 0.5, "low": 0}}}


class Mine(ChainMethod):
    def terms(self, batch: Batch) -> Terms:
        return {"ce": (self.hparams["half"], self.ce(self.student(batch.x), batch))}
'''


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose method lies elsewhere."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(folder)
    (tmp_path / "lab").mkdir()
    path = tmp_path / "lab" / "mine.py"
    path.write_text(MINE)
    return Path("../lab/mine.py")


def experiment(*methods: Path | str) -> Experiment:
    recipe = {"epochs": 1, "batch_size": 256}
    student = {"student": "tiny-resnet", "teacher": "tiny-clip", "views": {"count": 1}}
    values = {
        "title": "own method",
        "datasets": {"objects": {"held_out": ["noto"]}},
        "methods": {**{str(name): {} for name in methods}, "erm_text_init": {}},
        "variants": {"main": {**student, "recipe": recipe}},
        "seeds": 1,
        "contrasts": [["mine", "erm_text_init"]],
    }
    return parse(values, Path("small.yaml"))


def digest_of_mine(experiment: Experiment) -> str:
    return next(unit.digest for unit in units(experiment) if unit.method == "mine")


def test_it_trains_from_one_line(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(experiment(mine)).settle()
    unit = plan.units["objects/main/mine/noto/seed0"]
    assert [path.name for path in plan.inputs(unit)] == ["dataset.json", plan.inputs(unit)[1].name]
    request = read_job(unit.folder / "request.json")
    entry = lookup.datasets()["objects"]
    build_from_arrays("objects", entry, request.decoded)
    build_texts(request)
    run_unit(request)
    record = read_record(unit.folder / "record.json")
    assert record.provenance["cpu_capability"] == torch.backends.cpu.get_cpu_capability()
    assert "timm" not in record.provenance["foreign"] and "variables" in record.provenance
    science = record.science
    assert science.identity["method"]["name"] == "mine"
    assert science.selected["setting"]["half"] == 0.5
    # The resolved experiment knows the file; elsewhere it is the same method.
    assert digest_of_mine(read_resolved(plan.resolved)) == unit.digest
    copy = Path("copy") / "mine.py"
    copy.parent.mkdir()
    copy.write_text(f"# The same, moved.\n{MINE}")
    assert digest_of_mine(experiment(copy)) == unit.digest
    # What it loads while it trains is seen before a record is written.
    (mine.parent / "labcode.py").write_text("weight = 0.0\n")
    loads = (
        "        import sys\n        sys.path.insert(0, '../lab')\n        __import__('labcode')\n"
    )
    mine.write_text(MINE.replace("        return {", f"{loads}        return {{"))
    other = Plan(experiment(mine)).settle().units[unit.key]
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(ConfigError, match=r"lab/mine\.py: imports labcode, which is .*labcode\.py"):
        run_unit(read_job(other.folder / "request.json"))
    assert not (other.folder / "record.json").exists()
    assert "imports labcode" in (other.folder / "failed.json").read_text()


def test_weights_that_finalize_sets_are_scored_at_no_cost_of_the_budget(mine: Path) -> None:
    """Their evaluation is no choice among several, so that budgets do not differ by it."""
    average = "\n    def finalize(self, batches):\n        return True\n"
    mine.write_text(MINE + average)
    declared = experiment(mine)
    plan = Plan(declared).settle()
    for unit in plan.units.values():
        request = read_job(unit.folder / "request.json")
        if not request.decoded.exists():
            build_from_arrays("objects", lookup.datasets()["objects"], request.decoded)
            build_texts(request)
        run_unit(request)
    record = read_record(plan.units["objects/main/mine/noto/seed0"].folder / "record.json")
    assert len(record.provenance["history"]) == 2
    results = Results.read(asked(declared))
    assert set(results.units["evaluations"]) == {1}
    assert budget(results).startswith("Budget: the same for every method")


def test_a_changed_file_is_another_method(mine: Path) -> None:
    plan = Plan(experiment(mine)).settle()
    unit = plan.units["objects/main/mine/noto/seed0"]
    mine.write_text(MINE.replace('"ce": (', '"ce": (2 * '))
    assert digest_of_mine(experiment(mine)) != unit.digest
    request = unit.folder / "request.json"
    with pytest.raises(ResultError, match=r"before \.\./lab/mine\.py was changed"):
        read_job(request)
    assert json.loads(request.read_text())["method"]["file"] == str(mine)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("class Mine(", "class Mine((", r"mine\.py: line \d+ is not valid Python \("),
        ("DECLARATION =", "DECLARED =", "mine.py: has no DECLARATION; see CONTRIBUTING.md"),
        (
            '"teachers": 0',
            '"teachers": len("")',
            "DECLARATION must be a literal dict of plain",
        ),
        ('"teachers"', '"teacher"', "mine.py: DECLARATION has unknown keys"),
        (
            '"teachers": 0',
            '"teachers": 2',
            "has teachers 2, but a variant has one teacher: write 1",
        ),
        ('"teachers": 0', '"teachers": True', "has teachers True, but a variant has one teacher"),
        ('"teachers": 0', '"teachers": "1"', "has teachers '1', but a variant has one teacher"),
        ('"teachers": 0', '"anchors": "no"', "has anchors 'no': write True or False"),
        ('"teachers": 0', '"stages": 0', "has stages 0: write a whole number from 1"),
        ('"teachers": 0', '"stages": 1.5', "has stages 1.5: write a whole number from 1"),
        ('0.5, "low": 0', '0.5, "low": 1', "has a default of half that is 0.5, must lie between 1"),
        ('0.5, "low": 0', '"x", "low": 0', "has a default of half that is 'x', must be a number"),
        ('0.5, "low": 0', '[], "low": 0', r"has a default of half that is an empty list"),
        (
            '"low"',
            '"lowest"',
            r"mine\.py: DECLARATION is invalid .*see CONTRIBUTING",
        ),
    ],
)
def test_a_broken_file_is_one_sentence(mine: Path, old: str, new: str, message: str) -> None:
    mine.write_text(MINE.replace(old, new))
    with pytest.raises(ConfigError, match=message) as caught:
        experiment(mine)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_without_a_method_or_one_that_fails(mine: Path) -> None:
    mine.write_text(MINE[: MINE.index("class Mine")])
    with pytest.raises(ConfigError, match=r"mine\.py: has no subclass of Method"):
        experiment(mine)
    mine.write_text(MINE.replace("(ChainMethod)", ""))
    experiment(mine)
    with pytest.raises(ConfigError, match=r"mine\.py: defines no subclass of Method"):
        load_method("mine", str(mine))
    mine.write_text(f"{MINE}\nimport nothing_of_this_name\n")
    with pytest.raises(ConfigError, match=r"mine\.py: cannot be loaded \(ModuleNotFoundError"):
        load_method("mine", str(mine))


def test_names_are_free_and_single(mine: Path) -> None:
    other = Path("other") / "mine.py"
    other.parent.mkdir()
    other.write_text(MINE)
    with pytest.raises(ConfigError, match=r"other/mine\.py: another method of this exp"):
        experiment(mine, other)
    taken = other.rename("other/rise.py")
    with pytest.raises(ConfigError, match=r"other/rise\.py: rename the file"):
        experiment(mine, taken)
    with pytest.raises(ConfigError, match=r"none/mine\.py: cannot be read \(No such file"):
        experiment("none/mine.py")
    values = experiment(mine).model_dump(exclude={"name"})
    values["methods"]["erm"] = values["methods"].pop("mine")
    values["contrasts"] = []
    with pytest.raises(ConfigError, match=r"methods\.erm\.file: .*mine\.py is the method mine"):
        parse(values, Path("small.yaml"))
    with pytest.raises(ConfigError, match="must be keys with values"):
        parse({**values, "methods": {str(mine): [1]}}, Path("small.yaml"))
