"""The command line: expected errors are one sentence with exit status 1."""

import sys
from collections.abc import Callable
from io import TextIOWrapper

from rise.errors import RiseError


def main() -> None:
    """Run the console script."""
    from rise.cli.app import app

    # A name may hold what this terminal's encoding lacks: it is written as its number.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    run_app(app)


def run_app(app: Callable[[], None]) -> None:
    """Run a command line; an expected error becomes one sentence and exit status 1."""
    try:
        app()
    except RiseError as error:
        sys.exit("\n".join(f"rise: {line}" for line in str(error).splitlines()))
