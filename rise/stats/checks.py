"""Check the input of all functions here: finite float64 numbers and sensible shares."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Two numbers of points closer than this are equal: far above the rounding of float64 sums, far
# below the change that one image can make.
TOLERANCE = 1e-9


def finite(values: ArrayLike, ndim: int, what: str) -> NDArray[np.float64]:
    """Convert values to a float64 array of `ndim` axes.

    Args:
        values: numbers; integers and float64, because sums in float32 or float16 lose the digits
            by which equal differences are recognised.
        ndim: how many axes the values must have.
        what: how an error message calls the values.

    Raises:
        ValueError: a number is NaN or infinite, the number of axes differs, or the type of the
            numbers is a float of fewer than 64 bits or not real at all.
    """
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iuf":
        raise ValueError(f"{what} must be real numbers, not {array.dtype}")
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        raise ValueError(f"{what} must be float64, not {array.dtype}")
    if array.ndim != ndim:
        raise ValueError(f"{what} must have {ndim} axes, not shape {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(
            f"{what} must be finite; leave missing seeds out, do not write them as NaN"
        )
    return array


def inside(value: float, low: float, high: float, what: str) -> float:
    """Return the value itself if low < value < high.

    Raises:
        ValueError: the value is outside or NaN.
    """
    if not low < value < high:
        raise ValueError(f"{what} must be between {low} and {high}, not {value}")
    return value
