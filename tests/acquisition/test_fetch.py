"""A fetch ends with the whole dataset in place, or with one sentence and nothing in place."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from rise.acquisition.fetch import fetch_dataset
from rise.acquisition.verify import verify
from rise.catalog.data_dir import data_folder, dataset_folder
from rise.catalog.schema import Dataset
from rise.decoding.manifest import read_about, read_manifest
from rise.errors import DataError, NoRoomError
from tests.datasets import toy
from tests.datasets.toy import Server

ROOT = Path(__file__).resolve().parents[2]


def whole(data: Path) -> bool:
    """Whether the toy is in place with its manifest, and nothing else is left beside it."""
    folder = data / "toy-3"
    if not folder.is_dir():
        return False
    assert verify(folder, toy.entry()).faults == []
    assert len(read_manifest(folder) or []) == 8
    beside = sorted(path.name for path in data.iterdir())
    assert beside == [".downloads.lock", ".toy-3.lock", "downloads.json", "toy-3"]
    return True


def test_from_a_server(server: Server, tmp_path: Path) -> None:
    url = server.put("toy.zip", toy.zipped())
    said: list[str] = []
    found = fetch_dataset("toy", toy.entry(toy.http(url)), tmp_path, say=said.append)
    assert found == tmp_path / "toy-3" and whole(tmp_path)
    about = read_about(found)
    assert about["source"] == "a server" and about["protocols"] == ["rise"]
    assert about["trust"] == "first use" and any("trusted on first use" in s for s in said)
    recorded = json.loads((tmp_path / "downloads.json").read_text())
    assert list(recorded["files"]) == [url] and recorded["datasets"] == {"toy-3": about["digest"]}


def test_published_digest_is_no_first_use(server: Server, tmp_path: Path) -> None:
    digest = verify(toy.make_folder(tmp_path / "toy"), toy.entry()).digest
    entry = toy.entry(toy.http(server.put("toy.zip", toy.zipped())), manifest=digest)
    said: list[str] = []
    found = fetch_dataset("toy", entry, tmp_path / "data", say=said.append)
    assert read_about(found)["trust"] == "published" and not any("first use" in s for s in said)


def test_next_source_where_one_fails(server: Server, tmp_path: Path, waits: list[float]) -> None:
    good = server.put("toy.zip", toy.zipped())
    bad = server.put("half.zip", toy.zipped(files=dict([*toy.contents().items()][:5])))
    page = server.put("page.zip", b"x", ("page",))
    entry = toy.entry(*map(toy.http, (f"{server.url}/none.zip", page, bad, good)))
    said: list[str] = []
    fetch_dataset("toy", entry, tmp_path, say=said.append)
    assert whole(tmp_path)
    text = "\n".join(said)
    for words in ("answers 404", "serves a web page", "is not the dataset of the catalog"):
        assert words in text


def test_no_source_works(server: Server, tmp_path: Path) -> None:
    entry = toy.entry(*(toy.http(f"{server.url}/{n}.zip") for n in "ab"))
    with pytest.raises(DataError, match=r"none of its 2 sources worked .*--from FILE"):
        fetch_dataset("toy", entry, tmp_path)
    assert not whole(tmp_path)


def test_one_source_by_number(server: Server, tmp_path: Path) -> None:
    good = server.put("toy.zip", toy.zipped())
    entry = toy.entry(toy.http(good), toy.http(f"{server.url}/none.zip"))
    with pytest.raises(DataError, match="answers 404"):
        fetch_dataset("toy", entry, tmp_path, number=2)
    with pytest.raises(DataError, match="has sources 1 to 2, not 3"):
        fetch_dataset("toy", entry, tmp_path, number=3)
    assert not whole(tmp_path)
    fetch_dataset("toy", entry, tmp_path, number=1)
    assert whole(tmp_path)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"ink/dog/1.png": None}, "count: ink/dog: 1 images, 2 expected"),
        ({"ink/dog/1.png": b"junk"}, "unreadable: ink/dog/1.png"),
        ({"ink/dog/1.png": toy.picture(9)[:100]}, "truncated: ink/dog/1.png"),
        ({"ink/cow/1.png": toy.picture(9)}, "misplaced: ink/cow"),
    ],
)
def test_an_archive_that_is_not_the_dataset(
    change: dict[str, bytes | None], said: str, server: Server, tmp_path: Path
) -> None:
    files = {k: v for k, v in (toy.contents() | change).items() if v is not None}
    entry = toy.entry(toy.http(server.put("toy.zip", toy.zipped(files=files))))
    with pytest.raises(DataError, match=said):
        fetch_dataset("toy", entry, tmp_path)
    assert not whole(tmp_path) and not (tmp_path / ".toy-3.part").exists()
    # Not even the archive is kept: a later try must not meet it again.
    server.put("toy.zip", toy.zipped())
    fetch_dataset("toy", entry, tmp_path)
    assert whole(tmp_path)


def test_full_disk_costs_no_download(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.put("toy.zip", toy.zipped())
    entry = toy.entry(toy.http(url), toy.http(f"{server.url}/none.zip"))

    def full(*_: Any) -> None:
        raise NoRoomError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("rise.acquisition.fetch.unpack", full)
        with pytest.raises(NoRoomError):
            fetch_dataset("toy", entry, tmp_path)
    assert not whole(tmp_path) and len(server.ranges) == 1, "no other source has more room"
    fetch_dataset("toy", entry, tmp_path)
    assert whole(tmp_path) and len(server.ranges) == 1


def test_known_faults_are_said(tmp_path: Path) -> None:
    mine = toy.make_folder(tmp_path / "mine")
    (mine / "ink/dog/1.png").write_bytes((mine / "ink/dog/0.png").read_bytes())
    defect = {"kind": "duplicate", "files": "*", "text": "never counted"}
    said: list[str] = []
    fetch_dataset(
        "toy", toy.entry(defects=[defect]), tmp_path / "data", local_copy=mine, say=said.append
    )
    assert (tmp_path / "data/toy-3").is_dir() and "duplicate (known): 1" in "\n".join(said)


def test_records_of_two_datasets_are_kept(tmp_path: Path) -> None:
    mine = toy.make_folder(tmp_path / "mine")
    fetch_dataset("toy", toy.entry(), tmp_path / "data", local_copy=mine)
    fetch_dataset("other", toy.entry(), tmp_path / "data", local_copy=mine)
    recorded = json.loads((tmp_path / "data/downloads.json").read_text())
    assert list(recorded["datasets"]) == ["other-3", "toy-3"]


def test_hostile_archive(server: Server, tmp_path: Path) -> None:
    entry = toy.entry(toy.http(server.put("toy.zip", toy.zipped(top="../../"))))
    with pytest.raises(DataError, match=r"leads out of the archive"):
        fetch_dataset("toy", entry, tmp_path / "data")
    assert not whole(tmp_path / "data") and [p.name for p in tmp_path.iterdir()] == ["data"]


def test_trust_on_first_use(server: Server, tmp_path: Path) -> None:
    url = server.put("toy.zip", toy.zipped())
    entry = toy.entry(toy.http(url))
    folder = fetch_dataset("toy", entry, tmp_path)
    folder.rename(tmp_path.parent / f"{tmp_path.name}-aside")
    changed = toy.contents() | {"ink/dog/1.png": toy.picture(77)}
    server.put("toy.zip", toy.zipped(files=changed))
    with pytest.raises(DataError, match="as first fetched"):
        fetch_dataset("toy", entry, tmp_path)
    given = tmp_path / "copy.zip"
    given.write_bytes(toy.zipped(files=changed))
    with pytest.raises(DataError, match="as first fetched; if you trust it more, delete 'toy-3'"):
        fetch_dataset("toy", entry, tmp_path, local_copy=given)
    given.unlink()
    server.put("toy.zip", toy.zipped())
    fetch_dataset("toy", entry, tmp_path)
    assert whole(tmp_path)


@pytest.mark.parametrize("top", ["", "some/folder/"])
def test_from_a_folder(top: str, tmp_path: Path) -> None:
    mine = toy.make_folder(tmp_path / "mine" / top)
    before = {p: p.stat().st_mtime_ns for p in mine.rglob("*")}
    fetch_dataset("toy", toy.entry(), tmp_path / "data", local_copy=tmp_path / "mine")
    assert whole(tmp_path / "data")
    assert {p: p.stat().st_mtime_ns for p in mine.rglob("*")} == before, "the user's folder stays"
    assert read_about(tmp_path / "data/toy-3")["protocols"] == ["rise", "domainbed"]


def test_from_a_folder_with_a_fault(tmp_path: Path) -> None:
    mine = toy.make_folder(tmp_path / "mine")
    (mine / "ink/dog/0.png").unlink()
    said: list[str] = []
    with pytest.raises(DataError, match="mine is not the dataset of the catalog: 1 faults"):
        fetch_dataset("toy", toy.entry(), tmp_path / "data", local_copy=mine, say=said.append)
    assert not whole(tmp_path / "data") and "ink/dog: 1 images, 2 expected" in "\n".join(said)
    assert [p.name for p in (tmp_path / "data").iterdir()] == [".toy-3.lock"], "nothing is left"
    assert len(list(mine.rglob("*.png"))) == 7


def test_from_an_archive(tmp_path: Path) -> None:
    (tmp_path / "my copy.zip").write_bytes(toy.zipped("kfold/"))
    fetch_dataset("toy", toy.entry(), tmp_path / "data", local_copy=tmp_path / "my copy.zip")
    assert whole(tmp_path / "data") and (tmp_path / "my copy.zip").exists()


def test_from_a_folder_of_the_sources_archives(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    source = toy.http("http://host/ink.zip") | {
        "files": [{"url": "http://host/ink.zip"}, {"url": "http://host/oil.zip"}]
    }
    for short, domain in (("ink", "ink/"), ("oil", "oil paint/")):
        files = {k: v for k, v in toy.contents().items() if k.startswith(domain)}
        (mine / f"{short}.zip").write_bytes(toy.zipped("", files))
    fetch_dataset("toy", toy.entry(source), tmp_path / "data", local_copy=mine)
    assert whole(tmp_path / "data")


def test_from_nothing_of_use(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for given, said in (
        (tmp_path / "none", "no such file or folder"),
        (tmp_path / "mine", "contains neither a folder with the domains ink, oil paint"),
    ):
        with pytest.raises(DataError, match=said):
            fetch_dataset("toy", toy.entry(), tmp_path / "data", local_copy=given)


def test_no_source_left(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no server offers it any more; use --from"):
        fetch_dataset("toy", toy.entry(), tmp_path)


def test_here_already(tmp_path: Path) -> None:
    (tmp_path / "toy-3").mkdir()
    said: list[str] = []
    fetch_dataset("toy", toy.entry(), tmp_path, say=said.append)
    assert "is already here" in said[0] and list(tmp_path.iterdir()) == [tmp_path / "toy-3"]


SCRIPT = """
import json, sys, time
from pathlib import Path
from rise.acquisition.fetch import fetch_dataset
from rise.catalog.schema import Dataset

def progress(what, done, total):
    print(what, flush=True)
    if what.startswith(stop):
        time.sleep(60)

entry, data, stop = Dataset.model_validate(json.loads(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
fetch_dataset("toy", entry, data, progress=progress)
"""


def killed(entry: Dataset, data: Path, stop: str) -> None:
    """Fetch in another process, which is killed when its progress says `stop`."""
    command = [sys.executable, "-c", SCRIPT, entry.model_dump_json(), str(data), stop]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert any(line.startswith(stop) for line in process.stdout), "it must get so far"
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_killed_while_downloading(server: Server, tmp_path: Path) -> None:
    files = toy.contents() | {"ink/dog/1.png": toy.picture(3, side=400)}
    url = server.put("toy.zip", toy.zipped(files=files), ("hang", 300_000))
    entry = toy.entry(toy.http(url))
    killed(entry, tmp_path, "toy.zip")
    assert not whole(tmp_path)
    fetch_dataset("toy", entry, tmp_path)
    assert whole(tmp_path)
    assert server.ranges[0] is None and server.ranges[1] is not None, "it went on, not anew"


def test_killed_while_opening(server: Server, tmp_path: Path) -> None:
    entry = toy.entry(toy.http(server.put("toy.zip", toy.zipped())))
    killed(entry, tmp_path, "opening")
    assert not whole(tmp_path)
    fetch_dataset("toy", entry, tmp_path)
    assert whole(tmp_path) and len(server.ranges) == 1, "the archive was there already"


def test_two_fetches_do_not_collide(server: Server, tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    entry = toy.entry(toy.http(server.put("toy.zip", toy.zipped())))
    said: list[str] = []
    data.mkdir()
    with FileLock(data / ".toy-3.lock"):
        second = threading.Thread(target=lambda: fetch_dataset("toy", entry, data, say=said.append))
        second.start()
        second.join(0.5)
        assert second.is_alive() and said == [
            "toy: waiting for another fetch of this dataset to end"
        ]
        assert not (data / ".toy-3.part").exists()
        fetch_dataset("toy", entry, other).rename(data / "toy-3")
    second.join(20)
    assert not second.is_alive() and (data / "toy-3").is_dir()
    assert len(server.ranges) == 1, "what the first has made is not fetched again"


def test_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file.*cannot be written"):
        fetch_dataset(
            "toy", toy.entry(toy.http("http://127.0.0.1:1/x.zip")), tmp_path / "file/data"
        )


def test_where_data_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RISE_DATA", raising=False)
    assert data_folder() == Path("data/datasets")
    monkeypatch.setenv("RISE_DATA", "/big/disk")
    assert data_folder() == Path("/big/disk") and data_folder(tmp_path) == tmp_path
    assert dataset_folder(tmp_path, "toy", toy.entry()) == tmp_path / "toy-3"
    assert dataset_folder(tmp_path, "toy", toy.entry(folder="/mine")) == Path("/mine")


def test_damaged_record_of_downloads(server: Server, tmp_path: Path) -> None:
    (tmp_path / "downloads.json").write_text("{")
    entry = toy.entry(toy.http(server.put("toy.zip", toy.zipped())))
    with pytest.raises(DataError, match=r"downloads\.json: cannot be read"):
        fetch_dataset("toy", entry, tmp_path)


def fake_drive(monkeypatch: pytest.MonkeyPatch, data: bytes | None) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def download(**options: Any) -> None:
        asked.append(options)
        if data is None:
            raise RuntimeError("Cannot retrieve the public link: too many users\nlong text")
        Path(options["output"]).write_bytes(data)

    monkeypatch.setattr("gdown.download", download)
    return asked


DRIVE = {
    "title": "Drive",
    "kind": "gdrive",
    "files": [{"url": "https://drive.google.com/uc?id=1", "name": "toy.zip"}],
    "layout": "folders",
    "protocols": ["rise"],
}


def test_google_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fake_drive(monkeypatch, toy.zipped())
    fetch_dataset("toy", toy.entry(DRIVE), tmp_path)
    assert whole(tmp_path)
    assert asked[0]["resume"] is True and asked[0]["url"].endswith("id=1")


@pytest.mark.parametrize(
    "data, said",
    [(None, "Google Drive did not send the file .*too many users"), (b"<html>quota", "a web page")],
)
def test_google_drive_at_its_quota(
    data: bytes | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_drive(monkeypatch, data)
    with pytest.raises(DataError, match=said) as error:
        fetch_dataset("toy", toy.entry(DRIVE), tmp_path)
    assert "long text" not in str(error.value) and not whole(tmp_path)


def test_hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.acquisition.test_layouts import parquet

    revisions: list[str] = []

    class Api:
        def dataset_info(self, repo: str) -> Any:
            assert repo == "someone/toy"
            return type("Info", (), {"sha": "c0ffee"})

    def snapshot(repo: str, *, revision: str, local_dir: Path, **_: Any) -> None:
        revisions.append(revision)
        rows = [place.split("/") for place in toy.contents()]
        parquet(
            local_dir / "data/train.parquet",
            image=[{"bytes": data} for data in toy.contents().values()],
            domain=[row[0] for row in rows],
            label=[["Cat", "dog"].index(row[1]) for row in rows],
        )

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    source = DRIVE | {
        "kind": "huggingface",
        "layout": "parquet",
        "files": [{"url": "https://huggingface.co/datasets/someone/toy"}],
    }
    # The published digest is over file names, which this source has lost.
    entry = toy.entry(source, manifest="0" * 64)
    found = fetch_dataset("toy", entry, tmp_path)
    about = read_about(found)
    assert (about["images"], about["names"]) == (8, "made from content")
    assert about["trust"] == "first use" and verify(found, entry).fatal == []
    recorded = json.loads((tmp_path / "downloads.json").read_text())
    assert list(recorded["files"].values()) == [{"commit": "c0ffee"}]
    assert list(recorded["datasets"]) == ["toy-3 without file names"]
    found.rename(tmp_path / "aside")
    monkeypatch.setattr(Api, "dataset_info", None)  # the recorded commit is asked for, not today's
    fetch_dataset("toy", entry, tmp_path)
    assert revisions == ["c0ffee", "c0ffee"]
