"""Check that a disk has room for what will be written to it."""

import shutil
from pathlib import Path

from rise.errors import NoRoomError


def check_room(folder: Path, what: str, needed: int) -> None:
    """Refuse to write `needed` bytes below a folder of work/ if its disk has fewer free.

    Raises:
        NoRoomError: the disk has too little room.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise NoRoomError(
            f"{folder}: {what} needs {size_text(needed)} more and the disk has {size_text(free)} "
            "free; make room, or put work/ on another disk"
        )


def taken(path: Path) -> int:
    """Return the bytes that a sparse file takes on disk; 0 if there is no such file."""
    return path.stat().st_blocks * 512 if path.is_file() else 0


def size_text(count: int) -> str:
    """Format a number of bytes for a person to read."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
