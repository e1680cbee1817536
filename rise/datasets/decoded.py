"""A decoded dataset: decoded once, in an order given by its content, and memory-mapped.

It is a folder with `pixels.bin` (uint8, one image after the other), `index.npz` (one array for each
column, with one row for each image) and `dataset.json` (names and content digest). An image's id is
the sha256 of its domain, class and content. The content is the image's pixels where a dataset is
shipped as an array, and otherwise its file, so that the id does not depend on the decoder. Rows are
sorted by id.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rise.errors import DataError

# The columns that the content digest covers, and those that name files, where there are any.
CONTENT = ("id", "domain", "label", "identity", "part", "group", "offset", "height", "width")
NAMES = ("path", "rank")


@dataclass(frozen=True)
class DecodedDataset:
    """An opened decoded dataset; columns are arrays with one row for each image.

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
        """Return the number of images."""
        return len(self.columns["id"])

    @property
    def embedded(self) -> bool:
        """True if its images came as one array, all of one size, and not from files."""
        return not any(self.columns["path"])

    def rows(self, domain: str, *parts: str) -> np.ndarray:
        """Return the rows int64 (n,) of a domain, in order; of the named parts only, if any."""
        chosen = self.columns["domain"] == self.domains.index(domain)
        if parts:
            chosen &= np.isin(self.columns["part"], parts)
        return np.flatnonzero(chosen)

    def images(self, rows: np.ndarray) -> np.ndarray:
        """Return the pixels uint8 (B, H, W, 3) of rows whose images all have the same size.

        Raises:
            DataError: their sizes differ.
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
        """Return the pixels uint8 (H, W, 3) of one row, as a view into the memory map."""
        start, height, width = (int(self.columns[c][row]) for c in ("offset", "height", "width"))
        return self.pixels[start : start + height * width * 3].reshape(height, width, 3)

    def keys(self, rows: np.ndarray) -> np.ndarray:
        """Return the first 64 bits of the rows' ids, uint64 (B,), which key the views."""
        return np.array([int(self.columns["id"][row][:16], 16) for row in rows], dtype=np.uint64)


def open_decoded(folder: Path) -> DecodedDataset:
    """Open a decoded dataset without reading its pixels.

    Raises:
        DataError: it is missing or incomplete.
    """
    try:
        about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
        with np.load(folder / "index.npz") as index:
            columns = {name: index[name] for name in CONTENT + NAMES}
        # As a plain array: slices of a memmap object cost more than the pixels.
        pixels = np.asarray(np.memmap(folder / "pixels.bin", dtype=np.uint8, mode="r"))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{folder}: no usable decoded dataset; delete the folder and run again"
        ) from error
    return DecodedDataset(
        about["name"],
        about["domains"],
        about["classes"],
        about["content"],
        columns,
        pixels,
        about.get("files", {}),
    )
