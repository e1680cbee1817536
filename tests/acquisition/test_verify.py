"""Verification: every fault is said by name, and only what is known is forgiven."""

import hashlib
import io
import struct
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rise.acquisition.open_images import ALONE, inspect, inspect_one
from rise.acquisition.verify import Fault, Verification, record, verify
from rise.catalog.data_dir import recorded_manifest
from rise.catalog.schema import Dataset
from rise.decoding.decode import decode, decoded_size
from rise.decoding.manifest import manifest_digest, read_about, read_manifest
from rise.errors import DataError
from tests.datasets import toy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The toy, verified and recorded."""
    made = toy.make_folder(tmp_path / "toy")
    assert record(made, "toy", verify(made, toy.entry()))
    return made


def found(folder: Path, entry: Dataset | None = None) -> list[tuple[str, str]]:
    return [(f.kind, f.where) for f in verify(folder, entry or toy.entry()).fatal]


def test_a_domain_whose_name_is_a_number_is_printed_as_it_is(tmp_path: Path) -> None:
    entry = toy.entry()
    names = dict(zip(entry.domains, ("010", "1e3", "nan"), strict=False))
    domains = {names.get(name, name): domain for name, domain in entry.domains.items()}
    table = Verification(entry.model_copy(update={"domains": domains}), [], "", []).text()
    assert [line.split()[0] for line in table.splitlines()[2:][: len(names)]] == [*names.values()]


def test_whole(folder: Path) -> None:
    report = verify(folder, toy.entry())
    assert report.faults == []
    assert [row.path for row in report.rows] == sorted(toy.contents())
    assert (report.rows[0].width, report.rows[0].mode, report.rows[0].format) == (16, "RGB", "PNG")
    assert read_manifest(folder) == report.rows
    about = read_about(folder)
    assert (about["digest"], about["images"]) == (report.digest, 8)
    assert about["trust"] == "first use"
    assert not record(folder, "toy", report), "a manifest is never written over"


def test_read_only_folder_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = toy.make_folder(tmp_path / "toy")
    monkeypatch.setattr("rise.catalog.data_dir.os.access", lambda path, mode: False)
    monkeypatch.chdir(tmp_path)
    report = verify(made, toy.entry())
    place = record(made, "toy", report)
    assert place and place.is_relative_to("data/manifests")
    assert not (made / "manifest.parquet").exists()
    entry = toy.entry(folder=str(made))
    assert recorded_manifest("toy", entry) == report.digest, "no circle"
    (made / "ink/dog/0.png").write_bytes(toy.picture(99))
    assert found(made) == [("changed", "ink/dog/0.png")]


def test_digest_rule() -> None:
    # Names are ordered, not paths: "a b" stands before "a", since " " would come before "/".
    files = [("a b/x/1", "22"), ("a/x/2", "33"), ("a/x/10", "11")]
    lines = "11  a/x/10\n33  a/x/2\n22  a b/x/1\n"
    assert manifest_digest(files) == hashlib.sha256(lines.encode()).hexdigest()


def test_one_byte_changed(folder: Path) -> None:
    path = folder / "ink/dog/0.png"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1  # behind the picture's data: it opens as before
    path.write_bytes(data)
    assert found(folder) == [("changed", "ink/dog/0.png")]


def test_published_digest(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "toy")
    right = verify(made, toy.entry()).digest
    assert found(made, toy.entry(manifest=right)) == []
    assert found(made, toy.entry(manifest="0" * 64)) == [("digest", ".")]


def test_missing(folder: Path) -> None:
    (folder / "ink/Cat/1.png").unlink()
    assert found(folder) == [("missing", "ink/Cat/1.png"), ("count", "ink/Cat")]


def test_new(folder: Path) -> None:
    (folder / "ink/Cat/7.png").write_bytes(toy.picture(99))
    assert found(folder) == [("new", "ink/Cat/7.png"), ("count", "ink/Cat")]


def test_renamed_class_folder(folder: Path) -> None:
    (folder / "oil paint/dog").rename(folder / "oil paint/dogs")
    report = verify(folder, toy.entry())
    assert report.fatal == [
        Fault("misplaced", "oil paint/dogs", "no class (2 files in it)"),
        Fault("missing", "oil paint/dog", "all 2 images of manifest.parquet"),
        Fault("count", "oil paint/dog", "0 images, 2 expected"),
    ]
    text = report.text()
    assert "oil paint/dogs: no class (2 files in it)" in text and "misplaced: 1" in text


def test_domain_without_folder(folder: Path) -> None:
    (folder / "ink").rename(folder / "inks")
    kinds = found(folder)
    assert ("misplaced", "inks") in kinds and ("missing", "ink") in kinds


def test_misplaced(folder: Path) -> None:
    (folder / "ink/stray.png").write_bytes(toy.picture(50))
    (folder / "ink/dog/readme.txt").write_text("text")
    (folder / "ink/dog/more").mkdir()
    for ignored in ("ink/.DS_Store", "ink/dog/Thumbs.db", "notes.txt"):
        (folder / ignored).write_text("")
    assert found(folder) == [
        ("misplaced", "ink/dog/more"),
        ("misplaced", "ink/dog/readme.txt"),
        ("misplaced", "ink/stray.png"),
    ]


def test_unreadable(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "toy")
    (made / "ink/dog/0.png").write_bytes(b"no picture at all")
    (made / "ink/dog/1.png").write_bytes(b"")
    assert found(made) == [("unreadable", "ink/dog/0.png"), ("unreadable", "ink/dog/1.png")]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
def test_truncated(kind: str, tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "toy")
    data = toy.picture(5, kind, side=64)
    (made / "ink/dog/0.png").write_bytes(data)
    assert found(made) == []
    (made / "ink/dog/0.png").write_bytes(data[: len(data) * 2 // 3])
    assert found(made) == [("truncated", "ink/dog/0.png")]


def test_duplicates(folder: Path, tmp_path: Path) -> None:
    data = (folder / "ink/Cat/0.png").read_bytes()
    (folder / "ink/Cat/1.png").write_bytes(data)
    (folder / "oil paint/dog/0.png").write_bytes(data)
    (folder / "manifest.parquet").unlink()
    (fault,) = verify(folder, toy.entry()).fatal
    assert (fault.kind, fault.where) == ("duplicate", "ink/Cat/0.png")
    assert fault.text == "same bytes as ink/Cat/1.png, oil paint/dog/0.png"


@pytest.mark.parametrize(
    "kind, files, forgiven",
    [
        ("duplicate", "ink/*/0.png", True),
        ("duplicate", "*", True),
        ("duplicate", "ink/Cat/*", False),  # only one of the two
    ],
)
def test_known_defects(kind: str, files: str, forgiven: bool, tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "toy")
    (made / "ink/dog/0.png").write_bytes((made / "ink/Cat/0.png").read_bytes())
    defect = {"kind": kind, "files": files, "text": "two labels"}
    report = verify(made, toy.entry(defects=[defect]))
    assert [fault.known for fault in report.faults] == [forgiven]
    assert ("duplicate (known): 1" in report.text()) == forgiven
    assert ("(two labels)" in report.text()) == forgiven


def test_remark_is_said_where_its_file_is(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "toy")
    defect = {"kind": "remark", "files": "ink/dog/1.png", "text": "odd"}
    report = verify(made, toy.entry(defects=[defect]))
    assert report.fatal == [] and report.faults[0].text == "odd"
    (made / "ink/dog/1.png").rename(made / "ink/dog/2 [1].png")
    defect["files"] = "ink/dog/2 [1].png"  # a name, whatever a pattern makes of it
    assert verify(made, toy.entry(defects=[defect])).faults[0].text == "odd"
    defect["files"] = "ink/dog/1.png"
    assert verify(made, toy.entry(defects=[defect])).faults == []


def test_counts_by_domain_only(tmp_path: Path) -> None:
    made = toy.make_folder(tmp_path / "toy")
    entry = toy.entry(counts={"ink": 4, "oil_paint": 5}, images=9)
    assert found(made, entry) == [("count", "oil paint")]


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder; get it with rise data fetch"):
        verify(tmp_path / "none", toy.entry())


def test_damaged_manifest(folder: Path) -> None:
    (folder / "manifest.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"manifest\.parquet: cannot be read"):
        verify(folder, toy.entry())


def test_two_processes_give_the_same(tmp_path: Path) -> None:
    paths = []
    for seed in range(ALONE + 70):
        paths.append(f"{seed}.png")
        (tmp_path / paths[-1]).write_bytes(toy.picture(seed, side=4))
    told: list[tuple[Any, ...]] = []
    rows = inspect(tmp_path, paths, lambda *what: told.append(what))
    assert rows == [inspect_one(tmp_path, path) for path in paths]
    assert told[-1] == ("opening images", len(paths), len(paths))


def image(mode: str, kind: str, size: tuple[int, int] = (5, 4), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def lying_png(width: int, height: int) -> bytes:
    """A small image whose header claims another size, with the right check sum."""
    data = bytearray(image("RGB", "PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def animation(kind: str) -> bytes:
    return image("RGB", kind, save_all=True, append_images=[Image.new("RGB", (5, 4), "red")])


@pytest.mark.parametrize(
    "data, wanted",
    [
        (image("CMYK", "JPEG"), ("CMYK", 5, 4, "")),
        (image("P", "PNG", transparency=0), ("P", 5, 4, "")),
        (image("LA", "PNG"), ("LA", 5, 4, "")),
        (image("RGB", "PNG", (1, 1)), ("RGB", 1, 1, "")),
        (image("RGB", "PNG", (600, 300)), ("RGB", 600, 300, "")),
        (animation("GIF"), ("P", 5, 4, "")),
        (animation("WEBP"), ("RGB", 5, 4, "")),
        (image("I;16", "PNG"), ("", 0, 0, "unreadable")),
        (truncated(toy.picture(5, "JPEG", side=64)), ("", 0, 0, "truncated")),
        (lying_png(5000, 4000), ("", 0, 0, "truncated")),
        # So many pixels that Pillow only warns.
        (lying_png(12000, 10000), ("", 0, 0, "unreadable")),
    ],
    ids=[
        "cmyk",
        "palette",
        "grey+alpha",
        "pixel",
        "large",
        "gif",
        "webp",
        "16 bit",
        "truncated",
        "lying",
        "bomb",
    ],
)
def test_what_verify_passes_can_be_decoded(
    data: bytes, wanted: tuple[Any, ...], tmp_path: Path
) -> None:
    """And what it does not pass cannot be."""
    (tmp_path / "x.png").write_bytes(data)
    row = inspect_one(tmp_path, "x.png")
    assert (row.mode, row.width, row.height, row.fault.partition(":")[0]) == wanted
    with pytest.raises(DataError) if row.fault else nullcontext():
        pixels = decode(tmp_path / "x.png", row.sha256)
        assert pixels.shape == (*decoded_size(row.height, row.width), 3)


def test_report_counts_faults_by_domain(folder: Path) -> None:
    (folder / "ink/dog/0.png").write_bytes(b"")
    report: Verification = verify(folder, toy.entry())
    ink, oil = report.text().splitlines()[2:4]
    assert ink.split() == ["ink", "4", "4", "2", "2"]
    assert oil.split() == ["oil_paint", "4", "4", "2"]
