"""Turn an image file into pixels as the published loaders do: `Image.open(path).convert("RGB")`.

As in DomainBed's and RISE's loaders, an EXIF orientation is not applied, transparency is dropped so
that the colour beneath shows, CMYK is converted without a colour profile, and the first frame of an
animation is taken. Unlike in theirs, an image that is incomplete or would lose its content is
refused by name (DomainBed fills truncated files with grey; a 16-bit grey image becomes almost
white).

Only the formats of `FORMATS` are tried: Pillow hands any EPS, named `.png` too, to Ghostscript.
`rise data verify` opens images with the same function, so whatever it accepts can be decoded.
"""

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL
from PIL import Image, UnidentifiedImageError

from rise.decoding.png import lacks_pixels
from rise.decoding.size import SHORT_SIDE, decoded_size
from rise.errors import DataError

# Everything that determines the pixels of a file; part of dataset.json.
PARAMETERS = {"short_side": SHORT_SIDE, "resampling": "bicubic", "pillow": PIL.__version__}
MOST_PIXELS = 89_478_485  # Pillow's own bound for what may be a decompression bomb
# What torchvision's suffixes stand for, and GIF, which published sets hold under names like `.jpg`.
FORMATS = ("JPEG", "PNG", "PPM", "BMP", "TIFF", "WEBP", "GIF")
# One channel of more than 8 bits: convert("RGB") clips at 255 and says nothing.
DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


class OpenedImage(NamedTuple):
    """A completely opened image: its pixels, and its mode and format as Pillow names them."""

    rgb: Image.Image
    mode: str
    format: str


def open_whole(path: Path, data: bytes) -> OpenedImage:
    """Decode all of an image, or of an animation's first frame.

    Args:
        path: the file, for the error message.
        data: its bytes.

    Raises:
        DataError: it is no image, is incomplete, claims to be huge, or has pixels that RGB cannot
            hold.
    """
    with _refusing(path), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check(path, image)
        claimed = image.size
        rgb = image.convert("RGB")
        if rgb.size != claimed or lacks_pixels(data):
            raise DataError(
                f"{path}: its header does not match the pixels it holds; replace it with an "
                "intact copy"
            )
        return OpenedImage(rgb, image.mode, image.format or "")


def read_header(path: Path) -> tuple[str, int, int]:
    """Read a file's sha256 and the height and width of its decoded image, without decoding it.

    Raises:
        DataError: it is no image, claims to be huge, or has pixels that RGB cannot hold.
    """
    data = read_file(path)
    with _refusing(path), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check(path, image)
        height, width = decoded_size(image.height, image.width)
    return hashlib.sha256(data).hexdigest(), height, width


def decode(path: Path, sha256: str) -> np.ndarray:
    """Decode a file to uint8 (H, W, 3): the shorter side at most 256, smaller images as they are.

    Larger ones are resized with aspect kept by Pillow's bicubic filter, which is antialiased.

    Raises:
        DataError: the file changed since its sha256 was taken, or cannot be decoded whole.
    """
    data = read_file(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(f"{path}: changed while the dataset was being decoded; start again")
    rgb = open_whole(path, data).rgb
    height, width = decoded_size(rgb.height, rgb.width)
    if (width, height) != rgb.size:
        with _refusing(path):
            rgb = rgb.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(rgb)


def read_file(path: Path) -> bytes:
    """Read a file's bytes.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); make it readable") from error


def _check(path: Path, image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise DataError(
            f"{path}: claims {image.width} x {image.height} pixels, more than any image of a "
            "benchmark has; replace it with a smaller one"
        )
    if image.mode in DEEP:
        raise DataError(
            f"{path}: has grey values of more than 8 bits, which RGB would clip to white; save it "
            "with 8 bits"
        )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises into one sentence; `_check` replaces Pillow's warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DataError:
        raise
    except UnidentifiedImageError:
        raise DataError(
            f"{path}: is no intact image of the formats {', '.join(FORMATS)}; replace or delete it"
        ) from None
    except Image.DecompressionBombError:
        raise DataError(
            f"{path}: claims more pixels than any image of a benchmark has; replace it with a "
            "smaller one"
        ) from None
    except Exception as error:  # decoders of broken files raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path}: cannot be decoded whole ({reason}); replace it with an intact copy"
        ) from error
