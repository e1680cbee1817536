"""What Snakemake's progress display shows: also the time left, and few lines for a failed job.

The display (snakemake-logger-plugin-rich) shows elapsed time only, and a failed job with its whole
log. Where its insides are others than these, it is left as it is.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.progress import TextColumn, TimeRemainingColumn

# What a failed job's lines say already, and lines about containers that tell nothing: that none
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
        # A cluster's word, the only one on a job that it stopped, less the phrase behind it.
        word = str(getattr(record, "rule_msg", None) or "").partition("For further error details")
        said = [f"✗ {last_line(Path(logs[0]))}", word[0].partition("\n")[0]]
        said += [f"log: {log}" for log in filter(None, logs)]
        record.msg, record.args = "\n  ".join(filter(None, said)), ()
    return True


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "failed, log is empty")
