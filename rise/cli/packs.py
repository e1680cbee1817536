"""Packs: decode a dataset once, and look at what came out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rise.cli.common import progress_bar

if TYPE_CHECKING:
    from rise.catalog.schema import Dataset

Name = Annotated[
    str, typer.Argument(metavar="DATASET", help="A name, or the folder of an own dataset.")
]


def pack(
    name: Name,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: all).")] = None,
) -> None:
    """Decode a dataset once into work/packs; interrupted, it goes on where it stopped."""
    from rise.catalog.data_dir import data_folder, dataset_folder
    from rise.decoding.build_arrays import build_from_arrays
    from rise.decoding.build_folders import build_from_folders
    from rise.decoding.manifest import KEPT_NAMES, read_about
    from rise.errors import DataError

    entry, dataset, folder, manifest = _found(name)
    if entry.embedded:
        build_from_arrays(dataset, entry, folder)
    else:
        if manifest is None:
            raise DataError(f"{name}: is not here; run rise data fetch {name}, or set RISE_DATA")
        root = dataset_folder(data_folder(), name, entry)
        # Without their published names DomainBed's split cannot be made.
        named = read_about(root).get("names", KEPT_NAMES) == KEPT_NAMES
        with progress_bar("reading files") as progress:
            built = build_from_folders(
                dataset,
                entry,
                root,
                folder,
                manifest=manifest,
                named=named,
                workers=workers,
                progress=progress,
            )
        typer.echo(
            f"{built.images:,} images, {built.bytes / 1e9:.2f} GB; {built.duplicates} equal files "
            f"left out, {built.kept:,} images kept from an interrupted run",
            err=True,
        )
    typer.echo(folder)


def show(
    name: Name,
    each: Annotated[int, typer.Option(min=1, help="Images of a class and domain.")] = 3,
    out: Annotated[Path | None, typer.Option(help="The PNG (default: DATASET.png).")] = None,
) -> None:
    """Draw a contact sheet of a decoded dataset: classes in rows, domains in columns."""
    from rise.datasets.decoded import open_decoded
    from rise.decoding.contact_sheet import contact_sheet
    from rise.errors import DataError

    _, _, folder, _ = _found(name)
    if not folder.is_dir():
        raise DataError(f"{folder}: it is not decoded yet; run rise data pack {name}")
    path = out or Path(f"{Path(name).name}.png")
    contact_sheet(open_decoded(folder), path, each)
    typer.echo(path)


def _found(name: str) -> tuple["Dataset", str, Path, str | None]:
    """Entry, name, decoded folder and manifest of a name, or of a custom dataset's folder."""
    from rise.catalog import lookup
    from rise.catalog.data_dir import recorded_manifest
    from rise.experiment.paths import decoded_path
    from rise.planning.identities import dataset_identity

    own = name if name not in lookup.datasets() and Path(name).is_dir() else None
    entry = lookup.dataset(name, own)
    manifest = recorded_manifest(name, entry)
    identity = dataset_identity(name, own)
    return entry, identity.name, decoded_path(identity, manifest), manifest
