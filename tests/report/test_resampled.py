"""What a report says of the test where every seed scores other images."""

import pytest

from rise.config.load import Experiment
from rise.planning.asked import asked
from rise.planning.units import units
from rise.report.analysis.results import Results
from rise.report.prose.claims import sentences
from rise.report.prose.paragraphs import rule
from rise.report.tables.contrasts import contrasts_table
from rise.stats.corrected import corrected_t
from rise.stats.paired import paired_t
from tests.synthetic import by_method, declare, fail, write_results

NETWORKS = {"student": "tiny-resnet", "teacher": "tiny-clip"}
# Differences 5, 4, 6, 5: better by a paired t test, even in a family of two.
CORRECT = by_method(erm_text_init=[1, 2, 3, 4], hint=[1, 2, 3, 4], rise=[6, 6, 9, 9])


def _declare(**protocols: str) -> Experiment:
    return declare(
        datasets={"pacs": {"held_out": ["photo", "sketch"]}},
        variants={name: {**NETWORKS, "protocol": one} for name, one in protocols.items()},
        decision={"score": "all"},
        contrasts=[["rise", "hint"]],
    )


def _results(experiment: Experiment) -> Results:
    write_results(experiment, CORRECT)
    return Results.read(asked(experiment))


def test_each_contrast_is_decided_by_the_test_of_its_protocol() -> None:
    results = _results(_declare(whole="rise", drawn="domainbed"))
    whole, drawn = results.decisions
    assert whole.t == paired_t([5, 4, 6, 5])
    assert drawn.t == corrected_t([5, 4, 6, 5], ratio=results.ratio(results.groups[1]))
    assert drawn.ratio == pytest.approx(4, rel=1e-12)
    assert (whole.test, whole.verdict) == ("paired t", "better")
    assert (drawn.test, drawn.verdict) == ("corrected t", "undecided")
    assert (
        "a paired t test (where test sets are resampled with every seed, Nadeau and Bengio's "
        "corrected t test with ratio 4) decides at level 0.05 after Holm's correction over all 2"
    ) in rule(results)
    note = contrasts_table(results, results.groups).note
    assert "Where test sets are resampled with every seed (PACS (drawn): ratio 4), t, p and" in note
    assert "corrected" not in contrasts_table(results, results.groups[:1]).note


def test_one_protocol_is_named_alone() -> None:
    assert "by seed, a paired t test decides at level" in rule(_results(_declare(main="rise")))
    said = rule(_results(_declare(main="domainbed")))
    assert (
        "corrected t test with ratio 4 (the test sets are resampled with every seed) decides"
        in said
    )
    assert "paired t" not in said


def test_the_exact_test_is_no_second_opinion_on_resampled_images() -> None:
    experiment = _declare(main="domainbed")
    write_results(experiment, lambda unit: 80 + unit.seed % 2 if unit.method == "rise" else 40)
    (said,) = sentences(Results.read(asked(experiment)))
    assert said.startswith("**RISE is better than Hint**")
    assert "exact" not in said


def test_what_an_unfinished_contrast_could_find_takes_the_ratio_in() -> None:
    experiment = _declare(main="domainbed")
    write_results(experiment, CORRECT)
    fail(next(unit for unit in units(experiment) if unit.method == "rise"), "killed")
    (said,) = sentences(Results.read(asked(experiment)))
    # 2.13 standard deviations with a paired t test and 4 seeds, times sqrt(1 + 4 * 4).
    assert "With 4 seeds the minimum detectable difference is 8.77 standard deviations" in said
