"""Files whose bytes depend on their content alone."""

import zipfile
from pathlib import Path

import numpy as np

from rise.utils.npz import write_npz


def test_arrays_come_back(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.array(["x", "yz"])}
    write_npz(tmp_path / "one.npz", arrays)
    with np.load(tmp_path / "one.npz") as found:
        assert sorted(found) == ["a", "b"]
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)


def test_no_entry_depends_on_the_release_of_python(tmp_path: Path) -> None:
    # 3.11.4 and later ask for version 4.5 of the format where np.savez lets zipfile choose.
    write_npz(tmp_path / "one.npz", {"a": np.zeros(3)})
    (entry,) = zipfile.ZipFile(tmp_path / "one.npz").infolist()
    assert (entry.extract_version, entry.create_version) == (20, 20)
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)
