"""Find the files of a dataset's folder by name: images in their places, and strays."""

from pathlib import Path
from typing import NamedTuple

from rise.catalog.data_dir import visible
from rise.catalog.schema import Dataset
from rise.errors import DataError

# The suffixes that torchvision's ImageFolder takes for images.
SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


class FolderListing(NamedTuple):
    """Image paths `<domain folder>/<class>/<file>`, and strays: where -> what it is."""

    images: list[str]
    strays: dict[str, str]


def scan(folder: Path, entry: Dataset) -> FolderListing:
    """List a dataset's folder in the manifest's order; files directly in it are ignored.

    Raises:
        DataError: a part of it may not be looked at.
    """
    try:
        return _scan(folder, entry)
    except OSError as error:
        raise DataError(
            f"{error.filename}: cannot be looked at ({error.strerror}); is {folder} a dataset?"
        ) from error


def _scan(folder: Path, entry: Dataset) -> FolderListing:
    domains = {entry.folder_of(domain) for domain in entry.domains}
    images: list[str] = []
    strays: dict[str, str] = {}
    for domain in visible(folder):
        if not domain.is_dir():
            continue
        if domain.name not in domains:
            strays[domain.name] = f"no domain ({_holds(domain)})"
            continue
        for label in visible(domain):
            if not label.is_dir():
                strays[f"{domain.name}/{label.name}"] = "a file outside the class folders"
            elif label.name not in entry.classes:
                strays[f"{domain.name}/{label.name}"] = f"no class ({_holds(label)})"
            else:
                _scan_class(f"{domain.name}/{label.name}", label, images, strays)
    return FolderListing(images, strays)


def _scan_class(place: str, folder: Path, images: list[str], strays: dict[str, str]) -> None:
    for file in visible(folder):
        if file.is_dir():
            strays[f"{place}/{file.name}"] = f"a folder inside a class ({_holds(file)})"
        elif file.suffix.lower() not in SUFFIXES:
            strays[f"{place}/{file.name}"] = "not named like an image"
        else:
            images.append(f"{place}/{file.name}")


def _holds(folder: Path) -> str:
    files = sum(path.is_file() for path in folder.rglob("*"))
    return f"{files} files in it"
