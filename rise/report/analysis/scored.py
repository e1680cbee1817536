"""What predictions are scored with, as `results/NAME/scored` keeps it."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rise.errors import ResultError


class Scored:
    """The truth to score predictions with, of a dataset's N images.

    Attributes:
        label, part, identity: (N,), of each image.
        domain: (N,), the place of its domain's name in `domains`.

    Raises:
        ResultError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path) as file:
                self.label, self.part, self.identity, self.domain = (
                    file[name] for name in ("label", "part", "identity", "domain")
                )
                self.domains = [str(name) for name in file["domains"]]
                self._at = {str(image): at for at, image in enumerate(file["id"])}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ResultError(
                f"{path}: cannot be read; take it from a copy, or delete it and one record of its "
                "dataset and run again"
            ) from error

    def places(self, images: NDArray[np.str_]) -> NDArray[np.int64]:
        """Find the places of the images (n,) with these ids, int64 (n,)."""
        return np.array([self._at[str(image)] for image in images], dtype=np.int64)
