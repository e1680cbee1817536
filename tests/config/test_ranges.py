"""Values that cannot be meant are refused by key, all at once, in plain words."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rise.config.load import load, parse
from rise.errors import ConfigError
from tests.config.test_load import CONFIG, faults

NAN, INF = float("nan"), float("inf")
RECIPE, MAIN = "variants.main.recipe", "variants.main"
HELD_OUT = "datasets.emojidg.held_out"


@pytest.fixture
def values() -> Any:
    return yaml.safe_load((CONFIG / "demo.yaml").read_text())


def put(values: Any, place: str, value: Any) -> None:
    *parents, last = place.split(".")
    for part in parents:
        values = values[part]
    values[last] = value


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        *((f"{RECIPE}.lr", bad, "must be a finite number above 0") for bad in (NAN, INF, 0, -1)),
        *((f"{RECIPE}.lr", bad, "or a list of such numbers") for bad in ([], [0.1, -1], True, "x")),
        *((f"{RECIPE}.weight_decay", bad, "of at least 0") for bad in (NAN, INF, -1, [])),
        *((f"{RECIPE}.momentum", bad, "given") for bad in (NAN, 1, -0.1)),
        *((f"{RECIPE}.clip_norm", bad, "given") for bad in (NAN, INF, 0)),
        *((f"{RECIPE}.nesterov", bad, "must be true or false") for bad in (1, "yes", 0.5)),
        *((f"{RECIPE}.epochs", bad, "must be a whole number") for bad in (True, 1.5, "3", None)),
        (f"{RECIPE}.evaluate_every", 31, "31 is more than the 30 epochs"),
        *((f"{MAIN}.image_size", bad, "given") for bad in (0, 15, 10**6, "64", True)),
        *((f"{MAIN}.freeze_bn", bad, "must be true or false") for bad in (0, "no")),
        (f"{MAIN}.prompts", [], "is an empty list; give at least one template"),
        (f"{MAIN}.prompts", [1], "must be the name of a set, or a list of templates (given: [1])"),
        (f"{MAIN}.text", 1, "must be true, shuffled or random (given: 1)"),
        (f"{MAIN}.student", 8, "must be text; write it in quotes (given: 8)"),
        (f"{MAIN}.recipe", "fast", "must be keys with values (given: 'fast')"),
        *(
            (f"{HELD_OUT}", bad, "must be all, or a list of domains")
            for bad in ([], 3, "noto", [8])
        ),
        (HELD_OUT, ["noto", "noto"], "noto stands there twice; take one out"),
        (HELD_OUT, [["noto", "twemoji"], ["twemoji", "noto"]], "stands there twice; take one out"),
        (HELD_OUT, ["noto", ["noto"]], "stands there twice; take one out"),
        (HELD_OUT, [["noto", "noto"]], "must leave at least one source domain and repeat none"),
        ("datasets", ["emojidg"], "must be keys with values (given: ['emojidg'])"),
        ("datasets.emojidg", "all", "must be keys with values (given: 'all')"),
        ("datasets.emojidg.variant", {"recipe": "fast"}, "variant: recipe: must be keys"),
        ("datasets.emojidg.variant", {"recipe": {"lr": NAN}}, "variant: recipe.lr: must be a fin"),
        ("methods", None, "must be keys with values (given: None)"),
        ("methods.rise", [1], "must be keys with values (given: [1])"),
        ("methods.rise.hparams", "much", "must be hyper-parameters, each with a value"),
        ("methods.rise.hparams.hint", NAN, "is nan, must be a finite number"),
        ("methods.rise.hparams.hint", INF, "is inf, must be a finite number"),
        ("methods.rise.hparams.lr", 0, "is 0, must lie between"),
        ("methods.rise.hparams.lr", [], "is an empty list"),
        *(("seeds", bad, "seeds: ") for bad in (True, 0, -1, 20261130, [], [2**70], [-1], "3")),
        *(("threads", bad, "given") for bad in (True, 0, 1.5, "2")),
        *((f"decision.{key}", NAN, "given") for key in ("alpha", "level", "margin")),
        ("decision.margin", INF, "must be a finite number"),
        ("contrasts", [["rise"]], "contrasts: "),
        ("contrasts", ["rise"], "contrasts: "),
        ("title", 7, "must be text; write it in quotes (given: 7)"),
        ("resources.unit", 3, "must be keys with values (given: 3)"),
    ],
)
def test_a_value_that_cannot_be_meant(values: Any, place: str, value: Any, message: str) -> None:
    put(values, place, value)
    (line,) = faults(values)
    assert line.startswith("my.yaml: ") and message in line
    for word in ("literal[", "list[", "Union", "instance of", "tuple[", "pydantic"):
        assert word not in line


def test_all_faults_stand_together(values: Any) -> None:
    """Those of a part's form, of what it names, and of what parts mean together."""
    put(values, f"{RECIPE}.lr", NAN)
    put(values, f"{RECIPE}.epoch", 3)
    put(values, "seeds", 0)
    put(values, "methods.hnit", {})
    put(values, HELD_OUT, ["nota"])
    put(values, "contrasts", [["rise", "rise"]])
    places = sorted(line.split(": ")[1] for line in faults(values))
    assert places == sorted([f"{RECIPE}.lr", RECIPE, "seeds", "methods", HELD_OUT, "contrasts"])


def test_a_missing_part_is_said_once(values: Any) -> None:
    del values["title"]
    del values["variants"]["main"]["student"]
    assert faults(values) == [
        "my.yaml: title: is missing; give it a value",
        "my.yaml: variants.main.student: is missing; give it a value",
    ]


def test_a_name_with_nothing_behind_it_has_the_defaults(values: Any) -> None:
    put(values, "methods.erm_text_init", None)
    put(values, "datasets.emojidg", None)
    found = parse(values, Path("my.yaml"))
    assert found.datasets["emojidg"].held_out == "all"
    assert found.methods["erm_text_init"].hparams == {}


def test_the_longest_list_of_seeds(values: Any) -> None:
    assert len(parse({**values, "seeds": 1000}, Path("my.yaml")).seed_list) == 1000
    assert parse({**values, "seeds": [20261130]}, Path("my.yaml")).seed_list == [20261130]


def test_a_second_seeds_key_is_no_longer_the_one_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text((CONFIG / "demo.yaml").read_text() + "seeds: 1\n")
    with pytest.raises(ConfigError, match=r"the key 'seeds' stands there twice; take one out"):
        load(path)
