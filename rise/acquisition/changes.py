"""Notice files of a custom dataset that changed after they were verified, without opening all."""

from pathlib import Path

from rise.catalog.data_dir import manifest_folder
from rise.catalog.schema import Dataset
from rise.decoding.manifest import MANIFEST, read_manifest
from rise.decoding.scan import scan
from rise.errors import DataError
from rise.utils.io import file_digest


def check_unchanged(folder: Path, entry: Dataset) -> None:
    """Compare a folder's names and sizes, and the bytes of files newer than its manifest.

    A folder without a manifest passes: it was not verified yet. Newer is what was written, renamed
    or moved in since (ctime), so a copy with kept times is seen.

    Raises:
        DataError: a file is new, missing or another one than was verified; or none can be read.
    """
    place = manifest_folder(folder)
    rows = read_manifest(place)
    if rows is None:
        return
    verified = (place / MANIFEST).stat().st_ctime
    old = {row.path: row for row in rows}
    new = scan(folder, entry).images
    changed = sorted(old.keys() ^ set(new))
    for path in new if not changed else []:
        try:
            now = (folder / path).stat()
            same = now.st_size == old[path].bytes and (
                now.st_ctime < verified or file_digest(folder / path) == old[path].sha256
            )
        except OSError as error:
            raise DataError(f"{folder / path}: cannot be read ({error.strerror})") from error
        if not same:
            changed.append(path)
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise DataError(
            f"{folder / changed[0]}{more}: changed since the dataset was verified; restore it, or "
            f"delete {place / MANIFEST} and run rise data verify {folder}"
        )
