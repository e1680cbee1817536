"""Looking numbers up: averages over domains, seeds that count, the family."""

import numpy as np
import pytest

from rise.planning.asked import asked
from rise.planning.units import Unit, units
from rise.report.analysis.group import dataset_title
from rise.report.analysis.results import Results
from tests.synthetic import by_method, declare, fail, write_results

DOMAINS = {"noto": 10, "twemoji": -4}


def _correct(unit: Unit) -> int:
    """40 to 43 by seed, 5 more for RISE, another level for each domain."""
    return 40 + unit.seed + DOMAINS[unit.held_out[0]] + (5 if unit.method == "rise" else 0)


def test_domains_are_averaged_within_a_seed() -> None:
    experiment = declare()
    write_results(experiment, _correct)
    results = Results.read(asked(experiment))
    (group,) = results.groups
    assert group.held_out == ("noto", "twemoji")
    np.testing.assert_allclose(results.averages(group, "hint", "test"), [43, 44, 45, 46])
    np.testing.assert_allclose(results.differences(group, "rise", "hint", "test"), [5, 5, 5, 5])
    interval = results.interval(group, "hint", "test")
    # sd 1.29099, se 0.645497, t 3.18245.
    assert interval is not None
    assert (interval.mean, interval.low) == pytest.approx((44.5, 44.5 - 2.05426), abs=1e-5)


def test_a_seed_without_one_domain_does_not_count() -> None:
    experiment = declare()
    write_results(experiment, _correct)
    fail(units(experiment)[2], "killed")  # ERM, noto, seed 2
    results = Results.read(asked(experiment))
    (group,) = results.groups
    np.testing.assert_allclose(results.averages(group, "erm_text_init", "test"), [43, 44, 46])
    assert results.interval(group, "erm_text_init", "test") is None
    assert results.differences(group, "rise", "erm_text_init", "test") is None
    assert results.complete(group, "rise", "erm_text_init") == 3
    assert results.counts == {"done": 23, "failed": 1, "missing": 0}


def test_every_contrast_dataset_and_variant_is_in_the_family() -> None:
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip"}
    experiment = declare(
        datasets={"emojidg": {"held_out": ["noto"]}, "objects": {"held_out": ["noto"]}},
        variants={"main": variant, "scratch": {**variant, "start": "scratch"}},
        contrasts=[["rise", "hint"]],
    )
    write_results(
        experiment, by_method(erm_text_init=[1, 2, 3, 4], hint=[1, 2, 3, 4], rise=[6, 6, 9, 9])
    )
    results = Results.read(asked(experiment))
    assert [one.dataset for one in results.decisions] == [
        "EmojiDG (main)",
        "EmojiDG (scratch)",
        "EmojiDG objects (main)",
        "EmojiDG objects (scratch)",
    ]
    # Differences 5, 4, 6, 5: p = 0.00117, four times over.
    assert results.decisions[0].p_holm == pytest.approx(4 * 0.00117, rel=0.01)


def test_more_than_twenty_seeds_have_the_same_exact_p_each_time() -> None:
    experiment = declare(seeds=21, contrasts=[["rise", "hint"]])
    write_results(experiment, lambda unit: 40 + unit.seed * 3 % 7 + (unit.method == "rise"))
    fail(units(experiment)[0], "of ERM, which is in no contrast")
    flips = [Results.read(asked(experiment)).decisions[0].flip for _ in range(2)]
    assert flips[0] == flips[1]


def test_the_rule_names_the_headline() -> None:
    experiment = declare(decision={"score": "all"})
    write_results(experiment, lambda unit: {"test": 40, "all": 60})
    results = Results.read(asked(experiment))
    assert (results.primary, results.beside) == ("all", "test")
    interval = results.interval(results.groups[0], "rise", results.primary)
    assert interval is not None
    assert interval.mean == 60


def test_subsets_have_names_in_print() -> None:
    results = Results.read(asked(declare()))
    assert results.label("test") == "test identities"
    assert results.label("test, drawn") == "test identities, drawn by the teacher's vendors"
    assert results.label("odd") == "odd"


def test_a_title_ends_at_its_first_comma_but_not_within_a_number() -> None:
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip", "protocol": "rise"}
    experiment = declare(
        datasets={"terra_incognita": {}, "pacs": {}},
        variants={"main": variant},
        decision={"score": "all"},
    )
    assert dataset_title(experiment, "terra_incognita") == "TerraIncognita (24,330 images)"
    assert dataset_title(experiment, "pacs") == "PACS"


def test_a_protocol_without_identities_scores_one_set_of_images() -> None:
    experiment = declare(decision={"score": "all"})
    main = experiment.variants["main"].model_copy(update={"protocol": "rise"})
    results = Results.read(asked(experiment.model_copy(update={"variants": {"main": main}})))
    assert results.beside is None
    assert results.label("all") == "held-out images"
    assert results.both_ways == []
