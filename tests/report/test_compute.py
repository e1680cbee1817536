"""What units took, and what their results rest on."""

import json
from typing import Any

from rise.config.load import Experiment
from rise.planning.asked import asked
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING
from rise.report.tables import compute, revisions
from tests.synthetic import declare, write_results


def _experiment() -> Experiment:
    experiment = declare(seeds=2, methods={"hint": {}}, contrasts=[])
    write_results(experiment, lambda unit: 50)
    return experiment


def _change(experiment: Experiment, at: int, block: str, **values: Any) -> None:
    path = units(experiment)[at].folder / "record.json"
    record = json.loads(path.read_text())
    (record["science"]["data"] if block == "data" else record["provenance"]).update(values)
    path.write_text(json.dumps(record))


def test_a_resumed_unit_counts_but_not_in_the_mean() -> None:
    experiment = _experiment()
    _change(experiment, 0, "provenance", seconds=2.0, resumed=True)
    _change(experiment, 1, "provenance", seconds=20.0, peak_memory_mb=750)
    table = compute.build(Results.read(asked(experiment)))[0]
    # Mean of 20, 10 and 10 s; 3 units * 300 steps * 64 images in 40 s.
    assert table.texts == [("Hint", "made up", "4", "1", "13.3", "1440", "750", "1", "30")]
    assert "lower bound" in table.note


def test_devices_stand_apart_and_what_is_unknown_is_nothing() -> None:
    experiment = _experiment()
    _change(experiment, 0, "provenance", device="H100", resumed=True, peak_memory_mb=None)
    rows = compute.build(Results.read(asked(experiment)))[0].texts
    assert rows[0] == ("Hint", "H100", "1", "1", NOTHING, NOTHING, NOTHING, "1", "30")
    assert rows[1][:3] == ("Hint", "made up", "3")


def test_several_datasets_have_a_column() -> None:
    datasets = {"emojidg": {"held_out": ["noto"]}, "objects": {"held_out": ["noto"]}}
    experiment = declare(seeds=1, datasets=datasets, methods={"hint": {}}, contrasts=[])
    write_results(experiment, lambda unit: 50)
    rows = compute.build(Results.read(asked(experiment)))[0].texts
    assert [row[:3] for row in rows] == [
        ("EmojiDG", "Hint", "made up"),
        ("EmojiDG objects", "Hint", "made up"),
    ]


def test_revisions_are_counted_by_units() -> None:
    experiment = _experiment()
    _change(experiment, 0, "data", pack="d" * 64, manifest="e" * 64)
    _change(experiment, 1, "provenance", image="rise.sif", environment="ab" * 32)
    code = units(experiment)[0].identity.code[:12]
    assert revisions.build(Results.read(asked(experiment)))[0].texts == [
        ("EmojiDG: files (manifest)", "e" * 12, "1"),
        ("EmojiDG: decoded images", "d" * 12, "1"),
        ("EmojiDG: decoded images", "c" * 12, "3"),
        ("Training code", code, "3"),
        ("Container image", "rise.sif", "1"),
        ("Container image", "none", "2"),
        ("Installed packages", "abababababab", "1"),
        ("Installed packages", "not recorded", "2"),
    ]
