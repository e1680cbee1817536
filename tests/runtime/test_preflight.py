"""What is looked at before the first job."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from rise.errors import ResultError
from rise.runtime.preflight import only_run


def test_second_run_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    lock = tmp_path / "rise.lock"
    with only_run(lock), pytest.raises(ResultError, match="another run is going on"):
        only_run(lock)
    only_run(lock).close()


def test_file_system_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(ResultError, match="this file system locks no files"):
        only_run(tmp_path / "rise.lock")
