"""Rebuild what the repository ships: `python -m data.build --help`, in the checkout.

Needs the extra `dev` (the lock has it), and npm where icon sets are fetched.
"""

from pathlib import Path

import typer

from rise.cli.common import progress_bar

app = typer.Typer(
    help="Rebuild the embedded benchmark's images, teacher and student.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command()
def emoji(tarballs: Path, out: Path = Path("data/emoji")) -> None:
    """Render EmojiDG from the icon sets in TARBALLS (absent ones are fetched by npm pack)."""
    from data.build.emoji import build

    with progress_bar("reading icons") as progress:
        build(tarballs, out, progress)


@app.command()
def teacher(tarballs: Path, out: Path = Path("data/teachers"), threads: int = 2) -> None:
    """Train the embedded teacher, tiny-clip, on drawings of the teacher vendors (minutes)."""
    from data.build.pretrain_teacher import pretrain_tiny

    with progress_bar("reading icons") as progress:
        pretrain_tiny(tarballs, out, threads, progress=progress)


@app.command()
def student(tarballs: Path, out: Path = Path("data/students"), threads: int = 2) -> None:
    """Train the starting weights of the embedded student, tiny-resnet (minutes)."""
    from data.build.pretrain_student import pretrain_student

    with progress_bar("reading icons") as progress:
        pretrain_student(tarballs, out, threads, progress=progress)


if __name__ == "__main__":
    from rise.cli import run_app

    run_app(app)
