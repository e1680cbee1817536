"""Helpers that several commands share."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rise.config.load import Experiment
    from rise.results.expected import Expected

LINE_SECONDS = 60.0
DEMO = Path("config/demo.yaml")
Config = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG", help="Experiment file (or the experiment.json of a results folder)."
    ),
]


def read_experiment(path: Path) -> "Experiment":
    """Read an experiment file, or the resolved experiment.json of a results folder.

    Raises:
        RiseError: it cannot be read, or has a fault.
    """
    from rise.config.load import load
    from rise.planning.plan import read_resolved

    return read_resolved(path) if path.suffix == ".json" else load(path)


def expected_of(source: Path) -> "Expected":
    """Return what a folder of results (by its records) or an experiment file should contain.

    Raises:
        RiseError: it cannot be read, or has a fault.
    """
    from rise.planning.asked import asked
    from rise.results.expected import agreed

    return agreed(source) if source.is_dir() else asked(read_experiment(source))


class _Lines:
    """Progress for a log: a first line, then at most one per minute with the time left."""

    def __init__(self) -> None:
        self.what = ""
        self.begun = self.said = 0.0
        self.first = 0

    def report(self, what: str, done: int, total: int) -> None:
        """Print a line if it is time for one."""
        now = time.monotonic()
        if what != self.what:
            self.what, self.begun, self.first = what, now, done
        elif now - self.said < LINE_SECONDS and done < total:
            return
        self.said = now
        line = f"{what}: {done:,} of {total:,}"
        if self.first < done < total:
            left = (now - self.begun) / (done - self.first) * (total - done)
            line += f", {timedelta(seconds=round(left))} left"
        typer.echo(line, err=True)


@contextmanager
def progress_bar(start: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar with the time left (lines in a log); yields the function to report to."""
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
        TextColumn("{task.description}", markup=False),  # a name may hold brackets
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines().report
        return
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(start, total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield report
