"""Define how work reports its progress."""

from collections.abc import Callable

# Called with (what, done, total).
Progress = Callable[[str, int, int], None]
