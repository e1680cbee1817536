"""Own data are checked before the first job: classes that have a source, unchanged files."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from rise.acquisition.verify import record, verify
from rise.catalog.custom_dataset import read_custom
from rise.config.schema import DatasetChoice
from rise.errors import ConfigError, DataError
from rise.runtime.own_data import check_own_data
from tests.datasets import toy


def check(folder: Path, names: tuple[str, ...] = ("mine",)) -> None:
    choice = DatasetChoice(folder=str(folder), held_out="all")
    check_own_data(SimpleNamespace(datasets={"mine": choice}), names)


def test_a_class_without_a_source_is_refused(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "own")
    check(toy.make_folder(tmp_path / "sound"))
    for number in range(2):
        (made / "ink/fox").mkdir(exist_ok=True)
        (made / f"ink/fox/{number}.png").write_bytes(toy.picture(50 + number))
    with pytest.raises(ConfigError, match="with ink held out, no source domain has fox of ink"):
        check(made)
    check(made, names=())


def test_a_changed_image_is_refused(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "own")
    record(made, "own", verify(made, read_custom(made)))
    (made / "ink/dog/0.png").write_bytes(toy.picture(99))
    with pytest.raises(DataError, match="changed since the dataset was verified"):
        check(made)
