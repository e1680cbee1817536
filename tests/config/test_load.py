"""Experiment files: the shipped ones, and messages for every kind of fault."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from rise.config.load import Experiment, load, parse
from rise.errors import ConfigError
from rise.planning.units import units
from tests.datasets import toy

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def values() -> Any:
    return yaml.safe_load((CONFIG / "demo.yaml").read_text())


def faults(values: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(values, Path("my.yaml"))
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("name", "count", "trials"),
    [
        *(
            ("demo", 96, 96),
            ("smoke", 8, 16),
            ("pacs_smoke", 10, 10),
            ("demo_full", 640, 640),
            ("pacs_cpu", 48, 48),
        ),
        *(("pacs", 60, 360), ("table1", 480, 2880), ("table1_quick", 480, 480)),
    ],
)
def test_shipped_experiments(
    name: str, count: int, trials: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are planned in a folder without data and weights, but for a file that a user names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RISE_DATA", str(tmp_path))
    texts = tmp_path / "data" / "teachers" / "pacs-texts.npz"
    texts.parent.mkdir(parents=True)
    np.savez(texts, anchors=np.zeros(1))
    found = units(load(CONFIG / f"{name}.yaml"))
    assert len(found) == len({unit.key for unit in found}) == count
    assert len({unit.digest for unit in found}) == count
    assert sum(len(unit.identity.settings) for unit in found) == trials


def test_earlier_names_of_resources_are_read_as_the_new_ones(values: Any) -> None:
    asked = values["resources"]
    for new, old in (("decode", "pack"), ("embed", "bank")):
        asked[old] = {"mem_mb": asked.pop(new)["mem_mb"] + 1, "runtime": 7}
    kept = parse(values, Path("my.yaml")).resources.model_dump()
    assert kept["decode"] == asked["pack"] and kept["embed"] == asked["bank"]
    assert not {"pack", "bank"} & set(kept)
    assert Experiment.model_validate({"name": "my", **values, "resources": kept})
    asked["decode"] = asked["pack"]
    assert "resources: unknown key 'pack'" in faults(values)[0]
    del asked["decode"]
    asked["bank"] = {"mem_mb": 1, "runtime": 1, "mem": 1}
    assert "resources.bank: unknown key 'mem'; did you mean 'mem_mb'?" in faults(values)[0]


def test_demo_says_what_every_key_means(values: Any) -> None:
    """The demo names each key of the model, so that it can be copied."""
    text = (CONFIG / "demo.yaml").read_text()
    assert set(values) | {"name"} == set(Experiment.model_fields)
    variant = Experiment.model_validate({"name": "demo", **values}).variants["main"]
    assert set(values["variants"]["main"]) == set(type(variant).model_fields)
    assert set(values["variants"]["main"]["recipe"]) == set(type(variant.recipe).model_fields)
    assert text.count("#") >= 30


def test_a_protocol_fits_dataset_and_score(values: Any) -> None:
    values["variants"]["main"]["protocol"] = "rise"
    dataset = "variants: emojidg cannot be used with protocol 'rise'; use identity_disjoint"
    score = "decision.score: rise has no test identities; write all"
    assert faults(values) == [f"my.yaml: {dataset}", f"my.yaml: {score}"]
    values["decision"]["score"] = "all"
    assert faults(values) == [f"my.yaml: {dataset}"]
    del values["decision"]["score"]
    assert faults(values) == [f"my.yaml: {dataset}"]


def test_where_there_are_no_test_identities_all_images_decide(
    values: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    toy.make_folder(tmp_path / "mine")
    values |= {"datasets": {"mine": {"folder": "mine"}}}
    values["variants"]["main"] |= {"protocol": "rise", "anchors": "styles"}
    for rule in ({}, {"alpha": 0.1}):
        found = parse({**values, "decision": rule}, Path("my.yaml"))
        assert found.decision.score == "all"
        assert Experiment.model_validate(found.model_dump()).decision == found.decision
    del values["decision"]
    assert parse(values, Path("my.yaml")).decision.score == "all"


def test_seeds_by_name(values: Any) -> None:
    for name, count in (("paper", 3), ("claims", 10)):
        assert parse({**values, "seeds": name}, Path("my.yaml")).seed_list == list(range(count))


def test_a_dataset_may_have_keys_of_its_own(values: Any) -> None:
    values["datasets"]["emojidg"] |= {
        "hparams": {"rise": {"distance": 2.0}},
        "variant": {"anchors": "photo", "recipe": {"lr": 0.5}},
    }
    values["datasets"]["objects"] = {}
    experiment = parse(values, Path("my.yaml"))
    identities = {(u.dataset, u.method): u.identity for u in units(experiment)}
    own, other = (identities[name, "rise"] for name in ("emojidg", "objects"))
    assert (own.text.anchors, other.text.anchors) == ("photo", "styles")
    assert [s["lr"] for s in own.settings + other.settings] == [0.5, 0.03]
    assert [s["distance"] for s in own.settings + other.settings] == [2.0, 0.3]
    # What is not given stays; so do methods without hyper-parameters of their own there.
    assert own.recipe == other.recipe
    hint = [identities[name, "hint"].settings[0] for name in ("emojidg", "objects")]
    assert hint[0] == {**hint[1], "lr": 0.5}


def test_name_is_the_stem(values: Any) -> None:
    assert parse(values, Path("config/mine.yaml")).name == "mine"
    assert "take this key out" in faults({**values, "name": "other"})[0]


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("seeds", 0, "seeds: give a number of seeds (1 to 1000)"),
        ("seeds", [1, 1], "seeds: give a number of seeds (1 to 1000)"),
        ("sedes", 1, "unknown key 'sedes'; did you mean 'seeds'?"),
        ("device", "gpu", "device: Input should be 'cpu' or 'cuda' (given: 'gpu')"),
        ("methods.hnit", {}, "methods: unknown method 'hnit'; did you mean 'hint'?"),
        (
            "methods.rise.hparams.hnit",
            1,
            "methods.rise.hparams: unknown hyper-parameter of rise 'hnit'; did you mean 'hint'?",
        ),
        ("methods.rise.hparams.hint", -1, "methods.rise.hparams.hint: is -1, must lie between"),
        ("methods.rise.hparams.hint", "much", "hint: is 'much', must be a number"),
        ("methods.rise.hparams.hint", [], "hint: is an empty list"),
        ("datasets.emojdg", {}, "datasets: unknown dataset 'emojdg'; did you mean 'emojidg'?"),
        (
            "datasets.emojidg.held_out",
            ["nota"],
            "datasets.emojidg.held_out: unknown domain of emojidg 'nota'; did you mean 'noto'?",
        ),
        ("variants.main.teacher", "clip", "variants.main.teacher: unknown teacher 'clip'"),
        ("variants.main.student", "resnet", "variants.main.student: unknown student 'resnet'"),
        (
            "variants.main.recipe.epoch",
            3,
            "variants.main.recipe: unknown key 'epoch'; did you mean 'epochs'?",
        ),
        ("variants.main.recipe.epochs", 0, "variants.main.recipe.epochs: Input should be greater"),
        ("contrasts", [["rise", "erm"]], "contrasts: unknown method here 'erm'"),
        ("seeds", "many", "a list of different seeds, paper or claims (given: 'many')"),
        ("seeds", [1.5], "a list of different seeds, paper or claims (given: [1.5])"),
        (
            "datasets.emojidg.hparams",
            {"hnit": {}},
            "datasets.emojidg.hparams: unknown method here 'hnit'; did you mean 'hint'?",
        ),
        (
            "datasets.emojidg.hparams",
            {"rise": {"hint": [1, 2]}},
            "datasets.emojidg: variants.main: methods try different numbers of settings",
        ),
        (
            "datasets.emojidg.variant",
            {"student": "resnet18"},
            "datasets.emojidg.variant: student must be the same on all datasets; take it out",
        ),
        (
            "datasets.emojidg.variant",
            {"teacher": "clip-vit-b61"},
            "datasets.emojidg: teacher: unknown teacher 'clip-vit-b61'; did you mean 'clip-vit-b16",
        ),
        (
            "datasets.emojidg.variant",
            {"recipe": {"epoch": 3}},
            "datasets.emojidg.variant: recipe: unknown key 'epoch'; did you mean 'epochs'?",
        ),
        (
            "datasets.emojidg.variant",
            {"anchor": "photo"},
            "datasets.emojidg.variant: unknown key 'anchor'; did you mean 'anchors'?",
        ),
        ("workers", -1, "workers: Input should be greater than or equal to 0 (given: -1)"),
        ("decision.margin", 0.05, "decision.margin: Input should be greater than or equal to 0.1"),
        ("decision.alpha", 1.5, "decision.alpha: Input should be less than 0.5"),
    ],
)
def test_faults_say_where_and_what(values: Any, place: str, value: Any, message: str) -> None:
    *parents, last = place.split(".")
    inside = values
    for part in parents:
        inside = inside[part]
    inside[last] = value
    lines = faults(values)
    assert len(lines) == 1
    assert lines[0].startswith("my.yaml: ") and message in lines[0]


def test_several_faults_stand_together(values: Any) -> None:
    values["methods"]["hnit"] = {}
    values["datasets"]["emojidg"]["held_out"] = ["nota"]
    assert len(faults(values)) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no keys"),
        ("- 1", "has no keys"),
        ("a: [", "is not valid YAML"),
    ],
)
def test_files_that_hold_no_experiment(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 1


def test_missing_file() -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read \(No such file"):
        load(Path("none.yaml"))


def test_budgets_are_equal_unless_the_file_says_otherwise(values: Any) -> None:
    values["methods"]["rise"] = {"hparams": {"distance": [0.3, 1.0]}}
    (fault,) = faults(values)
    assert fault == (
        "my.yaml: variants.main: methods try different numbers of settings (erm_text_init 1, "
        "hint 1, rise 2); give all the same number, or write budgets: unequal"
    )
    parse({**values, "budgets": "unequal"}, Path("my.yaml"))
    values["methods"] |= {"erm_text_init": {"hparams": {"lr": [0.01, 0.03]}}}
    # Groups are searched one after the other; a setting that stands twice is tried once.
    pairs = [{"ce": 0.1, "hint": 0.9}, {"ce": 0.2, "hint": [0.8, 0.8]}]
    values["methods"]["hint"] = {"hparams": pairs}
    found = {u.method: u.identity.settings for u in units(parse(values, Path("my.yaml")))}
    assert [(one["ce"], one["hint"]) for one in found["hint"]] == [(0.1, 0.9), (0.2, 0.8)]
    assert [one["lr"] for one in found["erm_text_init"]] == [0.01, 0.03]
    assert [one["lr"] for one in found["rise"]] == [0.03, 0.03]


@pytest.mark.parametrize(
    ("section", "key", "value", "near"),
    [
        ("views", "policy", "emojii", "emoji"),
        ("recipe", "average", "emma", "ema"),
        (None, "protocol", "ryse", "rise"),
        (None, "student", "tiny-resnett", "tiny-resnet"),
        (None, "teacher", "tiny-clipp", "tiny-clip"),
    ],
)
def test_what_is_found_by_name_is_checked_with_the_nearest_name(
    values: Any, section: str | None, key: str, value: str, near: str
) -> None:
    variant = values["variants"]["main"]
    (variant if section is None else variant[section])[key] = value
    assert f"'{value}'; did you mean '{near}'?" in faults(values)[0]
