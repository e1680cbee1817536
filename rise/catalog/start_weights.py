"""Starting weights of students: what names them, where they lie, how they come here; no torch."""

import functools
import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

from rise.catalog import lookup
from rise.errors import DataError
from rise.utils.io import file_digest, replacing, write_json

FOLDER = Path("data/students")
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
HUB = "https://huggingface.co/timm"


def start_fault(student: str, start: str) -> str | None:
    """What is wrong with a variant's `start`, or None."""
    if start == "pretrained" and student.startswith("timm:") and "." not in student:
        return f"pretrained: give the weights' tag, as in {student}.TAG (timm.list_pretrained())"
    if start in ("pretrained", "scratch"):
        return None
    if not start.endswith(SUFFIXES):
        return f"is {start!r}; known: pretrained, scratch, or a file ({', '.join(SUFFIXES)})"
    return None if Path(start).is_file() else f"there is no file {start}"


def start_identity(student: str, start: str) -> str:
    """What names starting weights: "scratch", the file's sha256, or "timm:TAG".

    The last is for weights of the hub, whose sha256 nobody knows before they are here: a plan is
    the same before and after. The first sha256 seen is kept beside the file, and goes into records.
    """
    if start == "scratch":
        return start
    if start != "pretrained":
        return _digest(Path(start))
    entry = lookup.student(student)
    return str(entry["sha256"]) if "sha256" in entry else f"timm:{entry['timm']}"


def given_file(start: str) -> Path | None:
    """The file that a variant's `start` names, None for the student's own or none."""
    return None if start in ("pretrained", "scratch") else Path(start)


def own_file(student: str) -> Path:
    """Where a student's own starting weights lie: in the project, else in their package."""
    entry = lookup.student(student)
    path = Path(entry["file"]) if "file" in entry else FOLDER / f"{entry['timm']}.safetensors"
    return packaged(entry) or path if not path.is_file() else path


def packaged(entry: dict[str, Any]) -> Path | None:
    """The weights inside their installed package, None where it is not installed."""
    package, _, inside = entry.get("member", "").partition("/")
    spec = importlib.util.find_spec(package) if package else None
    folders = (spec.submodule_search_locations if spec else None) or []
    found = [Path(folder) / inside for folder in folders]
    return next((path for path in found if path.is_file()), None)


def checked(student: str, start: str, file: Path | None = None) -> Path:
    """The file of starting weights, after its sha256 was compared.

    Args:
        student: its name.
        start: as `start_identity` gives it, not "scratch".
        file: where the weights are not the student's own.

    Raises:
        DataError: it is missing or another one.
    """
    path = file or own_file(student)
    if not path.is_file():
        raise DataError(f"{path}: is missing; {_remedy(student, path, file)}")
    pinned = first_seen(path)["sha256"] if start.startswith("timm:") else start
    if _digest(path) != pinned:
        raise DataError(
            f"{path}: is damaged (its sha256 is not the pinned one); {_remedy(student, path, file)}"
        )
    return path


def first_seen(path: Path) -> dict[str, Any]:
    """What is known of a file of the hub since it was first seen here: its sha256 at least."""
    beside = path.with_suffix(".json")
    try:
        seen: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        return {"sha256": str(seen["sha256"]), **seen}
    except OSError:
        write_json(beside, {"sha256": _digest(path)})
        return first_seen(path)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{beside}: names no sha256; delete it and {path}, fetch again") from error


def fetch(student: str) -> Path:
    """Bring a student's own starting weights into the project.

    From the hub the revision and sha256 of the first download are kept beside the file; a later
    download is of that revision and must be the same file.

    Raises:
        DataError: its package is not installed, the hub cannot be reached, or the file is another.
    """
    entry = lookup.student(student)
    path = Path(entry["file"]) if "file" in entry else FOLDER / f"{entry['timm']}.safetensors"
    if path.is_file():
        return path
    if "package" in entry:
        source = packaged(entry)
        if source is None:
            raise DataError(f"{path}: is missing; {_remedy(student, path, None)}")
        _copy(source, path)
        return checked(student, entry["sha256"])
    if "file" in entry:
        raise DataError(f"{path}: is missing; {_remedy(student, path, None)}")
    beside = path.with_suffix(".json")
    revision = first_seen(path).get("revision") if beside.is_file() else None
    source, revision = _download(f"timm/{entry['timm']}", revision)
    _copy(source, path)
    if not beside.is_file():
        known = {"repository": f"timm/{entry['timm']}", "revision": revision}
        write_json(beside, {**known, "sha256": _digest(path)})
    return checked(student, f"timm:{entry['timm']}")


def _download(repository: str, revision: str | None) -> tuple[Path, str]:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        path = Path(hf_hub_download(repository, "model.safetensors", revision=revision))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{repository}: cannot be fetched from the hub ({reason})") from error
    return path, path.parent.name  # the hub's cache has a folder for each revision


def _remedy(student: str, path: Path, file: Path | None) -> str:
    if file is not None:
        return "put the file back that this experiment was planned with, or plan again"
    entry = lookup.student(student)
    if "package" in entry:
        return f"pip install {entry['package']}, or put {entry['member']} out of it there"
    if "file" in entry:
        return f"restore it (git checkout -- {path})"
    return (
        f"get it with `rise student fetch {student}` where there is network, or put "
        f"{HUB}/{entry['timm']}/resolve/main/model.safetensors there"
    )


def _copy(source: Path, path: Path) -> None:
    with replacing(path) as beside:
        shutil.copyfile(source, beside)


def _digest(path: Path) -> str:
    found = path.stat()
    return _digest_of(path, found.st_mtime_ns, found.st_size)


@functools.cache
def _digest_of(path: Path, modified: int, size: int) -> str:
    return file_digest(path)
