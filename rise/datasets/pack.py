"""A pack: a dataset decoded once, in an order given by its content, memory-mapped.

A pack is a folder with `pixels.bin` (uint8, images one after the other), `index.npz` (one array a
column, a row an image) and `pack.json` (names and content digest). An image's id is the sha256 of
its domain, class and content: of its pixels where a dataset is shipped as an array, else of its
file, so that no decoder has a say in it. Rows are sorted by id.
"""

import csv
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rise.entries import Dataset
from rise.errors import DataError
from rise.files import digest, file_digest, write_json, write_npz

# What the content digest is made of, and beside it what files are called where there are any.
CONTENT = ("id", "domain", "label", "identity", "part", "group", "offset", "height", "width")
NAMES = ("path", "rank")


@dataclass(frozen=True)
class Pack:
    """An opened pack; columns are arrays with a row an image.

    id: str (N,); domain: int64 (N,) index into `domains`; label: int64 (N,) index into `classes`;
    identity, part, group: str (N,), empty where a dataset has none; offset, height, width: int64;
    path: str (N,), "<domain folder>/<class>/<file>", empty where there are no files; rank: int64
    (N,), the file's place in its domain as torchvision's ImageFolder counts.
    files: number of files by domain, which is more than its rows where files are equal; empty where
    no published file names are known.
    """

    name: str
    domains: list[str]
    classes: list[str]
    content: str
    columns: dict[str, np.ndarray]
    pixels: np.ndarray
    files: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.columns["id"])

    @property
    def embedded(self) -> bool:
        """Whether its images came as one array, all of one size, and not from files."""
        return not any(self.columns["path"])

    def rows(self, domain: str, *parts: str) -> np.ndarray:
        """Rows int64 (n,) of a domain, in pack order; only the named parts, or all of them."""
        chosen = self.columns["domain"] == self.domains.index(domain)
        if parts:
            chosen &= np.isin(self.columns["part"], parts)
        return np.flatnonzero(chosen)

    def images(self, rows: np.ndarray) -> np.ndarray:
        """Pixels uint8 (B, H, W, 3) of rows that all have one size.

        Raises:
            DataError: they have not.
        """
        sizes = {
            (int(self.columns["height"][row]), int(self.columns["width"][row])) for row in rows
        }
        if len(sizes) > 1:
            raise DataError(
                f"{self.name}: its images have {len(sizes)} sizes, so they are read one by one and "
                "resized before they are stacked"
            )
        return np.stack([self.image(int(row)) for row in rows])

    def image(self, row: int) -> np.ndarray:
        """Pixels uint8 (H, W, 3) of one row, a view into the memory map."""
        start, height, width = (int(self.columns[c][row]) for c in ("offset", "height", "width"))
        return self.pixels[start : start + height * width * 3].reshape(height, width, 3)

    def keys(self, rows: np.ndarray) -> np.ndarray:
        """uint64 (B,): the ids' first 64 bits, which key the views."""
        return np.array([int(self.columns["id"][row][:16], 16) for row in rows], dtype=np.uint64)


def open_pack(folder: Path) -> Pack:
    """Open a pack without reading its pixels.

    Raises:
        DataError: not there, or not whole.
    """
    try:
        about = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        with np.load(folder / "index.npz") as index:
            columns = {name: index[name] for name in CONTENT + NAMES}
        # As a plain array: slices of a memmap object cost more than the pixels.
        pixels = np.asarray(np.memmap(folder / "pixels.bin", dtype=np.uint8, mode="r"))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{folder}: no usable pack; delete the folder and run again") from error
    return Pack(
        about["name"],
        about["domains"],
        about["classes"],
        about["content"],
        columns,
        pixels,
        about.get("files", {}),
    )


def build_pack(name: str, entry: Dataset, folder: Path) -> None:
    """Build the pack of a dataset whose images are shipped as one array.

    Args:
        name: the dataset.
        entry: its entry of the catalogue.
        folder: where the pack goes; it appears whole or not at all.

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
    }
    about = {"name": name, "domains": domains, "classes": classes}
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        images[order].tofile(beside / "pixels.bin")
        write_index(beside, columns, about)
        put_in_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


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
    folder: Path, columns: dict[str, np.ndarray], about: dict[str, Any], pixels: str | None = None
) -> None:
    """Write `index.npz` and `pack.json` beside the pixels.

    The content digest is over the columns without file names, so a copy with other names has the
    same; `pixels` is a digest of the decoded images, given where the ids say nothing of them.
    """
    write_npz(folder / "index.npz", columns)
    content: dict[str, Any] = {name: columns[name].tolist() for name in CONTENT}
    if pixels is not None:
        content["pixels"] = pixels
    write_json(folder / "pack.json", {**about, "content": digest(content)})


def put_in_place(beside: Path, folder: Path) -> None:
    """Rename a finished pack; what was there before goes."""
    if folder.exists():
        shutil.rmtree(folder)
    beside.rename(folder)
