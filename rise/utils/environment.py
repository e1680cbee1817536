"""The installation: the set of packages, rise's own code, and the container image, if any."""

import os
import platform
import sysconfig
from importlib.metadata import version
from pathlib import Path

from rise.utils.code_digest import package_digest
from rise.utils.io import digest

# Names the container image of a process; whatever starts the container sets it.
IMAGE = "RISE_IMAGE"


def environment_digest() -> str:
    """Digest the names and versions of all packages installed with this Python, as sha256.

    pip is left out, because it comes with the Python and not from the lock.
    """
    site = Path(sysconfig.get_path("purelib"))
    names = (folder.name for folder in site.glob("*.dist-info"))
    return digest(sorted(name for name in names if not name.startswith("pip-")))


def image() -> str | None:
    """Return the name of the container image that this process runs in; None outside of one."""
    return os.environ.get(IMAGE)


def about() -> dict[str, str | None]:
    """Return versions, digests of environment and code, and the image."""
    return {
        "rise": version("rise-bench"),
        "python": platform.python_version(),
        "torch": version("torch"),
        "environment": environment_digest(),
        "code": package_digest(),
        "image": image(),
    }
