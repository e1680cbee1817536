"""The forecast: counts are exact, hours and bytes follow from the stated rates."""

import json
from pathlib import Path

import pytest

from rise.acquisition.verify import record, verify
from rise.catalog.custom_dataset import read_custom
from rise.config.load import load
from rise.planning.cost import Cost, forecast, model
from rise.planning.cost_table import table
from rise.planning.plan import Plan
from rise.planning.units import Unit
from tests.datasets import toy
from tests.synthetic import change_identity, declare, write_results

DECODED = model()["decoded"]
CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_table_1_is_counted_without_data_or_weights() -> None:
    lines = forecast(Plan(load(CONFIG / "table1.yaml")))
    pacs = lines["pacs, resnet50"]
    assert (pacs.units, pacs.trainings) == (60, 360)
    # 90 % of three domains in batches of 128, 20 epochs, 90 trainings a held-out domain.
    sources = [9991 - held_out for held_out in (2048, 2344, 1670, 3929)]
    assert pacs.steps == sum(90 * 20 * (int(0.9 * n) // 128) for n in sources)
    (cache,) = (cost for name, cost in lines.items() if name.startswith("embedding cache pacs-"))
    assert cache.bytes == 9991 * 20 * 512 * 2
    total = Cost()
    for cost in lines.values():
        total.add(cost)
    assert (total.units, total.trainings) == (480, 2880)
    assert total.hours is not None and total.bytes is not None


def test_hours_are_images_over_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = [{"px": 16, "train": 4, "score": 1e9, "source": "made up"}]
    made_up = {
        "students": {"tiny-resnet": {"cpu": rates, "bytes": 10}},
        "teachers": {},
        "views": {"emoji": None},
    }
    monkeypatch.setattr("rise.planning.cost.model", lambda: made_up)
    plan = Plan(declare(seeds=1, methods={"erm": {}}, contrasts=[]))
    cost = forecast(plan)["emojidg, main"]
    # Two held-out domains, six tenths of 3 x 358 images, 30 epochs, one image a second at 32 px.
    assert cost.hours == pytest.approx(2 * 644 * 30 / 3600, rel=1e-3)
    assert cost.bytes == 20


def test_one_training_a_unit_keeps_its_weights() -> None:
    """240 units of each student of 98 and 46 MB, and five others and two checkpoints at work."""
    lines = forecast(Plan(load(CONFIG / "table1.yaml")))
    assert lines["pacs, resnet50"].bytes == 60 * 98_000_000
    assert lines["vlcs, resnet18"].bytes == 60 * 46_000_000
    assert lines["one unit at work"].bytes == (5 + 2 * 3) * 98_000_000
    kept = sum(cost.bytes or 0 for name, cost in lines.items() if ", resnet" in name)
    assert kept == 4 * 60 * (98_000_000 + 46_000_000)


@pytest.mark.parametrize(
    ("workers", "seconds"), [(0, 1 / 8 + 1 / 2), (1, 1 / 2), (3, 1 / 6), (5, 1 / 8), (9, 1 / 8)]
)
def test_workers_make_views_beside_training(
    workers: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight images a second train, of two a core makes the views."""
    rate = {"px": 32, "score": 1e9, "source": "made up"}
    made_up = {
        "students": {"tiny-resnet": {"cpu": [{**rate, "train": 8}], "bytes": 10}},
        "teachers": {},
        "views": {"released": [{**rate, "train": 2}]},
    }
    monkeypatch.setattr("rise.planning.cost.model", lambda: made_up)
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip", "views": {"policy": "released"}}
    declared = {"variants": {"main": variant}, "methods": {"erm": {}}, "contrasts": []}
    plan = Plan(declare(seeds=1, workers=workers, **declared))
    cost = forecast(plan)["emojidg, main"]
    assert cost.hours == pytest.approx(2 * 644 * 30 * seconds / 3600, rel=1e-3)
    said = f"views made in parallel by {workers} workers" if workers else "on one CPU core"
    assert said in table(plan)


def test_what_is_not_known_is_said() -> None:
    text = table(Plan(load(CONFIG / "pacs_smoke.yaml")))
    assert "tiny-resnet on cpu: 1100 images/s at 32 px" in text
    plan = Plan(
        declare(
            variants={
                "main": {"student": "timm:resnet26", "teacher": "tiny-clip", "start": "scratch"}
            }
        )
    )
    text = table(plan)
    assert "timm:resnet26 on cpu: not known" in text
    assert text.splitlines()[1].split()[-2:] == ["?", "?"]
    (line,) = (line for line in text.splitlines() if line.startswith("one unit at work"))
    assert line.split()[-1] == "?"


def _retime(unit: Unit, **told: object) -> None:
    """Change the provenance of a unit's record."""
    file = unit.folder / "record.json"
    record = json.loads(file.read_text())
    record["provenance"] |= told
    file.write_text(json.dumps(record))


def test_finished_units_say_how_long_the_others_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three methods have records; a resumed one and one of another identity don't count."""
    monkeypatch.chdir(tmp_path)
    methods = {"erm": {}, "hint": {}, "rise": {}}
    experiment = declare(methods=methods, contrasts=[])
    assumed = forecast(Plan(experiment))["emojidg, main"]
    assert assumed.basis == {"measured rates"}
    write_results(experiment, lambda unit: 50)
    plan = Plan(experiment)
    for unit in plan.units.values():
        if unit.method == "rise":
            (unit.folder / "record.json").unlink()
        else:
            _retime(unit, seconds=60.0 * (unit.seed + 1), resumed=unit.seed == 3)
    change_identity(plan.units["emojidg/main/hint/noto/seed2"], "recipe.epochs", 1)
    cost = forecast(plan)["emojidg, main"]
    assert cost.basis == {"finished units", "measured rates"}
    by_rates = forecast(Plan(declare(methods={"rise": {}}, contrasts=[])))["emojidg, main"]
    assert cost.hours is not None and by_rates.hours is not None
    # Seeds 0 to 2 took 1, 2 and 3 minutes; of hint one of the six is of another recipe.
    assert cost.hours == pytest.approx((8 * 120 + 8 * 120) / 3600 + by_rates.hours)
    text = table(plan)
    assert "emojidg, main, erm: 120.0 s a unit, the median of 6 finished (measured on made up)" in (
        text
    )
    assert "the median of 5 finished" in text and "main, rise:" not in text
    (line,) = (line for line in text.splitlines() if line.startswith("emojidg, main  "))
    assert line.endswith("finished units, measured rates")


def test_a_custom_dataset_is_counted_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight images, two a domain and class."""
    monkeypatch.chdir(tmp_path)
    folder = toy.make_folder(tmp_path / "mine")
    assert record(folder, "mine", verify(folder, read_custom(folder)))
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip", "protocol": "rise"}
    variant["recipe"] = {"batch_size": 2, "epochs": 10}
    changes = {"datasets": {"mine": {"folder": "mine"}}, "variants": {"main": variant}}
    plan = Plan(declare(seeds=1, methods={"rise": {}}, contrasts=[], decision={}, **changes))
    lines = forecast(plan)
    # Of four source images 80 % train: three, in batches of two, for ten epochs, twice.
    assert (lines["mine, main"].units, lines["mine, main"].steps) == (2, 2 * 10)
    assert lines["mine, main"].hours is not None
    assert {cost.bytes for name, cost in lines.items() if "decoded" in name} == {8 * DECODED}
    assert "?" not in table(plan).partition("hours: on")[0]


def test_assumed_rates_are_named() -> None:
    text = table(Plan(load(CONFIG / "table1.yaml")))
    (line,) = (line for line in text.splitlines() if line.startswith("pacs, resnet50"))
    assert line.endswith("assumed rates, measured rates")
