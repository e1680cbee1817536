"""Build the decoded dataset of a benchmark that is shipped as arrays in the repository."""

import csv
import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from rise.catalog.schema import Dataset
from rise.datasets.decoded import CONTENT, PIXELS
from rise.errors import DataError
from rise.utils.io import digest, file_digest, publish
from rise.utils.npz import write_npz
from rise.utils.sealed import write_sealed


def build_from_arrays(name: str, entry: Dataset, folder: Path) -> None:
    """Build the decoded dataset of images that are shipped as one array.

    Args:
        name: the dataset.
        entry: its entry of the catalogue.
        folder: where the decoded dataset goes; it appears whole or not at all.

    Raises:
        DataError: a file is missing, has another sha256, or does not fit the others.
    """
    images, index, parts = _read_checked(entry)
    ids = [digest([row["domain"], row["class"], row["sha256"]]) for row in index]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    domains, classes = list(entry.domains), list(entry.classes)
    rows = [index[at] for at in order]
    height, width = images.shape[1:3]
    columns = {
        "id": np.array([ids[at] for at in order]),
        "domain": np.array([domains.index(row["domain"]) for row in rows]),
        "label": np.array([classes.index(row["class"]) for row in rows]),
        "identity": np.array([row["identity"] for row in rows]),
        "part": np.array([parts[row["class"], row["identity"]] for row in rows]),
        "group": np.array(["drawn" if row["drawn"] == "1" else "not drawn" for row in rows]),
        "offset": np.arange(len(rows)) * height * width * 3,
        "height": np.full(len(rows), height),
        "width": np.full(len(rows), width),
        "path": np.full(len(rows), ""),
        "rank": np.arange(len(rows)),
        PIXELS: np.array([list(bytes.fromhex(row["sha256"])) for row in rows], np.uint8),
    }
    about = {"name": name, "domains": domains, "classes": classes}
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.part")
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        images[order].tofile(scratch / "pixels.bin")
        write_index(scratch, folder.name, columns, about)
        publish(scratch, folder)


def _read_checked(
    entry: Dataset,
) -> tuple[np.ndarray, list[dict[str, str]], dict[tuple[str, str], str]]:
    paths = {role: Path(file.path) for role, file in entry.files.items()}
    for role, file in entry.files.items():
        path = paths[role]
        if not path.is_file():
            raise DataError(f"{path}: is missing; restore it (git checkout -- {path})")
        if file_digest(path) != file.sha256:
            raise DataError(f"{path}: has another sha256 than the catalogue pins; restore it")
    with np.load(paths["images"]) as file:
        images = file["images"]
    index = _read_csv(paths["index"])
    parts = {(row["class"], row["identity"]): row["part"] for row in _read_csv(paths["split"])}
    if not len(images) == len(index) == entry.images:
        raise DataError(f"{paths['index']}: {len(index)} rows for {len(images)} images")
    for row, image in zip(index, images, strict=True):
        if hashlib.sha256(image.tobytes()).hexdigest() != row["sha256"]:
            raise DataError(f"{paths['index']}: wrong sha256 of {row['domain']}/{row['identity']}")
    return images, index, parts


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_index(
    folder: Path,
    final: str,
    columns: dict[str, np.ndarray],
    about: dict[str, Any],
    pixels: str | None = None,
) -> None:
    """Write `index.npz` and `dataset.json` beside the pixels.

    The content digest covers the columns but for file names, so a copy with other names has the
    same. `pixels` is a digest of the decoded images, for datasets whose ids do not depend on them;
    `final` is the name that the folder will have.
    """
    write_npz(folder / "index.npz", columns)
    content: dict[str, Any] = {name: columns[name].tolist() for name in CONTENT}
    if pixels is not None:
        content["pixels"] = pixels
    write_sealed(folder / "dataset.json", {**about, "content": digest(content)}, final)
