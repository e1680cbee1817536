"""Decode a dataset once, and look at the decoded dataset."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import progress_bar

Name = Annotated[
    str, typer.Argument(metavar="DATASET", help="A name, or the folder of a custom dataset.")
]


def decode_dataset(
    name: Name,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: all).")] = None,
) -> None:
    """Decode a dataset once into work/decoded; interrupted, it goes on where it stopped."""
    from rise.runtime.prepare import decode

    with progress_bar("reading files") as progress:
        folder, built = decode(name, workers, progress)
    if built:
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
    from rise.runtime.prepare import find_dataset

    _, _, folder, _ = find_dataset(name)
    if not folder.is_dir():
        again = f"rise data decode {shlex.quote(name)}"
        raise DataError(f"{folder}: it is not decoded yet; run {again}")
    path = out or Path(f"{Path(name).resolve().name}.png")
    contact_sheet(open_decoded(folder), path, each)
    typer.echo(path)
