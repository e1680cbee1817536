"""What holds for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# An example may take long where other work shares the machine: no reason to fail. And each run has
# the same examples: what fails now and then is found by more of them, not by luck.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A folder with the embedded benchmark decoded, its texts, and no embedding cache."""
    from tests.training.embedded import prepare

    folder: Path = tmp_path_factory.mktemp("embedded")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        prepare(folder)
    return folder


@pytest.fixture
def embedded(prepared, monkeypatch) -> Path:
    """The same, as the working folder."""
    monkeypatch.chdir(prepared)
    return prepared
