"""What is installed here: the set of packages, rise's own code, and the image around them."""

import os
import platform
import sysconfig
from importlib.metadata import version
from pathlib import Path

from rise.utils.code_digest import package_digest
from rise.utils.io import digest

# Names the container image of a process: set by whoever starts the container.
IMAGE = "RISE_IMAGE"


def environment_digest() -> str:
    """sha256 over the names and versions of all packages beside this one's Python.

    pip is left out: it comes with the Python, not from the lock.
    """
    site = Path(sysconfig.get_path("purelib"))
    names = (folder.name for folder in site.glob("*.dist-info"))
    return digest(sorted(name for name in names if not name.startswith("pip-")))


def image() -> str | None:
    """The container image that this process runs in, None outside of one."""
    return os.environ.get(IMAGE)


def about() -> dict[str, str | None]:
    """Versions, digests of environment and code, and the image."""
    return {
        "rise": version("rise-bench"),
        "python": platform.python_version(),
        "torch": version("torch"),
        "environment": environment_digest(),
        "code": package_digest(),
        "image": image(),
    }
