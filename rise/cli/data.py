"""Data: list, fetch, verify, decode and show datasets."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli import decoded
from rise.cli.common import progress_bar

app = typer.Typer(help="Datasets: list, fetch, verify, decode.", no_args_is_help=True)

DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The data folder; else $RISE_DATA, else data/datasets."),
]


@app.command("list")
def list_datasets(data_dir: DataDir = None) -> None:
    """List the datasets, their licences, and which are here."""
    from rise.acquisition.overview import overview
    from rise.catalog.data_dir import data_folder

    typer.echo(overview(data_folder(data_dir)))


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="DATASET")],
    source: Annotated[
        int | None, typer.Option(metavar="N", help="Use only this source, counted from 1.")
    ] = None,
    local_copy: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="An archive or folder that you already have."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Fetch a dataset into the data folder, every image checked.

    Downloads it from its sources, or takes a local copy (--from)."""
    from rise.acquisition.fetch import fetch_dataset
    from rise.catalog import lookup
    from rise.catalog.data_dir import data_folder
    from rise.errors import ConfigError, unknown

    known = lookup.datasets()
    if name not in known:
        raise ConfigError(unknown("dataset", name, known))
    if source is not None and local_copy is not None:
        raise ConfigError("--from and --source cannot be combined; leave one out")
    with progress_bar(f"fetching {name}") as progress:
        folder = fetch_dataset(
            name, known[name], data_folder(data_dir), source, local_copy, progress, _say
        )
    typer.echo(folder)


@app.command()
def verify(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", help="A name, or the folder of a custom dataset.")
    ],
    data_dir: DataDir = None,
) -> None:
    """Check every image of a dataset.

    Opens all images, and compares them with the catalog and with the dataset's manifest."""
    from rise.acquisition.verify import record, verify
    from rise.catalog import lookup
    from rise.catalog.custom_dataset import read_custom
    from rise.catalog.data_dir import data_folder, dataset_folder
    from rise.errors import ConfigError, DataError, unknown

    known = lookup.datasets()
    if dataset not in known and not Path(dataset).is_dir():
        raise ConfigError(unknown("dataset or folder", dataset, known))
    entry = known[dataset] if dataset in known else read_custom(Path(dataset))
    if entry.embedded:
        raise ConfigError(f"{dataset}: is shipped with the repository; rise data decode checks it")
    folder = dataset_folder(data_folder(data_dir), dataset, entry)
    with progress_bar("listing files") as progress:
        report = verify(folder, entry, progress)
    typer.echo(report.text())
    if report.fatal:
        raise DataError(f"{folder}: has {len(report.fatal)} faults, listed above; repair the files")
    if path := record(folder, dataset, report):
        typer.echo(f"recorded in {path}: from now on, a changed file counts as a fault")


def _say(text: str) -> None:
    typer.echo(text, err=True)


app.command("decode")(decoded.decode_dataset)
app.command()(decoded.show)
