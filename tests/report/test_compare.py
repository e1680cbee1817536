"""Two methods on one screen, and the seeds that a next experiment needs."""

import pytest

from rise.errors import ResultError
from rise.planning.asked import asked
from rise.planning.plan import Plan
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.compare import compared
from rise.report.seeds_needed import seeds_table
from tests.synthetic import by_method, declare, write_results

CORRECT = by_method(
    erm_text_init=[40, 41, 39, 40, 42, 40, 41, 39],
    hint=[48, 48, 47, 49, 50, 47, 49, 47],
    rise=[48, 47, 48, 49, 49, 47, 50, 46],
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def results(**changes) -> Results:
    experiment = declare(seeds=8, **changes)
    write_results(experiment, CORRECT)
    return Results.read(asked(experiment))


def lines(text: str) -> dict[str, str]:
    return dict(
        line.strip().split("  ", 1) for line in text.splitlines()[1:] if "  " in line.strip()
    )


def test_a_declared_pair_has_its_verdict_from_either_side() -> None:
    found = results()
    text = compared(found, "rise", "erm_text_init")
    assert text.startswith(
        "RISE vs. ERM, same network on EmojiDG, test identities (pre-specified)\n"
    )
    assert lines(text)["verdict"].strip() == "better (Holm p <0.001, paired t test)"
    assert "+7.75 points, 95 % interval [" in text
    assert "+8.00  +6.00  +9.00  +9.00  +7.00  +7.00  +9.00  +7.00" in text
    assert "points with this spread" in text
    other = compared(found, "erm_text_init", "rise")
    assert lines(other)["verdict"].strip() == "worse (Holm p <0.001, paired t test)"
    assert "-7.75 points" in other
    assert "undecided" in compared(found, "rise", "hint")


def test_an_undeclared_pair_or_one_domain_is_exploratory() -> None:
    found = results(contrasts=[["rise", "erm_text_init"]])
    text = compared(found, "rise", "hint")
    assert "(exploratory: this pair was not pre-specified)" in text
    assert "verdict" not in text
    assert "twemoji" in text
    one = compared(found, "rise", "erm_text_init", held_out="noto")
    assert "held out noto, test identities (exploratory: one domain)" in one
    assert "verdict" not in one
    assert "twemoji" not in one


def test_a_missing_seed_is_said_and_nothing_is_averaged() -> None:
    experiment = declare(seeds=8)
    write_results(experiment, CORRECT)
    (units(experiment)[0].folder / "record.json").unlink()
    text = compared(Results.read(asked(experiment)), "rise", "erm_text_init")
    assert "7 of 8 seeds have every held-out domain" in text
    assert "points" not in text


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("rise", "hnit"), "unknown method here 'hnit'; did you mean 'hint'?"),
        (("rise", "rise"), "rise cannot be compared with itself"),
        (("rise", "hint", "emojdg"), "unknown dataset here 'emojdg'; did you mean 'emojidg'?"),
        (("rise", "hint", None, "nota"), "unknown held-out domain here 'nota'"),
    ],
)
def test_wrong_names_are_named(asked, message) -> None:
    with pytest.raises(ResultError, match=message.replace("?", r"\?")):
        compared(results(), *asked)


def test_seeds_needed_follow_from_the_pilots_spread() -> None:
    found = results()
    table = seeds_table(Plan(found.experiment), found, 1.0)
    spread = found.differences(found.groups[0], "rise", "erm_text_init", "test").std(ddof=1)
    assert table.texts[0][2:4] == ("8", f"{spread:.2f}")
    # Level 0.05 / 3: twice the difference needs about a quarter of the seeds.
    needed, most = int(table.texts[0][4]), int(table.texts[0][6])
    assert 14 <= needed <= 22
    assert most > 3 * needed
    half = seeds_table(Plan(found.experiment), found, 2.0)
    assert needed / 4 < int(half.texts[0][4]) < needed / 2


def test_without_a_pilot_there_is_nothing_to_plan_with() -> None:
    experiment = declare(seeds=8)
    with pytest.raises(ResultError, match="is no pilot yet"):
        seeds_table(Plan(experiment), Results.read(asked(experiment)), 1.0)
    alone = declare(seeds=8, contrasts=[])
    with pytest.raises(ResultError, match="declares no contrast"):
        seeds_table(Plan(alone), Results.read(asked(alone)), 1.0)


def test_more_seeds_than_anyone_trains_are_not_searched_for() -> None:
    found = results()
    table = seeds_table(Plan(found.experiment), found, 0.002)
    assert {row[4] for row in table.texts} == {">100,000"}
    assert {row[5] for row in table.texts} == {"\N{EN DASH}"}
