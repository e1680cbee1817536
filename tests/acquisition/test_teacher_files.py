"""Fetching a teacher: from a server of the test's own, and without one."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rise.acquisition.teacher_files import fetch_teacher as fetch
from rise.acquisition.teacher_files import teacher_rows as listing
from rise.catalog import lookup
from rise.catalog.schema import Teacher
from rise.cli import teacher as cli
from rise.config.load import parse
from rise.errors import ConfigError, DataError
from rise.planning.units import job_of, units
from rise.runtime.preflight import check_weights
from rise.utils.io import file_digest
from tests.synthetic import declare

OPENAI = ("clip-rn50", "clip-rn101", "clip-vit-b32", "clip-vit-b16", "clip-vit-l14")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *parts: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of tmp_path/served; the test runs in tmp_path."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "clip.pt").write_bytes(b"weights")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    running = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "served"))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def declare_teacher(monkeypatch: pytest.MonkeyPatch, url: str | None, sha256: str) -> None:
    entry = Teacher(name="test-clip", file="data/teachers/clip.pt", sha256=sha256, url=url)
    monkeypatch.setitem(lookup.teachers(), "test-clip", entry)


def test_the_addresses_are_openai_s() -> None:
    """OpenAI puts the sha256 into the path; names and sizes are those of clip/clip.py."""
    for name in OPENAI:
        entry = lookup.teachers()[name]
        assert entry.url is not None
        assert entry.url.split("/")[-2:] == [entry.sha256, Path(entry.file).name]
        assert (entry.image_size, entry.context) == (224, 77)
    assert [lookup.teachers()[name].width for name in OPENAI] == [1024, 512, 512, 512, 768]


def test_a_file_is_fetched_once(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    declare_teacher(monkeypatch, f"{server}/clip.pt", file_digest(Path("served/clip.pt")))
    assert [
        "test-clip",
        "None",
        "None",
        "None",
        "data/teachers/clip.pt",
        "not fetched",
    ] in listing()
    assert fetch("test-clip").read_bytes() == b"weights"
    Path("served/clip.pt").unlink()
    assert fetch("test-clip").read_bytes() == b"weights"


def test_other_bytes_are_not_kept(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    declare_teacher(monkeypatch, f"{server}/clip.pt", "0" * 64)
    with pytest.raises(
        DataError, match=r"\(its sha256 differs\): get http.*clip\.pt and put it at"
    ):
        fetch("test-clip")
    assert not Path("data/teachers/clip.pt").exists()


def test_offline_is_one_sentence(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    declare_teacher(monkeypatch, "http://127.0.0.1:9/clip.pt", "0" * 64)
    where = r"get http://127\.0\.0\.1:9/clip\.pt and put it at data/teachers/clip\.pt"
    with pytest.raises(DataError, match=rf"test-clip could not be fetched \(.*\): {where}"):
        fetch("test-clip")
    declare_teacher(monkeypatch, None, "0" * 64)
    with pytest.raises(DataError, match=r"clip\.pt: cannot be fetched; restore it"):
        fetch("test-clip")
    with pytest.raises(ConfigError, match="unknown teacher 'clip-vit'; did you mean"):
        fetch("clip-vit")


def test_missing_weights_are_said_before_the_first_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan itself needs no weights."""
    monkeypatch.chdir(tmp_path)
    main = {"student": "tiny-resnet", "teacher": "clip-vit-b16", "prompts": "clip80"}
    experiment = declare(variants={"main": main})
    message = r"ViT-B-16\.pt: is missing; rise teacher fetch clip-vit-b16, or put https://.* there"
    with pytest.raises(DataError, match=message):
        check_weights(job_of(unit, experiment) for unit in units(experiment))


def test_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    monkeypatch.chdir(tmp_path)
    np.save("all.npy", np.eye(4))
    array, out = Path("all.npy"), Path("out.npz")
    cli.text_file(array, "dog=0, cat=2", "made up", out, ["a {}"])
    cli.list_()
    said = capsys.readouterr().out
    assert "out.npz: 2 classes" in said and "clip-vit-l14" in said
    with pytest.raises(ConfigError, match="--rows: 'cat' has no row"):
        cli.text_file(array, "dog=0,cat", "made up", out, ["a {}"])
    with pytest.raises(ConfigError, match="unknown teacher 'nothing'"):
        parse(
            declare().model_dump(exclude={"name"})
            | {"variants": {"main": {"student": "tiny-resnet", "teacher": "nothing"}}},
            Path("my.yaml"),
        )
