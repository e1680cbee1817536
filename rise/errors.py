"""The errors that a user can mend: a message is one sentence saying what, where, what to do."""

import difflib
from collections.abc import Iterable


class RiseError(Exception):
    """Base of all expected errors; the command line prints the message and exits 1."""


class ConfigError(RiseError):
    """The experiment file asks for something that does not exist or makes no sense."""


class DataError(RiseError):
    """A dataset, a split or a file of weights is missing, damaged or not the right one."""


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
