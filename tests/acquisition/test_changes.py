"""A file changed after verification is named before a job starts."""

import os
from pathlib import Path

import pytest

from rise.acquisition.changes import check_unchanged
from rise.acquisition.verify import record, verify
from rise.catalog.custom_dataset import read_custom
from rise.errors import DataError
from tests.datasets import toy


@pytest.mark.parametrize("fault", ["same size and times", "longer", "new", "gone"])
def test_each_change_is_named(tmp_path: Path, fault: str) -> None:
    made = toy.make_folder(tmp_path / "mine")
    entry = read_custom(made)
    check_unchanged(made, entry)  # not verified yet
    assert record(made, "mine", verify(made, entry))
    check_unchanged(made, entry)
    file = made / "ink/dog/0.png"
    if fault == "same size and times":
        data, before = bytearray(file.read_bytes()), file.stat()
        data[60] ^= 1
        file.write_bytes(data)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif fault == "longer":
        file.write_bytes(file.read_bytes() + b"x")
    elif fault == "new":
        file = made / "ink/dog/9.png"
        file.write_bytes(toy.picture(9))
    else:
        file.unlink()
    with pytest.raises(DataError, match="changed since the dataset was verified") as caught:
        check_unchanged(made, entry)
    assert str(caught.value).startswith(f"{file}: ")


def test_a_file_only_touched_is_no_change(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "mine")
    entry = read_custom(made)
    record(made, "mine", verify(made, entry))
    os.utime(made / "ink/dog/0.png")
    check_unchanged(made, entry)
