"""The command line: `rise --help` teaches; expected errors are one sentence and exit 1."""

import sys

from rise.errors import RiseError


def main() -> None:
    """Entry point of the console script."""
    from rise.cli.app import app

    try:
        app()
    except RiseError as error:
        sys.exit("\n".join(f"rise: {line}" for line in str(error).splitlines()))
