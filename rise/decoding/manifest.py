"""Record the content of a dataset's folder: one row for each file, and one digest of them all."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from rise.errors import DataError
from rise.utils.io import replacing, write_json

MANIFEST, ABOUT = "manifest.parquet", "manifest.json"
KEPT_NAMES, MADE_NAMES = "as published", "made from content"


class ManifestRow(NamedTuple):
    """One image file: its path `<domain folder>/<class>/<file>`, its bytes, and what it opens to.

    fault is empty, or "truncated: ..." or "unreadable: ...", and height and width are then 0.
    """

    path: str
    sha256: str
    bytes: int
    width: int = 0
    height: int = 0
    mode: str = ""
    format: str = ""
    fault: str = ""


def manifest_digest(files: Iterable[tuple[str, str]]) -> str:
    """Hash the lines `<sha256 of file>  <domain>/<class>/<file>\\n` by sha256.

    Args:
        files: (path, sha256) of each.

    Lines are sorted by domain, class and file in ASCII order, not by path, where "/" would count.
    """
    total = hashlib.sha256()
    for path, sha256 in sorted(files, key=lambda file: file[0].split("/")):
        total.update(f"{sha256}  {path}\n".encode())
    return total.hexdigest()


def write_manifest(folder: Path, rows: list[ManifestRow]) -> None:
    """Write manifest.parquet into a folder, atomically."""
    columns = zip(*rows, strict=True) if rows else [[] for _ in ManifestRow._fields]
    table = pa.table(dict(zip(ManifestRow._fields, map(list, columns), strict=True)))
    with replacing(folder / MANIFEST) as beside:
        pq.write_table(table, beside)


def read_manifest(folder: Path) -> list[ManifestRow] | None:
    """Read the rows of a folder's manifest.parquet; None if there is none.

    Raises:
        DataError: it cannot be read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path, columns=list(ManifestRow._fields))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: cannot be read ({error}); delete it and verify again") from error
    return [ManifestRow(*values) for values in zip(*table.to_pydict().values(), strict=True)]


def write_about(folder: Path, **about: Any) -> None:
    """Write manifest.json into a folder: digest, images, source, trust, protocols and the like."""
    write_json(folder / ABOUT, about)


def read_about(folder: Path) -> dict[str, Any]:
    """Read manifest.json of a folder; empty if there is none.

    Raises:
        DataError: it cannot be read.
    """
    path = folder / ABOUT
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); delete it and verify again") from error
