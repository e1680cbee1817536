"""Reference cases: `@pytest.mark.reference("t.", 7)` runs a test for the 7 cases so named."""

import json
from pathlib import Path
from typing import Any

import pytest

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text())


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line("markers", "reference(prefix, count): run for the cases so named")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a marked test its cases, and fail if there are more or fewer than it says."""
    mark = metafunc.definition.get_closest_marker("reference")
    if mark is not None:
        cases = [case for case in REFERENCE["cases"] if case["id"].startswith(mark.args[0])]
        assert len(cases) == mark.args[1], f"{mark.args[0]} names {len(cases)} reference cases"
        metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


@pytest.fixture
def tables() -> dict[str, Any]:
    """Accuracies in per cent by method: rows are seeds, columns are domains."""
    tables: dict[str, Any] = REFERENCE["tables"]
    return tables
