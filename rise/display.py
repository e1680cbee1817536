"""What Snakemake's progress display shows: also the time left, and two lines for a failed job.

The display (snakemake-logger-plugin-rich) shows elapsed time only, and a failed job with its whole
log. Where its insides are others than these, it is left as it is.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.progress import TextColumn, TimeRemainingColumn

# What a failed job's two lines say already, and lines about containers that tell nothing: that none
# was asked for, or, for every job, that one was.
NEEDLESS = (
    "RuleException",
    "Exiting because a job execution failed",
    "Singularity containers: ignored",
    "Activating singularity image",
)


def improve(handlers: Iterable[Any]) -> None:
    """Change Snakemake's handlers in place."""
    for handler in handlers:
        handler.addFilter(_shorten)
        progress = getattr(handler, "progress", None)
        if progress is not None:
            progress.columns = (*progress.columns, TextColumn("left"), TimeRemainingColumn())


def _shorten(record: logging.LogRecord) -> bool:
    """Turn a failed job's record into a plain one; False for what need not be said."""
    if record.getMessage().startswith(NEEDLESS):
        return False
    logs = getattr(record, "log", None)
    if logs and record.levelno >= logging.ERROR:
        vars(record).pop("event", None)
        record.msg, record.args = f"✗ {last_line(Path(logs[0]))}\n  log: {logs[0]}", ()
    return True


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "failed, log is empty")
