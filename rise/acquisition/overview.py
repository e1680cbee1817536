"""List the datasets of the catalog, and say which are in a data folder."""

from pathlib import Path

from tabulate import tabulate

from rise.catalog import lookup
from rise.catalog.data_dir import dataset_folder
from rise.catalog.schema import Dataset

COLUMNS = ("name", "revision", "images", "domains", "classes", "licence", "here?")


def overview(data: Path) -> str:
    """Lay out a table of all datasets, with the command that fetches one that is not here."""
    rows = [
        (
            name,
            entry.revision,
            entry.images or "not known",
            len(entry.domains),
            len(entry.classes),
            entry.licence,
            _here(name, entry, data),
        )
        for name, entry in lookup.datasets().items()
    ]
    widths = [None, None, None, None, None, 34, None]
    return f"{tabulate(rows, COLUMNS, maxcolwidths=widths)}\n\nData folder: {data}"


def _here(name: str, entry: Dataset, data: Path) -> str:
    if entry.embedded:
        return "in the repository"
    if dataset_folder(data, name, entry).is_dir():
        return "yes"
    return f"rise data fetch {name}" + ("" if entry.sources else " --from PATH")
