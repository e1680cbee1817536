"""Recognise a user's copy: a folder of images, an archive, or the files of a source."""

from pathlib import Path
from typing import NamedTuple

from rise.acquisition.download import file_name
from rise.acquisition.layouts import find_domains
from rise.catalog.schema import Dataset, Protocol
from rise.errors import DataError


class Origin(NamedTuple):
    """The origin of a tree of files, its layout, and the protocols it can serve."""

    title: str
    layout: str
    protocols: list[Protocol]


def recognise(local_copy: Path, entry: Dataset) -> tuple[Origin, list[Path]]:
    """Tell what a local copy is, and which files to unpack (none: it is a tree of images).

    Raises:
        DataError: a folder in which nothing of the dataset can be seen.
    """
    every = list(entry.protocols)
    nameless: list[Protocol] = [protocol for protocol in every if protocol != "domainbed"]
    if local_copy.is_file():
        if local_copy.suffix == ".parquet":
            return Origin(local_copy.name, "parquet", nameless), [local_copy]
        return Origin(local_copy.name, "folders", every), [local_copy]
    if find_domains(local_copy, entry):
        return Origin(local_copy.name, "folders", every), []
    for source in entry.sources:
        paths = [local_copy / file_name(file) for file in source.files]
        if source.kind != "huggingface" and all(path.is_file() for path in paths):
            return Origin(local_copy.name, source.layout, source.protocols), paths
    if any(local_copy.rglob("*.parquet")):
        return Origin(local_copy.name, "parquet", nameless), []
    names = ", ".join(map(entry.folder_of, entry.domains))
    raise DataError(
        f"{local_copy}: contains neither a folder with the domains {names} nor a known archive"
    )
