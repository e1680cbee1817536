"""Starting weights of students: identity, location and download, without torch."""

import functools
import importlib.util
import shutil
from pathlib import Path

from rise.catalog.students import TIMM, StudentInfo, student
from rise.errors import DataError
from rise.experiment.job import Weights
from rise.utils.io import checked_file, file_digest, read_json, replacing, write_json

FOLDER = Path("data/students")
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
HUB = "https://huggingface.co/timm"


def start_fault(name: str, start: str) -> str | None:
    """Say what is wrong with a variant's `start`; None if nothing is."""
    if start == "pretrained" and name.startswith(TIMM) and "." not in name:
        return f"pretrained: give the weights' tag, as in {name}.TAG (timm.list_pretrained())"
    if start == "pretrained" and not (student(name).file or student(name).timm):
        return f"pretrained: {name} has no pretrained weights; write scratch, or give a file"
    if start in ("pretrained", "scratch"):
        return None
    if not start.endswith(SUFFIXES):
        return f"is {start!r}; known: pretrained, scratch, or a file ({', '.join(SUFFIXES)})"
    return None if Path(start).is_file() else f"there is no file {start}"


def start_identity(name: str, start: str) -> str:
    """Name starting weights: "scratch", the file's sha256, or "timm:TAG".

    The last is for weights of the hub, whose sha256 is unknown before the download: the plan is the
    same before and after it. The first sha256 is kept next to the file and goes into records.
    """
    if start == "scratch":
        return start
    if start != "pretrained":
        return _digest(Path(start))
    return student(name).sha256 or f"{TIMM}{student(name).timm}"


def resolve_weights(name: str, start: str) -> Weights | None:
    """Find the file of a variant's starting weights, and the sha256 that it must have.

    Returns:
        None for "scratch"; without a sha256 if weights of the hub have not been fetched.

    Raises:
        DataError: the note next to a file of the hub cannot be read.
    """
    if start == "scratch":
        return None
    if start != "pretrained":
        advice = "restore the file that this experiment was planned with, or plan again"
        return Weights(file=start, sha256=_digest(Path(start)), advice=advice)
    info, path = student(name), weights_file(name)
    sha256 = info.sha256 or (first_seen(path).get("sha256") if path.is_file() else None)
    return Weights(
        file=str(path), sha256=sha256, advice=_advice(info, path), by_order=bool(info.package)
    )


def weights_file(name: str) -> Path:
    """Return the path of a student's default weights: in the project, else in their package."""
    info = student(name)
    path = _place(info)
    return path if path.is_file() else _packaged(info) or path


def first_seen(path: Path) -> dict[str, str]:
    """Read the note on a file of the hub, written when it was first seen: at least its sha256.

    Raises:
        DataError: the note next to the file has no sha256.
    """
    beside = path.with_suffix(".json")
    try:
        seen = read_json(beside)
        return {"sha256": str(seen["sha256"]), **seen}
    except OSError:
        write_json(beside, {"sha256": _digest(path)})
        return first_seen(path)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{beside}: has no sha256; delete it and {path}, then fetch again"
        ) from error


def fetch_weights(name: str) -> Path:
    """Fetch a student's default starting weights into the project.

    For the hub, the revision and sha256 of the first download are kept next to the file; a later
    download uses that revision and must give the same file.

    Raises:
        DataError: its package is not installed, the hub cannot be reached, or the file differs.
    """
    info = student(name)
    path = _place(info)
    if path.is_file():
        return path
    if info.package or info.file:
        source = _packaged(info)
        if source is None:
            raise DataError(f"{path}: is missing; {_advice(info, path)}")
        _copy(source, path)
        checked_file(path, info.sha256, _advice(info, path))
        return path
    beside = path.with_suffix(".json")
    revision = first_seen(path).get("revision") if beside.is_file() else None
    source, revision = _download(f"timm/{info.timm}", revision)
    _copy(source, path)
    if not beside.is_file():
        known = {"repository": f"timm/{info.timm}", "revision": revision}
        write_json(beside, {**known, "sha256": _digest(path)})
    checked_file(path, first_seen(path)["sha256"], _advice(info, path))
    return path


def _place(info: StudentInfo) -> Path:
    return Path(info.file) if info.file else FOLDER / f"{info.timm}.safetensors"


def _packaged(info: StudentInfo) -> Path | None:
    """Find the weights inside their package, None if it is not installed."""
    package, _, inside = (info.member or "").partition("/")
    spec = importlib.util.find_spec(package) if package else None
    folders = (spec.submodule_search_locations if spec else None) or []
    found = [Path(folder) / inside for folder in folders]
    return next((path for path in found if path.is_file()), None)


def _download(repository: str, revision: str | None) -> tuple[Path, str]:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        path = Path(hf_hub_download(repository, "model.safetensors", revision=revision))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataError(
            f"{repository}: cannot be fetched from the hub ({reason}); try again later"
        ) from error
    return path, path.parent.name  # the hub's cache has a folder for each revision


def _advice(info: StudentInfo, path: Path) -> str:
    if info.package:
        return f"pip install {info.package}, or put its {info.member} there"
    if info.file:
        return f"restore it (git checkout -- {path})"
    return (
        f"get it with `rise student fetch {info.name}` where there is network, or put "
        f"{HUB}/{info.timm}/resolve/main/model.safetensors there"
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
