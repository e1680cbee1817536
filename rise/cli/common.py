"""What several commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rise.config import Experiment
    from rise.expected import Expected

DEMO = Path("config/demo.yaml")
Config = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="Experiment file (or a results' experiment.json).")
]


def read_experiment(path: Path) -> "Experiment":
    """Read an experiment file, or the resolved experiment.json of a results folder.

    Raises:
        RiseError: it cannot be read, or has a fault.
    """
    from rise.config import load
    from rise.plan import read_resolved

    return read_resolved(path) if path.suffix == ".json" else load(path)


def expected_of(source: Path) -> "Expected":
    """What a folder of results should hold: as its records agree, or as an experiment file asks.

    Raises:
        RiseError: it cannot be read, or has a fault.
    """
    from rise.expected import agreed, asked

    return agreed(source) if source.is_dir() else asked(read_experiment(source))


@contextmanager
def progress_bar(start: str) -> Iterator[Callable[[str, int, int], None]]:
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
        task = bar.add_task(start, total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield report
