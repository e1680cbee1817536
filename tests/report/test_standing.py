"""A verdict has two sides: bold, letters and the interval beside it never contradict it."""

import re
from dataclasses import replace
from pathlib import Path

from rise.planning.asked import asked
from rise.report.analysis.results import Results
from rise.report.analysis.standing import Judged, judged, stands_out
from rise.report.prose.claims import sentences
from rise.report.tables.main import main_table
from rise.report.terminal import summary
from tests.synthetic import by_method, declare, write_results

METHODS = ("erm_text_init", "hint", "rise")


def _results(contrasts: list[list[str]], **values: list[int]) -> Results:
    experiment = declare(seeds=len(values["rise"]), contrasts=contrasts)
    write_results(experiment, by_method(**values))
    return Results.read(asked(experiment))


def _bold(results: Results) -> list[str]:
    (group,) = results.groups
    found = [method for method in METHODS if stands_out(results, group, method)]
    printed = [row[1].bold for row in main_table(results, group).cells]
    assert printed == [method in found for method in METHODS]
    return found


def test_who_wins_as_the_second_method_is_bold_and_who_loses_any_is_not() -> None:
    results = _results(
        [["rise", "erm_text_init"], ["rise", "hint"]],
        erm_text_init=[40, 42, 44, 46],
        hint=[60, 61, 64, 65],
        rise=[50, 53, 54, 57],
    )
    assert _bold(results) == ["hint"]
    (group,) = results.groups
    assert judged(results, group, "rise") == [
        Judged("better", ("erm_text_init",)),
        Judged("worse", ("hint",)),
    ]
    assert "worse than RISE" in main_table(results, group).note


def test_a_baseline_that_is_declared_first_and_loses_makes_the_other_bold() -> None:
    results = _results(
        [["erm_text_init", "rise"]],
        erm_text_init=[40, 42, 44, 46],
        hint=[1, 2, 3, 4],
        rise=[50, 53, 54, 57],
    )
    assert [one.verdict for one in results.decisions] == ["worse"]
    assert _bold(results) == ["rise"]


def test_of_three_in_a_circle_none_is_bold(monkeypatch) -> None:
    # No accuracies are in a circle; verdicts are, where one of three intervals is narrow.
    results = _results(
        [["erm_text_init", "hint"], ["hint", "rise"], ["rise", "erm_text_init"]],
        erm_text_init=[40, 42, 44, 46],
        hint=[50, 53, 54, 57],
        rise=[60, 61, 64, 65],
    )
    circle = [replace(one, verdict="better") for one in results.decisions]
    monkeypatch.setitem(results.__dict__, "decisions", circle)
    assert _bold(results) == []


def test_a_difference_as_small_as_it_is_certain_is_not_printed_as_none() -> None:
    # Differences of 0.004 points in each domain average: 1 of 25,000 images would do it.
    results = _results(
        [["rise", "erm_text_init"]], erm_text_init=[40] * 4, hint=[1, 2, 3, 4], rise=[40] * 4
    )
    frame = results.frame
    ours = (frame["method"] == "rise") & (frame["subset"] == "test")
    frame.loc[ours, "accuracy"] += 0.004 + frame.loc[ours, "seed"] * 1e-5
    (said,) = sentences(results)
    assert said.startswith("**RISE is better than ERM, same network** on EmojiDG: +0.004 points")
    assert "[+0.004, +0.004]" in said
    assert "+0.004" in summary(results)


def test_the_interval_beside_a_verdict_excludes_zero_exactly_where_it_is_decided() -> None:
    results = _results(
        [["rise", "erm_text_init"], ["hint", "erm_text_init"], ["rise", "hint"]],
        erm_text_init=[40, 42, 44, 46],
        hint=[44, 42, 46, 45],
        # Against ERM 2, 2, 4, 1: p 0.037 by itself.
        rise=[42, 44, 48, 47],
    )
    decisions = results.decisions
    assert [one.verdict for one in decisions] == ["undecided"] * 3
    first = decisions[0]
    assert first.t and first.t.low and first.t.low > 0
    assert first.agreeing and first.agreeing.low < 0 < first.agreeing.high
    assert re.search(r"Holm's 98\.33 % interval \[-\d\.\d\d, \+\d\.\d\d\]", sentences(results)[0])


def test_a_terminal_shows_every_verdict_of_many_and_cuts_no_name(tmp_path: Path) -> None:
    names = ["ad", "erm", "erm_text_init", "hint", "hint_ad", "hint_rd", "rd", "rise"]
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip"}
    long = "a variant with a name that is longer than any column would be, and that ends so"
    experiment = declare(
        datasets={"emojidg": {}, "objects": {}},
        variants={"main": variant, long: {**variant, "start": "scratch"}},
        methods={name: {} for name in names},
        contrasts=[["rise", name] for name in names[:-1]],
        seeds=3,
    )
    text = summary(Results.read(asked(experiment)))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert text.count("undecided") == 2 * 2 * 7
    assert "The accuracies stand in the report." in lines
    assert len(re.findall(r"\bso\)", text)) == 2 * 7
