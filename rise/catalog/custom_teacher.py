"""A custom teacher: a CLIP checkpoint or a file of class texts, identified by its bytes.

It is read without torch when an experiment is planned.
"""

import functools
import zipfile
from collections.abc import Mapping
from pathlib import Path

from rise.catalog.architecture import architecture_of
from rise.catalog.schema import Teacher
from rise.errors import DataError
from rise.experiment.identity import Architecture
from rise.utils.io import digest, file_digest

TEXTS = (".npz", ".npy")
WEIGHTS = (".pt", ".pth", ".bin", ".safetensors")


def has_teacher_suffix(given: str) -> bool:
    """Say whether a teacher's name has the suffix of a file of weights or texts."""
    return Path(given).suffix in (*TEXTS, *WEIGHTS)


def read_teacher_file(given: str, known: Mapping[str, Architecture | None]) -> Teacher:
    """Describe a teacher's file, identified by stem and sha256.

    Args:
        given: its path.
        known: the architecture of published weights, by their sha256.

    Raises:
        DataError: a file is missing or cannot be read, holds code of unknown origin, or nothing
            says which network its weights are of.
    """
    path = Path(given)
    return _text_file(path, given) if path.suffix in TEXTS else _weights_file(path, given, known)


def _weights_file(path: Path, given: str, known: Mapping[str, Architecture | None]) -> Teacher:
    sha256 = _digest(path)
    if sha256 in known:
        return Teacher(
            name=path.stem, file=given, sha256=sha256, published=True, architecture=known[sha256]
        )
    if _is_torchscript(path):
        raise DataError(
            f"{path}: is a TorchScript archive, and loading one runs the code in it; where you "
            "trust it, write its tensors to a new file with "
            "torch.save(torch.jit.load(FILE, 'cpu').state_dict(), NEW)"
        )
    return Teacher(name=path.stem, file=given, sha256=sha256, architecture=architecture_of(path))


def _text_file(path: Path, given: str) -> Teacher:
    """Describe class texts; without anchors they serve the methods that read none."""
    sha256 = _digest(path)
    if path.suffix == ".npy":
        sha256 = digest([sha256, _digest(path.with_suffix(".yaml"))])
    try:
        has_anchors = path.suffix == ".npz" and _has_anchors(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read ({error}); create it again") from error
    return Teacher(
        name=path.stem, file=given, sha256=sha256, text_only=True, has_anchors=has_anchors
    )


def _has_anchors(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return "anchors.npy" in archive.namelist()


def _is_torchscript(path: Path) -> bool:
    """Say whether a file is what torch.jit.save writes; torch.load knows it by the same entry."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.rpartition("/")[2] == "constants.pkl" for name in archive.namelist())


def _digest(path: Path) -> str:
    if not path.is_file():
        raise DataError(f"{path}: is missing; give the path of a teacher file")
    try:
        return _file_digest(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error}); create it again") from error


@functools.cache
def _file_digest(path: Path, changed: int) -> str:
    """Compute the sha256 of a file; cached until the file changes, since weights are large."""
    return file_digest(path)
