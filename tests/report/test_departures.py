"""Where an experiment follows the release, its report says what still differs."""

from pathlib import Path

import pytest

from rise.catalog import lookup
from rise.catalog.prompts import texts_of
from rise.config.load import Experiment, load
from rise.planning.asked import asked
from rise.report.analysis.results import Results
from rise.report.outline import report
from rise.report.prose.departures import departures
from rise.report.render.markdown import markdown

CONFIG = Path(__file__).parents[2] / "config"
PARTS = {
    "colour": "rounds to 8 bit after each",
    "equal files": "equal bytes in one class",
    "ties": "the first declared",
    "draw": "drawn once a seed",
    "second head": r"On terra\_incognita the second head predicts for every method",
    "anchors": r"say Real\_World, where the release's folder is RealWorld (65 of 260 prompts)",
    "teacher": r"finetunes the teacher of terra\_incognita",
    "tf32": "leaves TF32 on",
}


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("table1", set()),
        ("table1_quick", {"second head"}),
        ("pacs", {"draw", "second head", "anchors", "teacher"}),
    ],
)
def test_departures_are_those_of_the_experiment(name: str, without: set[str]) -> None:
    experiment = load(CONFIG / f"{name}.yaml")
    said = departures(experiment) or ""
    assert {key for key, part in PARTS.items() if part in said} == PARTS.keys() - without
    inferred = "That this is the paper's Table 1, and its teacher ViT-B/16, is inferred"
    assert (inferred in experiment.settings_note) == (name != "pacs")


def test_they_stand_beside_the_tables() -> None:
    experiment = load(CONFIG / "pacs.yaml")
    whole = markdown(report(Results.read(asked(experiment)), []))
    said = whole.partition("## Departures from the released code")[2].partition("\n## ")[0]
    assert said.strip() == departures(experiment)
    assert experiment.settings_note.strip() in whole


@pytest.mark.parametrize("name", ["demo", "smoke", "pacs_smoke", "replay"])
def test_what_does_not_follow_the_release_departs_from_nothing(name: str) -> None:
    assert departures(load(CONFIG / f"{name}.yaml")) is None


def test_a_switch_takes_its_departure_along() -> None:
    experiment = load(CONFIG / "table1.yaml")

    def said(**changes: object) -> str:
        other: Experiment = experiment.model_copy(update=changes)
        return departures(other) or ""

    assert PARTS["tf32"] not in said(device="cpu") and PARTS["tf32"] not in said(
        precision="bfloat16"
    )
    without = {k: v for k, v in experiment.datasets.items() if k == "pacs"}
    assert PARTS["draw"] not in said(datasets=without)


def test_the_number_of_prompts_that_differ() -> None:
    entry = lookup.datasets()["office_home"]
    texts = texts_of(entry, "released", "released", "own", "domains")
    prompts = [one for words in texts.anchor_prompts for one in words]
    assert len(prompts) == 260
    assert sum("Real_World" in one for one in prompts) == 65
