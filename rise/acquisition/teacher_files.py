"""Fetch a published teacher's file, checked against the sha256 that the catalog pins."""

from pathlib import Path

from rise.catalog import lookup
from rise.catalog.schema import Teacher
from rise.errors import DataError
from rise.utils.io import file_digest


def fetch_teacher(name: str) -> Path:
    """Download a teacher's file unless the right one is there; shows its progress.

    A broken download leaves nothing and starts again from the beginning.

    Raises:
        ConfigError: no such teacher.
        DataError: it cannot be fetched; names the file, where to get it and where to put it.
    """
    entry = lookup.teacher(name)
    path = Path(entry.file)
    if path.is_file() and file_digest(path) == entry.sha256:
        return path
    if entry.url is None:
        raise DataError(f"{path}: cannot be fetched; {entry.advice}")
    _download(entry, entry.url, path)
    return path


def _download(entry: Teacher, url: str, path: Path) -> None:
    import pooch

    try:
        pooch.retrieve(url, f"sha256:{entry.sha256}", path.name, path.parent, progressbar=True)
    except (OSError, ValueError) as error:  # requests' errors are OSErrors
        why = "its sha256 differs" if isinstance(error, ValueError) else type(error).__name__
        raise DataError(
            f"{entry.name} could not be fetched ({why}): get {url} and put it at {path}"
        ) from error


def teacher_rows() -> list[list[str]]:
    """List the name, image size, width, context, file and state of every teacher."""
    return [
        [
            entry.name,
            *(str(number) for number in (entry.image_size, entry.width, entry.context)),
            entry.file,
            "here" if Path(entry.file).is_file() else "not fetched",
        ]
        for entry in lookup.teachers().values()
    ]
