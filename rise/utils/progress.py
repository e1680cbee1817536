"""Define how work reports its progress."""

from collections.abc import Callable

# Told (what, done, total).
Progress = Callable[[str, int, int], None]
