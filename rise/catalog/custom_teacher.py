"""A custom teacher: a CLIP checkpoint or a file of class texts, identified by its bytes.

It is read without torch when an experiment is planned.
"""

import functools
import zipfile
from pathlib import Path

from rise.catalog.schema import Teacher
from rise.errors import DataError
from rise.utils.io import digest, file_digest

TEXTS = (".npz", ".npy")
WEIGHTS = (".pt", ".pth", ".bin", ".safetensors")


def has_teacher_suffix(given: str) -> bool:
    """Say whether a teacher's name has the suffix of a file of weights or texts."""
    return Path(given).suffix in (*TEXTS, *WEIGHTS)


def read_teacher_file(given: str) -> Teacher:
    """Describe a teacher's file, identified by stem and sha256.

    Raises:
        DataError: a file is missing or cannot be read.
    """
    path = Path(given)
    text_only = path.suffix in TEXTS
    files = (path, path.with_suffix(".yaml")) if path.suffix == ".npy" else (path,)
    for file in files:
        if not file.is_file():
            raise DataError(f"{file}: is missing; give the path of a teacher file")
    try:
        # Texts without anchors serve the methods that read none.
        has_anchors = not text_only or _has_anchors(path)
        digests = [_file_digest(file, file.stat().st_mtime_ns) for file in files]
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read ({error}); create it again") from error
    return Teacher(
        name=path.stem,
        file=given,
        sha256=digests[0] if len(digests) == 1 else digest(digests),
        text_only=text_only,
        has_anchors=has_anchors,
    )


def _has_anchors(path: Path) -> bool:
    if path.suffix == ".npy":
        return False
    with zipfile.ZipFile(path) as archive:
        return "anchors.npy" in archive.namelist()


@functools.cache
def _file_digest(path: Path, changed: int) -> str:
    """Compute the sha256 of a file; cached until the file changes, since weights are large."""
    return file_digest(path)
