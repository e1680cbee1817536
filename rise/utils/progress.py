"""Define how work reports its progress."""

from collections.abc import Callable

# Called with (what, done, total).
ReportProgress = Callable[[str, int, int], None]
