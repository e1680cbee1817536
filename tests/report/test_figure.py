"""The figure: the same bytes each time, and every case can be drawn."""

from pathlib import Path

import pytest

from rise.experiment import units
from rise.report.figure import write_differences
from rise.report.results import Results
from tests.synthetic import by_method, declare, fail, write_results

CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    write_results(declare(), CORRECT)
    results = Results.read(declare())
    first = [path.read_bytes() for path in write_differences(results, tmp_path / "a")]
    second = [path.read_bytes() for path in write_differences(results, tmp_path / "b")]
    assert first == second
    assert [text[:5] for text in first] == [b"<?xml", b"%PDF-", b"\x89PNG\r"]


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_and_failed_units_are_drawn(seeds: int, tmp_path: Path) -> None:
    experiment = declare(seeds=seeds)
    write_results(experiment, CORRECT)
    fail(units(experiment)[0], "killed")
    paths = write_differences(Results.read(experiment), tmp_path)
    assert all(path.stat().st_size > 1000 for path in paths)


def test_without_results_there_is_a_figure_too(tmp_path: Path) -> None:
    write_differences(Results.read(declare()), tmp_path)
    assert (tmp_path / "differences.svg").exists()
