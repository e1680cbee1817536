"""The report says which classes a held-out domain lacks."""

from dataclasses import replace
from pathlib import Path

import pytest

from rise.planning.asked import asked
from rise.report.analysis.results import Results
from rise.report.outline import report
from rise.report.prose.lacking import MOST, lacking
from tests.synthetic import declare, write_results


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    monkeypatch.chdir(tmp_path)
    experiment = declare()
    write_results(experiment, lambda unit: 40)
    return Results.read(asked(experiment))


def take(results: Results, domain: str, *classes: str) -> None:
    """Give the units of one held-out domain these classes alone."""
    for key, one in results.details.items():
        if f"/{domain}/" in key:
            results.details[key] = replace(one, classes=dict.fromkeys(classes, 50.0))


def test_equal_classes_need_no_word(results: Results) -> None:
    assert lacking(results, results.groups[0]) is None


def test_a_domain_without_a_class_is_named(results: Results) -> None:
    take(results, "noto", "cat")
    said = lacking(results, results.groups[0])
    assert said and "noto has no scored image of 1 of 2 classes (dog)" in said
    assert "not comparable across domains" in said
    sections = {one.heading: one.parts for one in report(results, []).sections}
    assert said in sections["Each held-out domain"]


def test_many_are_counted(results: Results) -> None:
    take(results, "noto", "c00")
    take(results, "twemoji", *(f"c{at:02}" for at in range(30)))
    said = lacking(results, results.groups[0])
    assert said and "noto has no scored image of 29 of 30 classes (c01, c02, " in said
    assert f" and {29 - MOST} more)" in said
