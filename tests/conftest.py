"""What holds for all tests."""

from hypothesis import settings

# An example may take long where other work shares the machine: no reason to fail.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
