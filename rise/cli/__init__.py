"""The command line: expected errors are one sentence with exit status 1."""

import sys
import traceback
from collections.abc import Callable
from io import TextIOWrapper

from rise.errors import RiseError
from rise.utils.causes import STOPPED, cause, reason


def main() -> None:
    """Run the console script."""
    from rise.cli.app import app

    # A name may hold what this terminal's encoding lacks: it is written as its number.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    run_app(app)


def run_app(app: Callable[[], None]) -> None:
    """Run a command line; an expected error becomes one sentence and exit status 1.

    So does what the system refuses (a full disk, missing rights). Of any other error the traceback
    follows the sentence: in a custom method it shows the owner the line.
    """
    try:
        app()
    except RiseError as error:
        sys.exit("\n".join(f"rise: {line}" for line in str(error).splitlines()))
    except Exception as error:
        if said := cause(error):
            sys.exit(f"rise: {said}")
        last = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"{STOPPED} {reason(error)} (in {last.filename}, line {last.lineno}); mend it if "
            "the file is yours, else report it with the lines below",
            file=sys.stderr,
        )
        traceback.print_exc()
        sys.exit(1)
