"""Canonical JSON, digests, and files that appear whole or not at all."""

import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rise.errors import DataError

# A JSON object of any version, such as the identity in a record.
JsonObject = dict[str, Any]


def canonical(value: Any) -> str:
    """Return JSON that depends on the value alone: sorted keys, no spaces, no NaN (ValueError)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """Return the sha256 (64 hex digits) of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 (64 hex digits) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_file(path: Path, sha256: str | None, advice: str) -> None:
    """Refuse a file that is not the pinned one.

    Args:
        path: of the file.
        sha256: the 64 hex digits expected; None if the file was missing when the job was planned.
        advice: what to do, without a full stop.

    Raises:
        DataError: the file is missing, or has another sha256.
    """
    if not path.is_file() or sha256 is None:
        raise DataError(f"{path}: is missing; {advice}")
    if file_digest(path) != sha256:
        raise DataError(f"{path}: is damaged (its sha256 is not the pinned one); {advice}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, and on success move it to `path` in one step.

    A kill at any moment leaves the old file or the new one, never a part of one, and a crash of the
    machine too. What a kill leaves beside it is removed by the next writer of the same file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(path.parent, path.name)
    handle, beside = _beside(path)
    try:
        yield beside
        sync(beside)
        beside.replace(path)
        sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)
        os.close(handle)


def _beside(path: Path) -> tuple[int, Path]:
    """Create a temporary file, locked for as long as its writer lives, with the umask's rights."""
    while True:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{path.suffix}")
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if beside.exists():
            return handle, beside
        os.close(handle)  # another writer took it for abandoned before it was locked


def remove_abandoned(folder: Path, name: str = "") -> None:
    """Delete temporary files in a folder whose writers were killed: of one name, or of all."""
    wanted = re.escape(name) if name else r".+"
    pattern = re.compile(rf"\.{wanted}\.[a-z0-9_]{{8}}(\.\w+)?")
    for left in folder.iterdir():
        if not pattern.fullmatch(left.name):
            continue
        with suppress(OSError):  # its writer lives, or it is gone
            handle = os.open(left, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(handle)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:  # some file systems sync no folders
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise
    finally:
        os.close(handle)


def publish(scratch: Path, folder: Path) -> None:
    """Move a finished folder to its place once its files are on the disk; an earlier one goes."""
    for file in scratch.iterdir():
        sync(file)
    if folder.exists():
        shutil.rmtree(folder)
    scratch.rename(folder)
    sync(folder.parent)


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: it is not JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON with sorted keys, atomically."""
    text = json.dumps(value, sort_keys=True, indent=2, allow_nan=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")
