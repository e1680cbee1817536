"""Errors of the system in plain words: what happened, where, and what to do about it."""

import errno
import os
import re

ADVICE = {
    errno.ENOENT: "put it back, or mend its path",
    errno.EACCES: "change its permissions or owner, or use another place",
    errno.EPERM: "change its permissions or owner, or use another place",
    errno.EROFS: "use a place that can be written",
    errno.ENOSPC: "free some space, and run again: finished work is kept",
    errno.EDQUOT: "free some space, and run again: finished work is kept",
    errno.ENAMETOOLONG: "shorten the name, or use a folder nearer to the root",
    errno.ENOTDIR: "give the path of a folder",
    errno.EISDIR: "give the path of a file",
    errno.ELOOP: "mend the links",
    errno.EMFILE: "raise the limit with ulimit -n, or set fewer workers",
    errno.ENFILE: "wait until the machine has files to spare, or set fewer workers",
    errno.ENOMEM: "run fewer jobs at once, or ask for more memory",
    errno.EIO: "look at the disk, then run again",
    errno.ESTALE: "look at the network's disk, then run again",
}
STOPPED = "rise: stopped by"  # begins the sentence before the traceback of any other error
MEMORY = (
    "the memory was not enough; run fewer jobs at once (--cores), ask for more (resources: "
    "mem_mb), or make batch_size or image_size smaller"
)
SHARED = (
    "the shared memory of workers (/dev/shm) was not enough; enlarge it (docker run "
    "--shm-size=1g), or write workers: 0"
)
DISK = f"no space left on the disk; {ADVICE[errno.ENOSPC]}"
# What libraries say in errors of no type of their own.
PHRASES = (
    (r"/dev/shm|shared memory|\bshm\b|bus error", SHARED),
    (r"no space left on device|disk quota exceeded|failed writing file|file write failed", DISK),
    (
        r"out of memory|can't allocate memory|cannot allocate memory|unable to allocate"
        r"|worker .* exited unexpectedly|killed by signal: killed",
        MEMORY,
    ),
)


def cause(error: BaseException) -> str | None:
    """Say in one sentence what the system refused and what to do; None for errors of another kind.

    A full disk, missing rights, a vanished file, too little memory or shared memory.
    """
    text = str(error)
    if not isinstance(error, OSError | MemoryError | RuntimeError) and not _writing(error):
        return None
    if not isinstance(error, OSError) or error.errno in (None, errno.ENOSPC, errno.ENOMEM):
        for phrase, said in PHRASES:
            if re.search(phrase, text, re.IGNORECASE):
                where = _filename(error)
                return f"{where}: {said}" if where else said
    if isinstance(error, MemoryError):
        return MEMORY
    if not isinstance(error, OSError) or error.errno is None:
        return None
    where = f"{_filename(error)}: " if _filename(error) else ""
    what = os.strerror(error.errno)
    return f"{where}{what[0].lower()}{what[1:]}; {ADVICE.get(error.errno, 'mend that, run again')}"


def reason(error: BaseException) -> str:
    """Say in one line why something failed: the cause, or the error's own words with its type."""
    said = " ".join(str(error).split())
    return cause(error) or (f"{type(error).__name__}: {said}" if said else type(error).__name__)


def _filename(error: BaseException) -> str:
    name = getattr(error, "filename2", None) or getattr(error, "filename", None)
    return os.fsdecode(name) if isinstance(name, str | bytes) else ""


def _writing(error: BaseException) -> bool:
    """Say whether it is the error of a library that writes files in another language."""
    return type(error).__name__ in ("SafetensorError", "ArrowException")
