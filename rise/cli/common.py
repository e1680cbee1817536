"""What several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rise.config import Experiment

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
