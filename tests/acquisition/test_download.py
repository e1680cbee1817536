"""A server that drops, lies, refuses: the file comes whole, or one sentence does."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from rise.acquisition.download import download
from rise.catalog.schema import Source
from rise.errors import DataError
from tests.datasets import toy
from tests.datasets.toy import Server

DATA = bytes(range(256)) * 9000  # 2.3 MB


def get(url: str, folder: Path, trusted: Any = None, **known: Any) -> tuple[Path, dict[str, Any]]:
    source = Source.model_validate(toy.http(url, **known))
    (path,), seen = download(source, folder, trusted or {})
    return path, seen


def left(folder: Path) -> list[str]:
    """Finished files: what does not say that it is a part."""
    return [path.name for path in folder.iterdir() if ".part" not in path.name]


def test_whole(server: Server, tmp_path: Path) -> None:
    url = server.put("a.zip", DATA)
    path, seen = get(url, tmp_path)
    assert path.read_bytes() == DATA
    assert seen == {url: {"sha256": hashlib.sha256(DATA).hexdigest(), "bytes": len(DATA)}}
    assert left(tmp_path) == ["a.zip"] == [p.name for p in tmp_path.iterdir()]


def test_dropped_connections_are_gone_on_with(
    server: Server, tmp_path: Path, waits: list[float]
) -> None:
    url = server.put("a.zip", DATA, ("drop", 1_200_000), ("drop", 2_000_000))
    assert get(url, tmp_path)[0].read_bytes() == DATA
    # The client may have less than was sent, but never starts anew.
    starts = [int(r.removeprefix("bytes=").rstrip("-")) for r in server.ranges[1:] if r]
    assert len(starts) == 2 and 0 < starts[0] <= 1_200_000 < starts[1] <= 2_000_000
    assert waits == [1, 1], "a try that brought something resets the back-off"


def test_file_changed_meanwhile_starts_anew(
    server: Server, tmp_path: Path, waits: list[float]
) -> None:
    url = server.put("a.zip", DATA, *[("drop", 1_500_000)] * 6)
    (tmp_path / "a.zip.part").write_bytes(b"old" * 1000)
    (tmp_path / "a.zip.part.etag").write_text('"another"')
    server.faults["/a.zip"].clear()
    assert get(url, tmp_path)[0].read_bytes() == DATA
    assert server.ranges == ["bytes=3000-"]


def test_without_etag_nothing_is_resumed(
    server: Server, tmp_path: Path, waits: list[float]
) -> None:
    url = server.put("a.zip", DATA, ("weak",))
    (tmp_path / "a.zip.part").write_bytes(b"old" * 1000)
    assert get(url, tmp_path)[0].read_bytes() == DATA
    assert server.ranges == [None]


def test_gives_up_with_what_came_kept(server: Server, tmp_path: Path, waits: list[float]) -> None:
    url = server.put("a.zip", DATA, ("drop", 1_200_000), *[("status", 503, {})] * 9)
    with pytest.raises(DataError, match=r"broke off after \d\.\d MB .*503.*run the same command"):
        get(url, tmp_path)
    assert left(tmp_path) == [] and (tmp_path / "a.zip.part").stat().st_size > 0
    assert waits == [1, 2, 4, 8, 16]
    server.faults["/a.zip"].clear()
    assert get(url, tmp_path)[0].read_bytes() == DATA


def test_too_many_requests(server: Server, tmp_path: Path, waits: list[float]) -> None:
    url = server.put("a.zip", DATA, ("status", 429, {"Retry-After": "7"}))
    assert get(url, tmp_path)[0].read_bytes() == DATA
    assert waits == [7]


def test_too_many_requests_for_long(server: Server, tmp_path: Path, waits: list[float]) -> None:
    url = server.put("a.zip", DATA, ("status", 429, {"Retry-After": "86400"}))
    with pytest.raises(DataError, match="asks to wait 86400 s"):
        get(url, tmp_path)
    assert waits == [] and left(tmp_path) == []


def test_not_found(server: Server, tmp_path: Path, waits: list[float]) -> None:
    with pytest.raises(DataError, match="the server answers 404"):
        get(f"{server.url}/none.zip", tmp_path)
    assert waits == [] and left(tmp_path) == []


def test_no_server(tmp_path: Path, waits: list[float]) -> None:
    with pytest.raises(DataError, match=r"sent nothing .*are you online"):
        get("http://127.0.0.1:1/a.zip", tmp_path)
    assert len(waits) == 5 and left(tmp_path) == []


def test_web_page_under_the_archives_name(server: Server, tmp_path: Path) -> None:
    url = server.put("a.zip", DATA, ("page",))
    with pytest.raises(DataError, match="serves a web page"):
        get(url, tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "known, said",
    [
        ({"sha256": "0" * 64}, f"sha256 is .* not {'0' * 64} as published"),
        ({"md5": "0" * 32}, f"md5 is .* not {'0' * 32} as published"),
        ({"bytes": 5}, f"has {len(DATA)} bytes, not 5 as published"),
    ],
)
def test_wrong_digest(server: Server, tmp_path: Path, known: dict[str, Any], said: str) -> None:
    url = server.put("a.zip", DATA)
    with pytest.raises(DataError, match=said):
        get(url, tmp_path, **known)
    assert left(tmp_path) == []


def test_right_digests(server: Server, tmp_path: Path) -> None:
    known = {name: hashlib.new(name, DATA).hexdigest() for name in ("md5", "sha256")}
    assert get(server.put("a.zip", DATA), tmp_path, bytes=len(DATA), **known)[0].exists()


def test_trust_on_first_use(server: Server, tmp_path: Path) -> None:
    url = server.put("a.zip", DATA)
    _, seen = get(url, tmp_path / "one")
    get(url, tmp_path / "two", seen)
    server.put("a.zip", DATA[:-1] + b"!")
    with pytest.raises(DataError, match="as first fetched"):
        get(url, tmp_path / "three", seen)
    assert left(tmp_path / "three") == []


def test_full_disk(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr("rise.acquisition.resumable.shutil.disk_usage", lambda path: Usage)
    with pytest.raises(DataError, match="2 MB are still to come but only 0 MB are free"):
        get(server.put("a.zip", DATA), tmp_path)
    assert left(tmp_path) == []
