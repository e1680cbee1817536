"""The errors that a user can mend: a message is one sentence saying what, where, what to do."""

import difflib
from collections.abc import Iterable
from pathlib import Path


class RiseError(Exception):
    """Base of all expected errors; the command line prints the message and exits 1."""


class ConfigError(RiseError):
    """The experiment file asks for something that does not exist or makes no sense."""


class DataError(RiseError):
    """A dataset, a split or a file of weights is missing, damaged or not the right one."""


class DamagedError(DataError):
    """Something in work/ is not what was written there, so it is made again.

    Attributes:
        path: the file or folder to move aside.
        reason: what is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)  # as arguments, so that it survives a worker's pickle
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        """Return the sentence."""
        return f"{self.path}: is damaged ({self.reason}); delete it and run again"


class NoRoomError(DataError):
    """A disk is too small for what is asked."""


class ResultError(RiseError):
    """A record is missing, unreadable or not the one asked for."""


class TrainingError(RiseError):
    """A unit cannot be trained as declared (no device, loss is not finite, ...)."""


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """Say that `given` is no `what`, with the nearest known name and all the others."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f" did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {given!r};{hint} known: {', '.join(names)}"
