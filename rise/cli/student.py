"""Students: list, fetch starting weights, export trained ones."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Students: list, fetch weights, export.", no_args_is_help=True)


@app.command("list")
def listed() -> None:
    """List the students: timm's tag, input size, weights."""
    from rise.catalog.start_weights import weights_file
    from rise.catalog.students import students
    from rise.utils.text_grid import text_grid

    rows = [("student", "timm", "px", "weights")]
    for name, info in students().items():
        path = weights_file(name)
        state = str(path) if path.is_file() else f"missing: rise student fetch {name}"
        rows.append((name, info.timm or "-", str(info.image_size), state))
    typer.echo(text_grid(rows, right=[2]))
    typer.echo("timm:NAME is any network of timm; timm:NAME.TAG also names its weights.")


@app.command()
def fetch(name: Annotated[str, typer.Argument(metavar="STUDENT")]) -> None:
    """Fetch a student's starting weights into data/students."""
    from rise.catalog.start_weights import fetch_weights, start_fault
    from rise.errors import ConfigError

    if fault := start_fault(name, "pretrained"):
        raise ConfigError(fault)
    typer.echo(fetch_weights(name))


@app.command()
def export(
    unit: Annotated[Path, typer.Argument(metavar="UNIT", help="Folder of a finished unit.")],
    out: Annotated[Path, typer.Option(help="A .safetensors file; its card is written next to it.")],
) -> None:
    """Write a unit's selected student as one file, with a card."""
    from rise.training.export import export_student

    typer.echo(f"{out} {export_student(unit, out)}")
