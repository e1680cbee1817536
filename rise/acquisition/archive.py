"""Unpack zip and tar archives from untrusted sources.

Everything is checked from the table of contents before the first byte is written. Members are
written as plain files by this module, so no link, device, owner or mode of an archive is ever made
(tarfile's own filter for this is missing in Debian 12's Python 3.11.2).
"""

import lzma
import shutil
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rise.catalog.schema import Dataset
from rise.errors import DataError, NoRoomError

MOST_FILES, MOST_BYTES = 200_000, 20_000_000_000  # where the catalog gives no number
RATIO, RATIO_FROM = 20, 10_000_000  # images hardly shrink: more than 20 to 1 is a bomb
MB = 1_000_000
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)


@dataclass(frozen=True)
class Bounds:
    """The number of files and of bytes that an archive may unpack to."""

    files: int
    bytes: int


def bounds(entry: Dataset) -> Bounds:
    """Allow twice the images and four times the bytes that the catalog gives."""
    files = 2 * entry.images + 1000 if entry.images else MOST_FILES
    return Bounds(files, 4 * entry.bytes if entry.bytes else MOST_BYTES)


def unpack(archive: Path, into: Path, limit: Bounds) -> None:
    """Unpack an archive into a folder, or refuse it before writing anything.

    Raises:
        DataError: no archive, truncated or damaged; a name that is absolute, holds `..` or a
            backslash, is not UTF-8, or equals another but for case; a link, device or encrypted
            member; more files or bytes than `limit`, or a ratio above 20 to 1.
        NoRoomError: the disk is too small.
        OSError: the disk cannot be written.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                _unpack_zip(archive, file, into, limit)
        elif tarfile.is_tarfile(archive):
            _unpack_tar(archive, into, limit)
        else:
            raise DataError(f"{archive}: is neither a zip nor a tar archive, or is cut off")
    except UnicodeDecodeError as error:
        raise DataError(f"{archive}: holds a name that is not UTF-8; not unpacked") from error
    except OSError as error:
        if error.errno is not None:  # the disk's fault; a damaged gzip has no number
            raise
        raise _damaged(archive, error) from error
    except (*DAMAGED, ValueError, NotImplementedError) as error:
        raise _damaged(archive, error) from error


def _damaged(archive: Path, error: object) -> DataError:
    return DataError(f"{archive}: is cut off or damaged ({error}); download it again")


def _unpack_zip(archive: Path, file: zipfile.ZipFile, into: Path, limit: Bounds) -> None:
    members = [(_zip_name(archive, info), info) for info in file.infolist()]
    for name, info in members:
        kind = info.external_attr >> 28  # the file type of Unix modes; 0 where there is none
        if kind not in (0, 4, 8):
            raise DataError(f"{archive}: {name} is a link or device; not unpacked")
        if info.flag_bits & 1:
            raise DataError(f"{archive}: {name} is encrypted; not unpacked")
    _check(archive, ((n, i.is_dir(), i.file_size) for n, i in members), into, limit)
    for name, info in members:
        if not info.is_dir():
            with file.open(info) as content:
                _write(content, into / name)


def _zip_name(archive: Path, info: zipfile.ZipInfo) -> str:
    """Return the name as the archive has it; zipfile itself reads unmarked names as cp437."""
    # The original name: zipfile cuts at a NUL and turns the separators of the machine.
    name = info.orig_filename
    return name if info.flag_bits & 0x800 else name.encode("cp437").decode("utf-8")


def _unpack_tar(archive: Path, into: Path, limit: Bounds) -> None:
    # Two passes: a compressed tar has no table of contents, so all of it is read for one.
    with _open_tar(archive) as file:
        _check(archive, _tar_members(archive, file), into, limit)
    with _open_tar(archive) as file:
        for member in file:
            if member.isfile():
                content = file.extractfile(member)
                assert content is not None, "a plain file has content"
                with content:
                    _write(content, into / member.name)


def _write(content: IO[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as made:
        shutil.copyfileobj(content, made, 1 << 20)


def _open_tar(archive: Path) -> tarfile.TarFile:
    return tarfile.open(archive, "r:*", encoding="utf-8", errors="strict")


def _tar_members(archive: Path, file: tarfile.TarFile) -> Iterator[tuple[str, bool, int]]:
    for member in file:
        if not (member.isfile() or member.isdir()):
            raise DataError(f"{archive}: {member.name} is a link or device; not unpacked")
        yield member.name, member.isdir(), member.size
    # tarfile takes a file cut off between two members for a whole one, and leaves checksums behind
    # the end mark unread.
    assert file.fileobj is not None, "an open tar has a file"
    file.fileobj.seek(file.offset)
    if file.fileobj.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
        raise _damaged(archive, "no end mark")
    while file.fileobj.read(1 << 20):
        pass


def _check(
    archive: Path, members: Iterable[tuple[str, bool, int]], into: Path, limit: Bounds
) -> None:
    """Check names, number and size of members (name, is a folder, bytes)."""
    seen: dict[str, tuple[str, bool]] = {}
    files = total = 0
    most = max(RATIO * archive.stat().st_size, RATIO_FROM)
    for name, folder, size in members:
        _check_name(archive, name)
        _check_case(archive, name, folder, seen)
        files, total = files + (not folder), total + size
        if files > limit.files:
            raise DataError(f"{archive}: holds more than {limit.files} files; not unpacked")
        if total > limit.bytes:
            raise DataError(f"{archive}: holds more than {limit.bytes / MB:.0f} MB; not unpacked")
        if total > most:
            raise DataError(f"{archive}: would grow more than {RATIO}-fold; not unpacked")
    free = shutil.disk_usage(into.parent).free
    if free < total:
        raise NoRoomError(
            f"{into.parent}: {archive.name} unpacks to {total / MB:.0f} MB but only "
            f"{free / MB:.0f} MB are free; make room or use another --data-dir"
        )


def _check_name(archive: Path, name: str) -> None:
    shown = ascii(name)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise DataError(f"{archive}: {shown} is not UTF-8; not unpacked") from None
    if not all(map(str.isprintable, name)) or "\\" in name:
        raise DataError(f"{archive}: {shown} holds a strange character; not unpacked")
    if name.startswith("/") or name[1:2] == ":":
        raise DataError(f"{archive}: {shown} is an absolute path; not unpacked")
    if ".." in name.split("/"):
        raise DataError(f"{archive}: {shown} leads out of the archive by '..'; not unpacked")


def _check_case(archive: Path, name: str, folder: bool, seen: dict[str, tuple[str, bool]]) -> None:
    """Refuse names that are one where case does not count, and a file that is a folder too."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    for end in range(1, len(parts) + 1):
        path, is_folder = "/".join(parts[:end]), end < len(parts) or folder
        key = unicodedata.normalize("NFC", path).casefold()
        before = seen.setdefault(key, (path, is_folder))
        if before[0] != path:
            raise DataError(f"{archive}: {before[0]} and {path} differ only by case; not unpacked")
        if before[1] != is_folder:
            raise DataError(f"{archive}: {path} is a file and a folder; not unpacked")
    # A file's own entry is new exactly once.
    if parts and not folder:
        key = f"\0{'/'.join(parts)}"
        if key in seen:
            raise DataError(f"{archive}: holds {name} twice; not unpacked")
        seen[key] = (name, False)
