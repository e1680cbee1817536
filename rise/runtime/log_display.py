"""Shorten what Snakemake shows of a failed job, and add the time left to its progress bars.

The display (snakemake-logger-plugin-rich) has no settings: it prints the whole log of a failed job
and only the elapsed time. So failures are shortened by a filter of the standard library's logging,
and the bars, for which there is no public way, get a column where the plugin has bars at all.
"""

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.progress import TextColumn, TimeRemainingColumn

from rise.utils.causes import STOPPED

# What a failed job's lines say already, and lines about containers that tell nothing: that none
# was asked for, or, for every job, that one was.
NEEDLESS = (
    "RuleException",
    "Exiting because a job execution failed",
    "Singularity containers: ignored",
    "Activating singularity image",
)
ERROR = re.compile(r"error|exception|fault|abort|terminate|fail|not found|denied", re.IGNORECASE)
SILENT = (
    "killed before it could say why, most often for lack of memory; run fewer jobs at once "
    "(--cores), or ask for more (resources: mem_mb)"
)


def improve(handlers: Iterable[Any]) -> None:
    """Change Snakemake's log handlers in place."""
    for handler in handlers:
        handler.addFilter(_shorten)
        if progress := getattr(handler, "progress", None):
            progress.columns = (*progress.columns, TextColumn("left"), TimeRemainingColumn())


def _shorten(record: logging.LogRecord) -> bool:
    """Turn a failed job's record into a plain one; return False for records to leave out."""
    if record.getMessage().startswith(NEEDLESS):
        return False
    logs = getattr(record, "log", None)
    if logs and record.levelno >= logging.ERROR:
        vars(record).pop("event", None)
        # A cluster's word, the only one on a job that it stopped, less the phrase behind it.
        word = str(getattr(record, "rule_msg", None) or "").partition("For further error details")
        said = [f"✗ {told(Path(logs[0]))}", word[0].partition("\n")[0]]
        said += [f"log: {log}" for log in filter(None, logs)]
        record.msg, record.args = "\n  ".join(filter(None, said)), ()
    return True


def told(log: Path) -> str:
    """Return what a failed job's log says: the sentence of `rise`, or a last line with an error.

    A log without either is of a job that was killed, which is most often for lack of memory.
    """
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"failed, and its log cannot be read ({error.strerror}); look at the disk"
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    stopped = [line for line in lines if line.startswith(STOPPED)]
    if stopped or not lines:
        return stopped[-1] if stopped else SILENT
    if lines[-1].startswith("rise: ") or ERROR.search(lines[-1]):
        return lines[-1]
    return f"{SILENT}; its log ends with: {lines[-1]}"
