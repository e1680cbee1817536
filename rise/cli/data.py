"""Data: packs, and the embedded benchmark's images."""

from typing import Annotated

import typer

from rise.cli import build

app = typer.Typer(help="Packs, and the embedded images.", no_args_is_help=True)


@app.command()
def pack(name: Annotated[str, typer.Argument(metavar="DATASET")]) -> None:
    """Decode a dataset once, after checking its files, into work/packs."""
    from rise import catalogue
    from rise.datasets.pack import build_pack
    from rise.errors import ConfigError, unknown
    from rise.experiment import pack_path

    known = catalogue.datasets()
    if name not in known:
        raise ConfigError(unknown("dataset", name, known))
    build_pack(name, known[name], pack_path(name))
    typer.echo(pack_path(name))


app.command()(build.build_emoji)
