"""NumPy archives that are the same bytes on every Python."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rise.utils.io import replacing

if TYPE_CHECKING:
    import numpy as np


def write_npz(path: Path, arrays: Mapping[str, "np.ndarray[Any, Any]"]) -> None:
    """Write arrays for np.load, atomically, as the same bytes on every Python.

    np.savez lets zipfile choose the version of the format that an entry asks for, and releases of
    Python differ in that.
    """
    import numpy as np

    with replacing(path) as beside, zipfile.ZipFile(beside, "w") as archive:
        for name, array in arrays.items():
            text = io.BytesIO()
            np.save(text, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), text.getvalue())
