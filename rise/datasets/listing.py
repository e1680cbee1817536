"""The files of an image-folder dataset, `<root>/<domain folder>/<class>/<file>`, in order."""

import os
from dataclasses import dataclass
from pathlib import Path

from rise.entries import Dataset
from rise.errors import DataError, unknown

# What torchvision's ImageFolder takes for an image.
IMAGES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
LEFT_BEHIND = {"thumbs.db", "desktop.ini"}  # by file managers; names with a dot in front also


@dataclass(frozen=True)
class ImageFile:
    """A file: its dataset's domain and class, "<domain folder>/<class>/<file>", and its place.

    rank counts from 0 inside the domain as torchvision's ImageFolder does: classes in ASCII order,
    files by name.
    """

    domain: str
    label: str
    path: str
    rank: int


def list_files(name: str, entry: Dataset, root: Path) -> list[ImageFile]:
    """All files of a dataset, by domain in catalogue order and then by rank.

    Raises:
        DataError: a domain's folder is missing or empty, or something is there that is no class's
            folder or no image.
    """
    found = []
    for domain, about in entry.domains.items():
        folder = about.folder or domain
        paths = [
            (label, f"{folder}/{label}/{file}")
            for label in _classes(name, entry, root / folder)
            for file in _images(root / folder / label)
        ]
        if not paths:
            raise DataError(f"{root / folder}: holds no images; fetch {name} again")
        found += [ImageFile(domain, *named, rank) for rank, named in enumerate(paths)]
    return found


def _classes(name: str, entry: Dataset, folder: Path) -> list[str]:
    inside = _names(folder)
    for label in inside:
        if label not in entry.classes:
            raise DataError(
                f"{folder / label}: {unknown(f'class of {name}', label, entry.classes)}"
            )
    return inside


def _images(folder: Path) -> list[str]:
    inside = _names(folder)
    for file in inside:
        if not file.lower().endswith(IMAGES) or not (folder / file).is_file():
            raise DataError(
                f"{folder / file}: is no image file that the published loaders would see "
                f"({', '.join(IMAGES)}); take it away"
            )
    return inside


def _names(folder: Path) -> list[str]:
    try:
        inside = sorted(os.listdir(folder))
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be listed ({error.strerror}); images lie in "
            "<domain folder>/<class>/<file>"
        ) from error
    kept = [name for name in inside if name[0] != "." and name.lower() not in LEFT_BEHIND]
    for name in kept:
        try:
            name.encode()
        except UnicodeEncodeError:  # bytes that are no UTF-8
            raise DataError(f"{str(folder / name)!a}: its name is no UTF-8; rename it") from None
    return kept
