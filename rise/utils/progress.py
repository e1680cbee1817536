"""How long work says how far it is."""

from collections.abc import Callable

# Told (what, done, total).
Progress = Callable[[str, int, int], None]
