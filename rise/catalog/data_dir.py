"""The data folder: `<data>/<name>-<revision>/<domain folder>/<class>/<file>`.

One data folder serves many clones and may be read-only. `manifest.parquet` and `manifest.json` are
in each dataset's folder, `downloads.json` (digests trusted on first use) in the data folder.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from rise.catalog.schema import Dataset
from rise.errors import DataError
from rise.utils.io import JsonObject, write_json

VARIABLE = "RISE_DATA"
DEFAULT = Path("data/datasets")
MANIFESTS = Path("data/manifests")
# Left behind by file managers, storage boxes, disks and Python; hidden files are left out anyway.
JUNK = (
    "thumbs.db",
    "desktop.ini",
    "__macosx",
    "__pycache__",
    "lost+found",
    "$recycle.bin",
    "system volume information",
    "@eadir",
)


def data_folder(given: Path | None = None) -> Path:
    """Return the data folder: the given one, else $RISE_DATA, else data/datasets."""
    if given is not None:
        return given
    named = os.environ.get(VARIABLE)
    return Path(named) if named else DEFAULT


def dataset_folder(data: Path, name: str, entry: Dataset) -> Path:
    """Return the folder of a dataset, present or not; a custom dataset stays in its own folder."""
    return Path(entry.folder) if entry.folder else data / f"{name}-{entry.revision}"


def manifest_folder(folder: Path) -> Path:
    """Return where the manifest of a dataset's folder lies: in it, or in the project.

    A folder that cannot be written and holds no manifest has it in the project's
    `data/manifests/<digest of its path>`, which jobs in containers and on other machines see, too.
    """
    if (folder / "manifest.json").is_file() or os.access(folder, os.W_OK):
        return folder
    return MANIFESTS / hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


def read_trusted(data: Path) -> JsonObject:
    """Read what earlier fetches recorded: `files` by address, `datasets` by name and revision.

    Raises:
        DataError: downloads.json cannot be read.
    """
    path = data / "downloads.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"files": dict(found["files"]), "datasets": dict(found["datasets"])}
    except FileNotFoundError:
        return {"files": {}, "datasets": {}}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); repair or delete it") from error


def record_trusted(data: Path, **new: JsonObject) -> None:
    """Record `files` and `datasets` that later fetches must match."""
    with FileLock(data / ".downloads.lock"):  # another dataset's fetch may end at this moment
        trusted = read_trusted(data)
        for kind, found in new.items():
            trusted[kind].update(found)
        write_json(data / "downloads.json", trusted)


def recorded_manifest(name: str, entry: Dataset) -> str | None:
    """Read the digest of a dataset's files on this disk; None if it is absent or embedded.

    Raises:
        DataError: its manifest.json cannot be read.
    """
    if entry.embedded:
        return None
    path = manifest_folder(dataset_folder(data_folder(), name, entry)) / "manifest.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["digest"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: cannot be read; run rise data verify {name}") from error


def visible(folder: Path) -> Iterator[Path]:
    """Yield the entries of a folder by name, without hidden files and file managers' leftovers.

    Raises:
        DataError: the folder cannot be read, or a name in it is not UTF-8.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror})") from error
    for path in entries:
        try:
            path.name.encode()
        except UnicodeEncodeError:
            raise DataError(f"{str(path)!a}: its name is not UTF-8; rename it") from None
        if not path.name.startswith(".") and path.name.lower() not in JUNK:
            yield path
