"""The container that --use-singularity runs jobs in: its arguments, and a check of its image.

Snakemake starts Apptainer. This module gives it arguments and refuses, before the first job, an
image that is missing or holds other code than the checkout.
"""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from rise.catalog.data_dir import VARIABLE
from rise.errors import DataError
from rise.runtime.preflight import has_driver
from rise.utils.code_digest import package_digest
from rise.utils.environment import IMAGE
from rise.utils.io import file_digest, write_json

DIGESTS = Path("work/images")
PULLED = Path(".snakemake/singularity")


def is_address(image: str) -> bool:
    """Say whether an image is an address (docker://, oras://, ...) rather than a file."""
    return "://" in image


def image_file(image: str, prefix: str | None = None) -> Path:
    """Return the file that jobs run: the image itself, or where Snakemake puts a pulled one.

    Args:
        image: a file or an address.
        prefix: Snakemake's --apptainer-prefix, if given.
    """
    if not is_address(image):
        return Path(image)
    name = hashlib.md5(image.encode(), usedforsecurity=False).hexdigest()
    return Path(prefix or PULLED) / f"{name}.simg"


def check_engine() -> None:
    """Refuse to start without Apptainer.

    Raises:
        DataError: neither Apptainer nor Singularity is on PATH.
    """
    if not (shutil.which("apptainer") or shutil.which("singularity")):
        raise DataError(
            "--use-singularity needs Apptainer, which is not on PATH; install it "
            "(https://apptainer.org/docs/admin/main/installation.html) or leave the flag out"
        )


def check_image(image: str, file: Path) -> None:
    """Refuse an image that is not there, does not start or holds other code than the checkout.

    Raises:
        DataError: the image is one of these; the message names the command that helps.
    """
    if not file.is_file():
        raise DataError(
            f"{image}: there is no such image; build it (make image), name another one under "
            "image: in the experiment file, or run without --use-singularity"
        )
    program = shutil.which("apptainer") or "singularity"
    done = subprocess.run(
        [program, "--silent", "exec", *arguments(), str(file), "rise", "about", "--json"],
        capture_output=True,
        text=True,
    )
    try:
        code = json.loads(done.stdout)["code"]
    except (ValueError, KeyError, TypeError):
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise DataError(
            f"{image}: `rise about` does not run in it ({said}); build it again (make image)"
        ) from None
    if code != package_digest():
        raise DataError(
            f"{image}: holds other code than this checkout; build it again (make image)"
        )


def image_name(image: str, file: Path) -> str:
    """Return an image's name and the sha256 of its file, as records have it.

    The digest of a file is kept in work/ by its size and time, since gigabytes take seconds.
    """
    stat = file.stat()
    seen = {"file": str(file.resolve()), "size": stat.st_size, "time": stat.st_mtime_ns}
    kept = DIGESTS / f"{file.name}.json"
    try:
        known = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if {**seen, "sha256": known.get("sha256")} != known:
        known = {**seen, "sha256": file_digest(file)}
        write_json(kept, known)
    return f"{image} sha256:{known['sha256']}"


def arguments(outside: Iterable[Path] = ()) -> list[str]:
    """List Apptainer's arguments: a clean environment, read-only data, and GPUs if any.

    Snakemake itself mounts the project as the home directory; the user's own home is not visible.
    Links to folders in the project are followed; data is read-only.

    Args:
        outside: files and folders outside of the project that jobs read.

    Raises:
        DataError: Apptainer cannot mount one of the paths.
    """
    project = Path.cwd()
    given = ["--cleanenv", "--contain", "--env=PYTHONNOUSERSITE=1"]
    data = project / "data"
    if data.is_dir():
        mounted = [data, *_targets([data, *sorted(data.iterdir())])]
        given += [_bind(path, path, ":ro") for path in mounted]
    given += [_bind(path.resolve(), path.absolute(), ":ro") for path in outside]
    given += [_bind(path, path) for path in _targets([project / "work", project / "results"])]
    if has_driver():
        given.append("--nv")
    return given


def check_line(image: Path) -> None:
    """Refuse paths that a shell would change: Snakemake writes two of them into a line of its own.

    Args:
        image: the file that jobs run, which stands there bare; the project stands as Python prints
            it.

    Raises:
        DataError: the project or the image lies in a folder of such a name.
    """
    project = str(Path.cwd())
    printed = repr(project)
    does_more = printed.startswith('"') and {*project} & {*"$`\\"}
    try:
        read = [] if does_more else shlex.split(printed)
    except ValueError:
        read = []
    if read != [project]:
        raise DataError(
            f"{project}: Snakemake cannot start Apptainer in a folder of this name; rename it, or "
            "run without --use-singularity"
        )
    if shlex.quote(str(image)) != str(image):
        raise DataError(
            f"{image}: Snakemake cannot start an image below a folder of this name; put it "
            "elsewhere with --apptainer-prefix"
        )


def pass_in(name: str) -> None:
    """Tell jobs their image's name, the data folder, and the GPUs that somebody chose.

    A clean environment drops all variables without this prefix.
    """
    inside = {
        IMAGE: name,
        **{key: os.environ.get(key) for key in (VARIABLE, "CUDA_VISIBLE_DEVICES")},
    }
    for key, value in inside.items():
        if value is not None:
            os.environ[f"APPTAINERENV_{key}"] = value
            os.environ[f"SINGULARITYENV_{key}"] = value


def joined(given: str, own: list[str]) -> str:
    """Join our own arguments and the user's, in this order, as Snakemake's argument text.

    A job on a cluster gets the text of the machine that submitted it. Our own arguments are removed
    from it first, since this machine may have other GPUs.
    """
    theirs = [word for word in shlex.split(given) if word not in {*own, "--nv"}]
    return shlex.join([*own, *theirs])


def _bind(source: Path, target: Path, mode: str = "") -> str:
    for path in (source, target):
        if {*str(path)} & {*":,"}:
            raise DataError(
                f"{path}: Apptainer mounts no path with : or , in it; rename the folder"
            )
    return f"--bind={source}:{target}{mode}"


def _targets(folders: list[Path]) -> list[Path]:
    return [folder.resolve() for folder in folders if folder.is_symlink()]
