"""A decoded dataset: decoded once, in an order given by its content, and memory-mapped.

It is a folder with `pixels.bin` (uint8, one image after the other), `index.npz` (one array for each
column, with one row for each image) and `dataset.json` (names and content digest). An image's id is
the sha256 of its domain, class and content. The content is the image's pixels where a dataset is
shipped as an array, and otherwise its file, so that the id does not depend on the decoder. Rows are
sorted by id.

Nothing in it is trusted: names carry a digest, columns checksums, and the pixels of an image are
compared with their sha256 when a process first reads them.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rise.errors import DamagedError, DataError
from rise.utils.sealed import read_arrays, read_sealed

# The columns that the content digest covers, and those that name files, where there are any.
CONTENT = ("id", "domain", "label", "identity", "part", "group", "offset", "height", "width")
NAMES = ("path", "rank")
PIXELS = "sha256"  # uint8 (N, 32), of the pixels of each image


@dataclass(frozen=True)
class DecodedDataset:
    """An opened decoded dataset; columns are arrays with one row for each image.

    id: str (N,); domain: int64 (N,) index into `domains`; label: int64 (N,) index into `classes`;
    identity, part, group: str (N,), empty where a dataset has none; offset, height, width: int64;
    path: str (N,), "<domain folder>/<class>/<file>", empty where there are no files; rank: int64
    (N,), the file's place in its domain as torchvision's ImageFolder counts.
    files: number of files by domain, which is more than its rows where files are equal; empty where
    no published file names are known.
    folder: where it lies. doubted: bool (N,), whose pixels this process has not yet compared.
    """

    name: str
    domains: list[str]
    classes: list[str]
    content: str
    columns: dict[str, np.ndarray]
    pixels: np.ndarray
    files: dict[str, int] = field(default_factory=dict)
    folder: Path = Path()
    doubted: np.ndarray | None = None

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
        """Return the pixels uint8 (H, W, 3) of one row, as a view into the memory map.

        Raises:
            DamagedError: they are not those that were decoded.
        """
        start, height, width = (int(self.columns[c][row]) for c in ("offset", "height", "width"))
        found = self.pixels[start : start + height * width * 3]
        if self.doubted is not None and self.doubted[row]:
            if hashlib.sha256(found.data).digest() != self.columns[PIXELS][row].tobytes():
                raise DamagedError(self.folder, f"the pixels of row {row} are not as decoded")
            self.doubted[row] = False
        return found.reshape(height, width, 3)

    def check(self) -> None:
        """Compare the pixels of all images.

        Raises:
            DamagedError: some are not those that were decoded.
        """
        for row in range(len(self)):
            self.image(row)

    def keys(self, rows: np.ndarray) -> np.ndarray:
        """Return the first 64 bits of the rows' ids, uint64 (B,), which key the views."""
        return np.array([int(self.columns["id"][row][:16], 16) for row in rows], dtype=np.uint64)


def open_decoded(folder: Path) -> DecodedDataset:
    """Open a decoded dataset; pixels are read, and compared, when they are asked for.

    Raises:
        DataError: it is missing.
        DamagedError: it is not what was written there.
    """
    try:
        about = read_sealed(folder / "dataset.json", folder.name, whole=folder)
        columns = dict(read_arrays(folder / "index.npz", folder))
        # As a plain array: slices of a memmap object cost more than the pixels.
        pixels = np.asarray(np.memmap(folder / "pixels.bin", dtype=np.uint8, mode="r"))
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise DataError(f"{folder}: is missing; run again") from error
        raise DamagedError(folder, f"{Path(str(error.filename)).name} is missing") from error
    except ValueError as error:  # nothing can be mapped of an empty file
        raise DamagedError(folder, "pixels.bin is empty") from error
    if set(columns) != {*CONTENT, *NAMES, PIXELS}:
        raise DamagedError(folder, "index.npz has other columns")
    ends = columns["offset"] + columns["height"] * columns["width"] * 3
    if len(pixels) != int(ends.max(initial=0)):
        raise DamagedError(folder, "pixels.bin has another size")
    return DecodedDataset(
        about["name"],
        about["domains"],
        about["classes"],
        about["content"],
        columns,
        pixels,
        about.get("files", {}),
        folder,
        np.ones(len(columns["id"]), bool),
    )
