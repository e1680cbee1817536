"""Teachers: list, fetch, and compute embeddings of texts and images."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import progress_bar

app = typer.Typer(
    help="Teachers: list, fetch weights, embed texts and images.", no_args_is_help=True
)
Request = Annotated[
    Path, typer.Argument(metavar="REQUEST", help="request.json of a unit that needs it.")
]


@app.command("list")
def list_() -> None:
    """List the teachers of the catalog, and say which are here."""
    from tabulate import tabulate

    from rise.acquisition.teacher_files import teacher_rows

    head = ("name", "pixels", "width", "context", "file", "")
    typer.echo(tabulate(teacher_rows(), headers=head, disable_numparse=True))


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of rise teacher list.")],
) -> None:
    """Download a teacher's weights and check their sha256."""
    from rise.acquisition.teacher_files import fetch_teacher

    typer.echo(fetch_teacher(name))


@app.command()
def text_file(
    array: Annotated[Path, typer.Option("--from", metavar="FILE.npy", help="Embeddings (N, D).")],
    rows: Annotated[
        str, typer.Option(metavar="CLASS=ROW,...", help="Row of each class, counted from 0.")
    ],
    source: Annotated[str, typer.Option(help="Origin of the embeddings, for the reader.")],
    out: Annotated[Path, typer.Option(metavar="FILE.npz", help="File to write.")],
    prompt: Annotated[
        list[str], typer.Option(help='A prompt used for them, such as "a {}"; may be repeated.')
    ],
) -> None:
    """Make a text-only teacher from the rows of an array."""
    import csv

    from rise.errors import ConfigError
    from rise.teachers.text_file import make_text_file

    # Quoted as in a CSV file, a name may hold a comma; the last = is the one before the row.
    pairs = [part.rpartition("=") for part in next(csv.reader([rows]), [])]
    if bad := [name or row for name, _, row in pairs if not name or not row.strip().isdigit()]:
        raise ConfigError(f"--rows: {bad[0]!r} has no row; write CLASS=ROW,CLASS=ROW")
    named = {name.strip(): int(row) for name, _, row in pairs}
    make_text_file(array, named, prompt, source, out)
    typer.echo(f"{out}: {len(named)} classes")


@app.command()
def distances(
    texts: Annotated[Path, typer.Argument(metavar="FILE.npz", help="File of texts with anchors.")],
    temperature: Annotated[float, typer.Option(help="Temperature of RD's softmax.")] = 1.0,
) -> None:
    """Print the size of the AD and RD losses on a teacher's texts."""
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
    """Embed every view of every image of a dataset.

    Continues after an interruption.
    """
    from rise.experiment.read_job import read_job
    from rise.runtime.prepare import on_sound_inputs
    from rise.teachers.build_embedding_cache import build_cache

    job = read_job(request)
    with progress_bar("views") as progress:
        on_sound_inputs(job, lambda: build_cache(job, progress))


@app.command()
def zero_shot(request: Request) -> None:
    """Compute the teacher's zero-shot accuracy on a dataset."""
    from rise.experiment.read_job import read_job
    from rise.runtime.prepare import on_sound_inputs
    from rise.teachers.zero_shot import table
    from rise.teachers.zero_shot import zero_shot as score

    job = read_job(request)
    typer.echo(table(on_sound_inputs(job, lambda: score(job))))
