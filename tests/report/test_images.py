"""Contrasts over other seeds and images: known truth, identities as clusters, and refusals."""

import numpy as np
import pytest

from rise.planning.asked import asked
from rise.report.analysis.results import Results
from rise.report.prose.paragraphs import why_no_interval
from rise.report.tables import images
from tests.synthetic import by_method, declare, write_results

CORRECT = by_method(
    erm_text_init=[40, 41, 39, 40, 42, 40],
    hint=[48, 48, 47, 49, 50, 47],
    rise=[48, 47, 48, 49, 49, 47],
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def made(**changes) -> Results:
    experiment = declare(**{"seeds": 6, **changes})
    write_results(experiment, CORRECT)
    return Results.read(asked(experiment))


def test_the_interval_holds_the_images_too() -> None:
    results = made()
    (table,) = images.build(results)
    assert [row[:3] for row in table.texts] == [
        ("RISE vs. ERM, same network", "EmojiDG", "+7.67"),
        ("Hint vs. ERM, same network", "EmojiDG", "+7.83"),
        ("RISE vs. Hint", "EmojiDG", "-0.17"),
    ]
    # The same hundred things in both domains are one cluster each, not two.
    assert {row[4] for row in table.texts} == {"100"}
    low, high = (float(x) for x in table.texts[0][3].strip("[]").split(", "))
    # Seven or eight things of a hundred differ, the same in all domains: like a count of 7.7.
    assert low == pytest.approx(7.67 - 1.96 * np.sqrt(7.67), abs=1)
    assert high == pytest.approx(7.67 + 1.96 * np.sqrt(7.67), abs=1.5)
    t = results.decisions[0].t
    assert low < t.low
    assert t.high < high
    assert images.build(results) == [table]  # drawn from names alone


@pytest.mark.parametrize("changes", [{"seeds": 4}, {"seeds": 6, "contrasts": []}])
def test_without_enough_there_is_no_interval(changes) -> None:
    results = made(**changes)
    assert images.build(results) == []
    assert "it needs 5 finished seeds" in why_no_interval(results)


def test_redrawn_images_have_no_interval() -> None:
    variant = {
        "student": "tiny-resnet",
        "teacher": "tiny-clip",
        "protocol": "domainbed",
        "views": {"policy": "released"},
    }
    results = made(
        datasets={"pacs": {"held_out": ["photo", "sketch"]}},
        variants={"main": variant},
        decision={"score": "all"},
    )
    assert images.build(results) == []
    assert "test sets are resampled with every seed" in why_no_interval(results)
