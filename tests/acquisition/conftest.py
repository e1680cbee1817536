from collections.abc import Iterator

import pytest

from tests.datasets.toy import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as found:
        yield found


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a download would have slept; it does not."""
    slept: list[float] = []
    monkeypatch.setattr("rise.acquisition.resumable.time.sleep", slept.append)
    return slept
