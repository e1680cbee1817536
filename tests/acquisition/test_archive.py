"""Hostile archives: each is refused by one sentence, and nothing of it is written."""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rise.acquisition.archive import Bounds, bounds, unpack
from rise.errors import DataError
from tests.datasets import toy

LIMIT = Bounds(files=50, bytes=100_000_000)
Member = tuple[str | tarfile.TarInfo, bytes]


def write_zip(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def write_tar(path: Path, *members: Member) -> Path:
    with tarfile.open(path, "w:gz", encoding="utf-8", errors="surrogateescape") as archive:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if info.type == tarfile.REGTYPE:
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def special(name: str, kind: bytes, target: str = "") -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def zip_link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


WRITERS = pytest.mark.parametrize("write", [write_zip, write_tar])
Writer = Callable[..., Path]


def refused(archive: Path, said: str, limit: Bounds = LIMIT) -> None:
    into = archive.parent / "deep" / "into"
    into.mkdir(parents=True)
    before = {p for p in archive.parent.rglob("*")}
    with pytest.raises(DataError, match=said) as error:
        unpack(archive, into, limit)
    assert "\n" not in str(error.value) and str(archive.name) in str(error.value)
    assert {p for p in archive.parent.rglob("*")} == before, "nothing may be written"


@WRITERS
def test_good_archive(write: Writer, tmp_path: Path) -> None:
    members = [("top/ü/a b.txt", b"one"), ("top/c.txt", b"two"), ("./top/d.txt", b"")]
    unpack(write(tmp_path / "good", *members), tmp_path / "into", LIMIT)
    found = {p: p.read_bytes() for p in (tmp_path / "into").rglob("*") if p.is_file()}
    assert {str(p.relative_to(tmp_path / "into")): data for p, data in found.items()} == {
        "top/ü/a b.txt": b"one",
        "top/c.txt": b"two",
        "top/d.txt": b"",
    }
    assert all(p.stat().st_mode & 0o7111 == 0 for p in found), "no mode of an archive is kept"


@WRITERS
@pytest.mark.parametrize(
    "name, said",
    [
        ("/tmp/escaped.txt", "is an absolute path"),
        ("C:/escaped.txt", "is an absolute path"),
        ("a/../../escaped.txt", r"leads out of the archive by '\.\.'"),
        ("..", r"leads out of the archive by '\.\.'"),
        ("a\\..\\escaped.txt", "holds a strange character"),
        ("a/new\nline.txt", "holds a strange character"),
    ],
)
def test_paths(write: Writer, name: str, said: str, tmp_path: Path) -> None:
    refused(write(tmp_path / "bad", ("good.txt", b"x"), (name, b"y")), said)


def test_no_dangerous_mode_is_kept(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.png")
    info.mode = 0o6777
    unpack(write_tar(tmp_path / "good", (info, b"x")), tmp_path / "into", LIMIT)
    assert (tmp_path / "into/a.png").stat().st_mode & 0o7022 == 0


def test_symlink_out_of_a_tar(tmp_path: Path) -> None:
    members = special("a/out", tarfile.SYMTYPE, "../../.."), ("a/out/escaped.txt", b"y")
    refused(write_tar(tmp_path / "bad", *members), "a/out is a link or device")


def test_symlink_out_of_a_zip(tmp_path: Path) -> None:
    refused(write_zip(tmp_path / "bad", zip_link("out", "/etc")), "out is a link or device")


def test_hard_link_out(tmp_path: Path) -> None:
    members = ("good.txt", b"x"), special("passwd", tarfile.LNKTYPE, "/etc/passwd")
    refused(write_tar(tmp_path / "bad", *members), "passwd is a link or device")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_device(kind: bytes, tmp_path: Path) -> None:
    refused(write_tar(tmp_path / "bad", special("null", kind)), "null is a link or device")


@WRITERS
def test_bomb_by_ratio(write: Writer, tmp_path: Path) -> None:
    bomb = write(tmp_path / "bad", ("a", b"x"), ("zeros", bytes(30_000_000)))
    assert bomb.stat().st_size < 100_000
    refused(bomb, "would grow more than 20-fold")


@WRITERS
def test_bomb_by_count(write: Writer, tmp_path: Path) -> None:
    members = [(f"{n}.txt", b"x") for n in range(51)]
    refused(write(tmp_path / "bad", *members), "holds more than 50 files")


@WRITERS
def test_bomb_by_size(write: Writer, tmp_path: Path) -> None:
    archive = write(tmp_path / "bad", ("a", b"x" * 600), ("b", b"x" * 600))
    refused(archive, "holds more than 0 MB", Bounds(50, 1000))


def test_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(write_zip(tmp_path / "bad", ("zeros", bytes(3_000_000))).read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # in the table of contents: 10 bytes
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(DataError, match="is cut off or damaged"):
        unpack(tmp_path / "bad", tmp_path / "into", LIMIT)
    assert sum(p.stat().st_size for p in (tmp_path / "into").rglob("*")) <= 10


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.9, 0.999])
@WRITERS
def test_truncated(write: Writer, keep: float, tmp_path: Path) -> None:
    members = [(f"{n}.png", toy.picture(n)) for n in range(40)]
    path = write(tmp_path / "bad", *members)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    refused(path, "cut off")


def test_plain_tar_cut_off_between_members(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad", "w") as archive:
        for name in "ab":
            info = tarfile.TarInfo(name)
            info.size = 512
            archive.addfile(info, io.BytesIO(bytes(512)))
    path = tmp_path / "bad"
    path.write_bytes(path.read_bytes()[:1024])
    refused(path, "no end mark")


def test_damaged_in_the_middle(tmp_path: Path) -> None:
    members = [(f"{n}.png", toy.picture(n)) for n in range(40)]
    path = write_tar(tmp_path / "bad", *members)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    refused(path, "is cut off or damaged")


def test_no_archive(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"<html>quota</html>" * 100)
    refused(tmp_path / "bad", "is neither a zip nor a tar archive")


@WRITERS
@pytest.mark.parametrize(
    "one, two",
    [("a/X.png", "a/x.png"), ("A/1.png", "a/2.png"), ("a/\u00e9", "a/e\u0301")],
)
def test_names_that_differ_by_case(write: Writer, one: str, two: str, tmp_path: Path) -> None:
    refused(write(tmp_path / "bad", (one, b"x"), (two, b"y")), "differ only by case")


@WRITERS
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice(write: Writer, tmp_path: Path) -> None:
    refused(write(tmp_path / "bad", ("a/x", b"x"), ("a/x", b"y")), "holds a/x twice")


@WRITERS
def test_file_that_is_a_folder_too(write: Writer, tmp_path: Path) -> None:
    refused(write(tmp_path / "bad", ("a", b"x"), ("a/b", b"y")), "a is a file and a folder")


def test_name_that_is_not_utf8_in_a_tar(tmp_path: Path) -> None:
    refused(write_tar(tmp_path / "bad", ("caf\udce9.png", b"x")), "not UTF-8")


@pytest.mark.parametrize("marked", [False, True])
def test_name_that_is_not_utf8_in_a_zip(marked: bool, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bad", ("caf@.png", b"x"))
    data = bytearray(path.read_bytes().replace(b"caf@", b"caf\xe9"))
    if marked:  # the flag that says UTF-8, in both headers
        data[data.index(b"PK\x03\x04") + 7] |= 8
        data[data.index(b"PK\x01\x02") + 9] |= 8
    path.write_bytes(data)
    refused(path, "not UTF-8")


def test_encrypted(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bad", ("a.png", b"x"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    refused(path, "a.png is encrypted")


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 10

    archive = write_zip(tmp_path / "bad", ("a.png", b"x" * 2_000_000))
    monkeypatch.setattr("rise.acquisition.archive.shutil.disk_usage", lambda path: Usage)
    refused(archive, "unpacks to 2 MB but only 0 MB are free")


def test_bounds_come_from_the_catalog() -> None:
    assert bounds(toy.entry(bytes=700)) == Bounds(files=1016, bytes=2800)
    assert bounds(toy.entry(images=None, counts={})).files == 200_000
