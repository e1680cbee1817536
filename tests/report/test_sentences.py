"""What may be said: every verdict in the same place and in the same words, and no more."""

import pytest

from rise.config.load import Experiment
from rise.planning.asked import asked
from rise.planning.units import Unit, units
from rise.report.analysis.results import Results
from rise.report.prose.claims import protocol, sentences, short
from tests.synthetic import Correct, by_method, declare, fail, write_results

ERM = [40, 42, 44, 46]
PAIR = {"contrasts": [["rise", "erm_text_init"]]}


def _results(experiment: Experiment, correct: Correct) -> Results:
    write_results(experiment, correct)
    return Results.read(asked(experiment))


def _said(rise: list[int], **changes: object) -> str:
    """The one sentence about RISE against ERM."""
    erm = ERM[: len(rise)]
    experiment = declare(seeds=len(rise), **{**PAIR, **changes})
    results = _results(experiment, by_method(erm_text_init=erm, hint=erm, rise=rise))
    (sentence,) = sentences(results)
    assert "no difference" not in sentence.lower()
    return sentence


def test_a_win() -> None:
    # Differences 5, 4, 6, 5: mean 5, sd sqrt(2/3), half-width 3.18245 * 0.40825 = 1.30.
    assert _said([45, 46, 50, 51]) == (
        "**RISE is better than ERM, same network** on EmojiDG: +5.00 points, 95 % interval "
        "[+3.70, +6.30], 4 seeds, Holm p 0.0012. The exact sign-flip test cannot confirm this: "
        "with so few seeds its p is never below 0.12."
    )


def test_a_loss_is_said_as_a_win_is() -> None:
    said = _said([35, 38, 38, 41])
    assert said.startswith(
        "**RISE is worse than ERM, same network** on EmojiDG: -5.00 points, 95 % interval "
        "[-6.30, -3.70], 4 seeds, Holm p 0.0012."
    )


def test_undecided_says_what_could_have_been_found() -> None:
    # Differences 1, -1, 2, -1: mean 0.25, sd 1.5; detectable 2.13 sd with 4 seeds at level 0.05.
    assert _said([41, 41, 46, 45]) == (
        "**RISE vs. ERM, same network is undecided** on EmojiDG: +0.25 points, 95 % interval "
        "[-2.14, +2.64], 4 seeds, Holm p 0.76. With 4 seeds and this spread, the minimum "
        "detectable difference is 3.19 points (power 0.8). A smaller difference may exist in "
        "either direction, so the two methods must not be called equal."
    )


def test_an_interval_that_excludes_zero_is_not_enough() -> None:
    three = [["rise", "erm_text_init"], ["hint", "erm_text_init"], ["rise", "hint"]]
    experiment = declare(contrasts=three)
    # Differences 2, 2, 4, 1: t 3.58, p 0.037, which Holm doubles at least.
    noisy = by_method(erm_text_init=ERM, hint=[41, 41, 46, 45], rise=[42, 44, 48, 47])
    first = sentences(_results(experiment, noisy))[0]
    assert "is undecided" in first
    assert "The interval of this contrast alone excludes zero, which is not enough" in first
    assert "correction for a family of 3" in first


def test_a_constant_difference_is_a_warning_and_no_proof() -> None:
    said = _said([45, 47, 49, 51])
    assert "is undecided" in said
    assert "the difference is +5.00 points for each of the 4 seeds. Check that the seed" in said
    assert "standard deviations of the paired differences (power 0.8)" in said


def test_identical_scores_are_a_warning() -> None:
    assert "both methods have the same score for each of the 4 seeds. Check" in _said(ERM)


@pytest.mark.parametrize(("count", "words"), [(1, "1 seed"), (2, "2 seeds")])
def test_too_few_seeds_give_numbers_and_nothing_else(count: int, words: str) -> None:
    assert _said([45, 46][:count]) == (
        f"**RISE vs. ERM, same network is undecided** on EmojiDG: +{5 if count == 1 else 4.5:.2f} "
        f"points, but {words} cannot be tested; 3 are the least. A difference of any size would "
        "have stayed undecided."
    )


def test_a_failed_unit_leaves_its_contrasts_undecided_in_the_family() -> None:
    experiment = declare()
    correct = by_method(erm_text_init=ERM, hint=[45, 46, 50, 51], rise=[45, 47, 50, 52])
    write_results(experiment, correct)
    fail(next(unit for unit in units(experiment) if unit.method == "rise"), "no reason")
    results = Results.read(asked(experiment))
    assert [one.verdict for one in results.decisions] == ["undecided", "better", "undecided"]
    assert [one.status for one in results.decisions] == ["incomplete", "ok", "incomplete"]
    # p = 0.00117 is still multiplied by three.
    assert results.decisions[1].p_holm == pytest.approx(3 * 0.00117, rel=0.01)
    first = sentences(results)[0]
    assert "3 of 4 seeds have a result for both methods in every held-out domain" in first
    assert "With 4 seeds the minimum detectable difference is" in first


def test_in_short_says_all_verdicts() -> None:
    experiment = declare()
    correct = by_method(erm_text_init=ERM, hint=[35, 38, 38, 41], rise=[35, 39, 38, 40])
    assert short(_results(experiment, correct)) == (
        "In short: RISE is worse than ERM, same network (-5.00 points); Hint is worse than ERM, "
        "same network (-5.00 points); RISE vs. Hint is undecided (0.00 points)."
    )


def test_without_contrasts_nothing_was_tested() -> None:
    results = _results(declare(contrasts=[]), lambda unit: 50)
    assert short(results) == "No contrast was pre-specified, so nothing was tested."
    assert sentences(results) == []


def test_the_protocol_may_decide_the_sign() -> None:
    gain, loss = [5, 4, 6, 5], [-5, -4, -6, -5]

    def turned(unit):  # type: ignore[no-untyped-def]
        by_seed = ERM[unit.seed]
        if unit.method == "erm_text_init":
            return {"test": by_seed, "all": by_seed}
        return {"test": by_seed + gain[unit.seed], "all": by_seed + loss[unit.seed]}

    said = protocol(_results(declare(**PAIR), turned))
    assert said.startswith("**The protocol decides the sign** of RISE vs. ERM, same network")


def test_a_sign_within_noise_is_not_called_decided() -> None:
    noise = [1, -1, -2, 1]

    def unsure(unit):  # type: ignore[no-untyped-def]
        by_seed = ERM[unit.seed]
        if unit.method == "erm_text_init":
            return {"test": by_seed, "all": by_seed}
        return {"test": by_seed + 5 + noise[unit.seed], "all": by_seed + noise[unit.seed]}

    said = protocol(_results(declare(**PAIR), unsure))
    assert "decides the sign" not in said
    assert "at least one of the two intervals includes zero" in said


def test_a_sign_that_stays() -> None:
    results = _results(
        declare(**PAIR), by_method(erm_text_init=ERM, hint=ERM, rise=[45, 46, 50, 51])
    )
    assert protocol(results).startswith("No contrast changes its sign")


def test_in_short_names_datasets_by_verdict() -> None:
    """Decided ones always by name; undecided ones are counted where there are many."""
    sets = {"emojidg": {"held_out": ["noto"]}, "objects": {"held_out": ["noto"]}}
    variants = {
        name: {"student": "tiny-resnet", "teacher": "tiny-clip"} for name in ("one", "two", "three")
    }
    experiment = declare(
        datasets=sets, variants=variants, contrasts=[["rise", "erm_text_init"], ["rise", "hint"]]
    )
    base = {"erm_text_init": 40, "hint": 46, "rise": 46}
    noise = {"erm_text_init": 0, "hint": 1, "rise": -1}

    def correct(unit: Unit) -> int:
        better = 5 if (unit.dataset, unit.variant) == ("objects", "one") else 0
        shift = better if unit.method == "rise" else 0
        return base[unit.method] + noise[unit.method] * (unit.seed % 2) + shift

    write_results(experiment, correct)
    first, blank, *lines = short(Results.read(asked(experiment))).splitlines()
    assert (first, blank) == ("In short:", "")
    assert lines[0].startswith("- **RISE vs. ERM, same network**: better on EmojiDG (one) (+5.50 ")
    assert "undecided" not in lines[0]
    assert lines[1] == (
        "- **RISE vs. Hint**: better on EmojiDG objects (one) (+4.00 points); "
        "undecided on the other 5"
    )
