"""Cells as DomainBed prints them."""

from typing import Any

import numpy as np
import pytest

from rise.stats.domainbed import MeanAndError, domainbed_cell, row_average
from rise.stats.paired import domain_average

# Chosen accuracies of DomainBed's recorded sweep (domainbed/misc/test_sweep_data: VLCS, ERM, two
# trials), rows trials, columns C, L, S, V; and what its test_sweep_results.txt prints of them.
SWEEP = {
    "training-domain validation": (
        [
            [0.976148409893993, 0.6536470588235294, 0.734958111195735, 0.7686042206590151],
            [0.9832155477031802, 0.6310588235294118, 0.7463823305407464, 0.7734172528693076],
        ],
        ["98.0 +/- 0.2", "64.2 +/- 0.8", "74.1 +/- 0.4", "77.1 +/- 0.2"],
        "78.3 +/- 0.0",
    ),
    "leave-one-domain-out": (
        [
            [0.9549469964664311, 0.6578823529411765, 0.6984006092916984, 0.7686042206590151],
            [0.9832155477031802, 0.6310588235294118, 0.7117288651942117, 0.765272121436505],
        ],
        ["96.9 +/- 1.0", "64.4 +/- 0.9", "70.5 +/- 0.5", "76.7 +/- 0.1"],
        "77.1 +/- 0.1",
    ),
    "oracle": (
        [
            [0.9549469964664311, 0.6658823529411765, 0.734958111195735, 0.7726767863754165],
            [0.9832155477031802, 0.6512941176470588, 0.698019801980198, 0.765272121436505],
        ],
        ["96.9 +/- 1.0", "65.9 +/- 0.5", "71.6 +/- 1.3", "76.9 +/- 0.3"],
        "77.8 +/- 0.3",
    ),
}


@pytest.mark.reference("domainbed.", 5)
def test_domainbed_reference(case: dict[str, Any]) -> None:
    """Means, errors with ddof 0 and both texts, to the letter."""
    cell, expected = domainbed_cell(case["inputs"]["trials"]), case["expected"]
    assert cell.text == expected["text"]
    assert cell.latex == expected.get("latex", "X")
    if expected["text"] == "X":
        assert (cell.mean, cell.error) == (None, None)
    else:
        found, wanted = (cell.mean, cell.error), (expected["mean"], expected["error"])
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("selection", SWEEP)
def test_the_recorded_sweep_prints_as_domainbed_prints_it(selection: str) -> None:
    """Cells, the row's average, and the table over datasets, to the letter."""
    trials, texts, average = SWEEP[selection]
    cells = [domainbed_cell(column) for column in np.transpose(trials)]
    assert [cell.text for cell in cells] == texts
    assert row_average(cells) == average.partition(" ")[0]
    assert domainbed_cell(domain_average(trials)).text == average


def test_the_average_is_of_unrounded_means() -> None:
    """Rounded ones would give 50.1."""
    cells = [domainbed_cell([x]) for x in (0.5006, 0.5006, 0.5000)]
    assert [cell.text[:4] for cell in cells] == ["50.1", "50.1", "50.0"]
    assert row_average(cells) == "50.0"


def test_an_empty_cell_withholds_the_average() -> None:
    """X among numbers, alone, or no cell at all."""
    assert row_average([domainbed_cell([0.5]), MeanAndError(None, None)]) == "X"
    assert row_average([MeanAndError(None, None)]) == "X"
    assert row_average([]) == "X"


def test_the_error_is_that_of_the_released_script() -> None:
    """Which divides the values by the root before it takes the spread."""
    trials = np.random.default_rng(0).uniform(size=5)
    released = 100 * np.std(trials / np.sqrt(5))
    assert domainbed_cell(trials).error == pytest.approx(released, rel=1e-14)
    with pytest.raises(ValueError, match="finite"):
        domainbed_cell([0.5, float("nan")])
