"""Making a report reads each record once, and its predictions are hashed once."""

from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from rise.cli import steps
from rise.planning.units import units
from rise.report import build
from rise.results import read
from tests.synthetic import declare, write_results


def test_each_record_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = declare(seeds=5)  # enough for intervals over images, which need the predictions
    values = experiment.model_dump(mode="json", exclude={"name"})
    Path("demo.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    write_results(experiment, lambda unit: 40 + (unit.seed * len(unit.method)) % 3)
    found: Counter[str] = Counter()
    read_text, file_digest = Path.read_text, read.file_digest

    def counted_text(path: Path, *more: Any, **options: Any) -> str:
        found[path.name] += 1
        return read_text(path, *more, **options)

    def counted_digest(path: Path) -> str:
        found[path.name] += 1
        return file_digest(path)

    monkeypatch.setattr(Path, "read_text", counted_text)
    monkeypatch.setattr(read, "file_digest", counted_digest)
    with patch.object(build, "write_plot", return_value=b"<svg/>"):
        steps.report(Path("demo.yaml"))
    each = len(units(experiment))
    assert (found["record.json"], found["predictions.npz"]) == (each, each)
    assert "Difference in points, with the percentile interval" in Path(
        "reports/demo/report.md"
    ).read_text(encoding="utf-8")
