"""Commands that rebuild what the repository ships: the benchmark's images, teacher and student."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def build_emoji(tarballs: Path, out: Path = Path("data/emoji")) -> None:
    """Render EmojiDG from the icon sets in TARBALLS (absent ones are fetched by npm pack)."""
    from rise.datasets.emoji import build

    with _bar() as progress:
        build(tarballs, out, progress)


def pretrain_tiny(tarballs: Path, out: Path = Path("data/teachers"), threads: int = 2) -> None:
    """Train the embedded teacher, tiny-clip, on drawings of the teacher vendors (minutes)."""
    from rise.teachers.pretrain import pretrain_tiny

    with _bar() as progress:
        pretrain_tiny(tarballs, out, threads, progress=progress)


def pretrain_student(tarballs: Path, out: Path = Path("data/students"), threads: int = 2) -> None:
    """Train the starting weights of the embedded student, tiny-resnet (minutes)."""
    from rise.teachers.pretrain_student import pretrain_student

    with _bar() as progress:
        pretrain_student(tarballs, out, threads, progress=progress)


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar with the time left, as the function that long work calls."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reading icons", total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield report
