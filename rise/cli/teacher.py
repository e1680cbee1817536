"""Teachers: what they say about texts and images, and the weights that the repository ships."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli import build

app = typer.Typer(help="Texts and banks, and the shipped weights.", no_args_is_help=True)
Request = Annotated[
    Path, typer.Argument(metavar="REQUEST", help="request.json of a unit that needs it.")
]


@app.command()
def texts(request: Request) -> None:
    """Embed a dataset's class texts and anchors."""
    from rise import catalogue
    from rise.requests import read_request
    from rise.teachers.texts import build_texts

    asked = read_request(request)
    entry = catalogue.dataset(asked["identity"]["dataset"]["name"], asked["folder"])
    build_texts(entry, asked["identity"]["teacher"]["name"], Path(asked["texts"]))


@app.command()
def bank(request: Request) -> None:
    """Embed every view of every image of a dataset, one file a domain."""
    from rise.requests import read_request
    from rise.teachers.bank import build_bank

    asked = read_request(request)
    build_bank(asked, Path(asked["bank"]))


@app.command()
def zero_shot(request: Request) -> None:
    """Score the teacher itself on the plain images of a dataset."""
    from rise.experiment import zero_shot_path
    from rise.requests import read_request
    from rise.teachers.zero_shot import zero_shot as score

    asked = read_request(request)
    dataset, teacher = (asked["identity"][key] for key in ("dataset", "teacher"))
    out = zero_shot_path(asked["experiment"], dataset, teacher)
    score(Path(asked["pack"]), Path(asked["texts"]), teacher["name"], out)


app.command()(build.pretrain_tiny)
app.command()(build.pretrain_student)
