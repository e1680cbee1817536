"""Teachers: what they say about texts and images, and the weights that the repository ships."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import progress_bar

app = typer.Typer(
    help="Text embeddings, embedding caches, and the shipped weights.", no_args_is_help=True
)
Request = Annotated[
    Path, typer.Argument(metavar="REQUEST", help="request.json of a unit that needs it.")
]


@app.command("list")
def list_() -> None:
    """List the teachers of the catalogue, and which are here."""
    from tabulate import tabulate

    from rise.acquisition.teacher_files import teacher_rows

    head = ("name", "pixels", "width", "context", "file", "")
    typer.echo(tabulate(teacher_rows(), headers=head, disable_numparse=True))


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of rise teacher list.")],
) -> None:
    """Download a teacher's weights, checked by their sha256."""
    from rise.acquisition.teacher_files import fetch_teacher

    typer.echo(fetch_teacher(name))


@app.command()
def text_file(
    array: Annotated[Path, typer.Option("--from", metavar="FILE.npy", help="Embeddings (N, D).")],
    rows: Annotated[str, typer.Option(metavar="CLASS=ROW,...", help="Row of each class, from 0.")],
    source: Annotated[str, typer.Option(help="Where the embeddings are from.")],
    out: Annotated[Path, typer.Option(metavar="FILE.npz", help="File to be written.")],
    prompt: Annotated[list[str], typer.Option(help='Their prompts, as "a {}".')],
) -> None:
    """Make a text-only teacher from rows of an array."""
    from rise.errors import ConfigError
    from rise.teachers.text_file import make_text_file

    pairs = [part.partition("=") for part in rows.split(",")]
    if bad := [name for name, _, row in pairs if not name or not row.strip().isdigit()]:
        raise ConfigError(f"--rows: {bad[0]!r} has no row; write CLASS=ROW,CLASS=ROW")
    named = {name.strip(): int(row) for name, _, row in pairs}
    make_text_file(array, named, prompt, source, out)
    typer.echo(f"{out}: {len(named)} classes")


@app.command()
def distances(
    texts: Annotated[Path, typer.Argument(metavar="FILE.npz", help="Texts with anchors.")],
    temperature: Annotated[float, typer.Option(help="Of RD's softmax.")] = 1.0,
) -> None:
    """Say how large AD and RD are on a teacher's texts."""
    from tabulate import tabulate

    from rise.teachers.distances import read_sides, sizes

    head = ("student's embedding", "AD", "RD", "slope RD / AD")
    typer.echo(tabulate(sizes(*read_sides(texts), temperature), headers=head, floatfmt=".2g"))


@app.command()
def texts(request: Request) -> None:
    """Embed a dataset's class texts and anchors."""
    from rise.experiment.read_job import read_job
    from rise.teachers.build_text_embeddings import build_texts

    build_texts(read_job(request))


@app.command()
def embed(request: Request) -> None:
    """Embed every view of every image of a dataset; interrupted, it goes on where it stopped."""
    from rise.experiment.read_job import read_job
    from rise.teachers.build_embedding_cache import build_cache

    job = read_job(request)
    with progress_bar("views") as progress:
        build_cache(job, progress)


@app.command()
def zero_shot(request: Request) -> None:
    """Score the teacher itself on the plain images of a dataset, by domain and class."""
    from rise.experiment.read_job import read_job
    from rise.teachers.zero_shot import table
    from rise.teachers.zero_shot import zero_shot as score

    typer.echo(table(score(read_job(request))))
