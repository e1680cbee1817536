"""Paths of what is shared: of any dataset's and teacher's name, within what file systems allow."""

from pathlib import Path

import pytest

from rise.experiment.paths import cache_path, decoded_path, texts_path, zero_shot_path
from rise.planning.units import units
from rise.utils.io import write_json
from tests.synthetic import declare


@pytest.mark.parametrize("name", ["写" * 80, "a" * 250, "$(touch X)/" * 20, ".."])
def test_the_longest_names_are_files(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = units(declare())[0].identity
    named = one.model_copy(
        update={
            "dataset": one.dataset.model_copy(update={"name": name}),
            "teacher": one.teacher.model_copy(update={"name": name}),
        }
    )
    shared = [texts_path(named), zero_shot_path("demo", named, None)]
    shared += [cache_path(named, None), decoded_path(named.dataset, None)]
    for path in shared:
        assert path.parts[0] in ("work", "results") and ".." not in path.parts
        write_json(path, {})
    assert len({path.name for path in shared}) == len(shared)
