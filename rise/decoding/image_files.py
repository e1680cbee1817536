"""List the image files of a dataset in torchvision's order, or name the files out of place."""

from dataclasses import dataclass
from pathlib import Path

from rise.catalog.schema import Dataset
from rise.decoding.scan import scan
from rise.errors import DataError


@dataclass(frozen=True)
class ImageFile:
    """A file: its domain and class, its path "<domain folder>/<class>/<file>", and its rank.

    rank counts from 0 within the domain as torchvision's ImageFolder does: classes in ASCII order,
    then files by name.
    """

    domain: str
    label: str
    path: str
    rank: int


def list_files(name: str, entry: Dataset, root: Path) -> list[ImageFile]:
    """List all files of a dataset, by domain in catalogue order and then by rank.

    Raises:
        DataError: a domain's folder is missing or empty, or holds something that is no folder of a
            class or no image.
    """
    images, strays = scan(root, entry)
    for place, what in strays.items():
        raise DataError(f"{root / place}: {what}; fix it, then run rise data verify {name}")
    by_folder: dict[str, list[str]] = {}
    for path in images:
        by_folder.setdefault(path.partition("/")[0], []).append(path)
    found = []
    for domain in entry.domains:
        folder = entry.folder_of(domain)
        if folder not in by_folder:
            raise DataError(f"{root / folder}: holds no images; fetch {name} again")
        found += [
            ImageFile(domain, path.split("/")[1], path, rank)
            for rank, path in enumerate(by_folder[folder])
        ]
    return found
