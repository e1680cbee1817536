"""Files of work/ that are doubted when they are read back: each carries a digest of its content."""

import hashlib
import io
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rise.errors import DamagedError
from rise.utils.io import JsonObject, canonical, digest, read_json, replacing, write_json

if TYPE_CHECKING:
    import numpy as np

SEAL = "sha256"
SEAL_BYTES = 32


def write_sealed(path: Path, value: JsonObject, of: str) -> None:
    """Write a JSON object with a digest of itself; of: what it belongs to, against copies."""
    content = {**json.loads(canonical(value)), "of": of}
    write_json(path, {**content, SEAL: digest(content)})


def read_sealed(path: Path, of: str, whole: Path | None = None) -> JsonObject:
    """Read what `write_sealed` wrote.

    Args:
        path: of the file.
        of: what it must belong to.
        whole: the folder that is damaged if the file is; by default the file alone.

    Raises:
        FileNotFoundError: it is missing.
        DamagedError: it is not what was written, or belongs to something else.
    """
    damaged = whole or path
    try:
        content = dict(read_json(path))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError) as error:
        raise DamagedError(damaged, f"{path.name} cannot be read") from error
    if content.pop(SEAL, None) != digest(content):
        raise DamagedError(damaged, f"{path.name} does not have its own sha256")
    if (found := content.pop("of")) != of:
        raise DamagedError(damaged, f"{path.name} is of {found}")
    return content


def write_sealed_bytes(path: Path, data: bytes) -> None:
    """Write bytes, followed by their sha256."""
    with replacing(path) as beside:
        beside.write_bytes(data + hashlib.sha256(data).digest())


def read_sealed_bytes(path: Path) -> io.BytesIO:
    """Read what `write_sealed_bytes` wrote.

    Raises:
        FileNotFoundError: it is missing.
        DamagedError: it is not what was written.
    """
    data = path.read_bytes()
    content, seal = data[:-SEAL_BYTES], data[-SEAL_BYTES:]
    if hashlib.sha256(content).digest() != seal:
        raise DamagedError(path, "it does not have its own sha256")
    return io.BytesIO(content)


def read_arrays(path: Path, damaged: Path | None = None) -> "Mapping[str, np.ndarray[Any, Any]]":
    """Read all arrays of an .npz, of which each has a checksum (CRC-32).

    Raises:
        FileNotFoundError: it is missing.
        DamagedError: it is not what was written.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile and numpy raise anything on broken files
        raise DamagedError(damaged or path, f"{path.name} is not what was written") from error


def set_aside(damage: DamagedError) -> None:
    """Move what is damaged to NAME.damaged, in place of an earlier one, and say so in one line."""
    path = damage.path
    aside = path.with_name(f"{path.name}.damaged")
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    path.replace(aside)
    print(
        f"rise: {path}: was damaged ({damage.reason}); it lies in {aside.name} now and is made "
        "again",
        file=sys.stderr,
    )
