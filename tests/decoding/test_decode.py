"""Images as they come: each ends as stated pixels or as one sentence with the file's name."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rise.decoding.decode import decode, decoded_size, read_header
from rise.errors import DataError
from rise.utils.io import file_digest
from tests.datasets.images import noise


def read(path: Path) -> np.ndarray:
    """Both passes, as a build makes them."""
    sha256, height, width = read_header(path)
    assert sha256 == file_digest(path)
    pixels = decode(path, sha256)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (height, width, 3)
    return pixels


def refused(path: Path, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and words in message
    assert "\n" not in message and message.count(". ") == 0 and not message.endswith(".")


def png(width: int, height: int, rows: bytes, colour: int = 2, depth: int = 8) -> bytes:
    """A PNG whose header says what it is told, with right check sums."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_small_images_are_pixel_exact(tmp_path):
    noise(227, 256, 1).save(tmp_path / "x.png")
    assert np.array_equal(read(tmp_path / "x.png"), np.asarray(noise(227, 256, 1)))


def test_one_pixel_and_a_line(tmp_path):
    noise(1, 1, 1).save(tmp_path / "x.png")
    assert np.array_equal(read(tmp_path / "x.png"), np.asarray(noise(1, 1, 1)))
    noise(1, 900, 1).save(tmp_path / "line.png")
    assert read(tmp_path / "line.png").shape == (1, 900, 3)


def test_large_images_keep_their_aspect_and_are_antialiased(tmp_path):
    stripes = np.zeros((512, 1024, 3), dtype=np.uint8)
    stripes[:, ::2] = 255  # finer than the result: aliased it would be all black or white
    Image.fromarray(stripes).save(tmp_path / "x.png")
    pixels = read(tmp_path / "x.png")
    assert pixels.shape == (256, 512, 3)
    assert abs(pixels[:, 4:-4].astype(int) - 128).max() <= 2
    expected = Image.fromarray(stripes).resize((512, 256), Image.Resampling.BICUBIC)
    assert np.array_equal(pixels, np.asarray(expected))


@pytest.mark.parametrize(
    ("size", "decoded"),
    [
        ((256, 256), (256, 256)),
        ((257, 257), (256, 256)),
        ((1023, 512), (511, 256)),
        ((1, 1), (1, 1)),
    ],
)
def test_decoded_size_rounds_down(size, decoded):
    assert decoded_size(*size) == decoded


def test_an_exif_orientation_is_not_applied(tmp_path):
    image = noise(8, 16, 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    image.save(tmp_path / "turned.jpg", exif=exif, quality=100)
    image.save(tmp_path / "plain.jpg", quality=100)
    assert Image.open(tmp_path / "turned.jpg").getexif()[0x0112] == 6
    assert np.array_equal(read(tmp_path / "turned.jpg"), read(tmp_path / "plain.jpg"))


def test_grey_is_repeated(tmp_path):
    grey = noise(9, 9, 1).convert("L")
    grey.save(tmp_path / "x.png")
    assert np.array_equal(read(tmp_path / "x.png"), np.stack([np.asarray(grey)] * 3, axis=2))


def test_cmyk_becomes_rgb(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "x.jpg", quality=100)
    assert abs(read(tmp_path / "x.jpg").astype(int) - [255, 0, 0]).max() <= 3


@pytest.mark.parametrize("transparent", [0, bytes([0, 128])])
def test_transparency_of_a_palette_is_dropped(tmp_path, transparent):
    image = Image.new("P", (4, 2), 0)
    image.putpalette([10, 200, 30, 250, 0, 90])
    image.putpixel((3, 1), 1)
    image.save(tmp_path / "x.png", transparency=transparent)
    pixels = read(tmp_path / "x.png")
    assert pixels[0, 0].tolist() == [10, 200, 30]
    assert pixels[1, 3].tolist() == [250, 0, 90]


def test_transparency_of_an_alpha_channel_is_dropped(tmp_path):
    Image.new("RGBA", (2, 2), (7, 8, 9, 0)).save(tmp_path / "x.png")
    assert (read(tmp_path / "x.png") == [7, 8, 9]).all()


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_taken(tmp_path, kind):
    frames = [Image.new("RGB", (6, 5), colour) for colour in ("red", "blue")]
    path = tmp_path / "x.png"  # under a name that a listing lets through
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], lossless=True)
    assert getattr(Image.open(path), "n_frames", 1) == 2
    assert (read(path) == [255, 0, 0]).all()


def test_sixteen_bits_of_grey_are_refused(tmp_path):
    Image.fromarray(np.full((4, 4), 3000, dtype=np.uint16)).save(tmp_path / "x.png")
    refused(tmp_path / "x.png", "more than 8 bits, which RGB would clip")
    floats = Image.fromarray(np.ones((4, 4), dtype=np.float32))
    floats.save(tmp_path / "y.tif")
    refused(tmp_path / "y.tif", "more than 8 bits")


def test_sixteen_bits_of_colour_keep_their_high_byte(tmp_path):
    rows = b"\0" + struct.pack(">HHH", 0x12FF, 0x8000, 0xFF01)
    (tmp_path / "x.png").write_bytes(png(1, 1, rows, depth=16))
    assert read(tmp_path / "x.png").tolist() == [[[0x12, 0x80, 0xFF]]]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_truncated_jpeg_is_refused(tmp_path, share):
    whole = io.BytesIO()
    noise(64, 64, 1).save(whole, "JPEG")
    (tmp_path / "x.jpg").write_bytes(whole.getvalue()[: int(len(whole.getvalue()) * share)])
    refused(tmp_path / "x.jpg", "replace it with an intact copy")


def test_a_truncated_png_is_refused(tmp_path):
    whole = io.BytesIO()
    noise(64, 64, 1).save(whole, "PNG")
    (tmp_path / "x.png").write_bytes(whole.getvalue()[:-2000])
    refused(tmp_path / "x.png", "cannot be decoded whole")


def test_a_png_that_claims_more_rows_than_it_has_is_refused(tmp_path):
    (tmp_path / "x.png").write_bytes(png(4, 500, b"".join(b"\0" + bytes(12) for _ in range(4))))
    refused(tmp_path / "x.png", "its header does not match the pixels it holds")


def test_a_png_whose_header_was_changed_is_refused(tmp_path):
    whole = bytearray(png(4, 4, b"".join(b"\0" + bytes(12) for _ in range(4))))
    whole[19] = 9  # the width, under the old check sum
    (tmp_path / "x.png").write_bytes(bytes(whole))
    refused(tmp_path / "x.png", "")


def test_a_png_that_claims_fewer_rows_than_it_has_is_as_large_as_it_claims(tmp_path):
    rows = b"".join(b"\0" + bytes([k] * 12) for k in range(8))
    (tmp_path / "x.png").write_bytes(png(4, 2, rows))
    assert read(tmp_path / "x.png")[:, 0, 0].tolist() == [0, 1]


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_unopened(tmp_path, width, height):
    (tmp_path / "x.png").write_bytes(png(width, height, bytes(1000)))
    refused(tmp_path / "x.png", "pixels")


def test_a_bomb_of_text_is_refused(tmp_path):
    whole = png(1, 1, bytes(4))
    text = b"zTXtkey\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    (tmp_path / "x.png").write_bytes(whole[:33] + chunk + whole[33:])
    refused(tmp_path / "x.png", "")


@pytest.mark.parametrize("content", [b"", b"a text, not a picture\n", b"<!DOCTYPE html><html>"])
def test_what_is_no_image_is_refused(tmp_path, content):
    (tmp_path / "x.jpg").write_bytes(content)
    refused(tmp_path / "x.jpg", "is no intact image of the formats JPEG, PNG, PPM")


def test_a_file_that_changes_between_the_passes_is_refused(tmp_path):
    noise(4, 4, 1).save(tmp_path / "x.png")
    sha256, *_ = read_header(tmp_path / "x.png")
    noise(4, 4, 2).save(tmp_path / "x.png")
    with pytest.raises(DataError, match="changed while the dataset was being decoded"):
        decode(tmp_path / "x.png", sha256)


def test_a_file_that_is_not_there_is_named(tmp_path):
    refused(tmp_path / "none.jpg", "cannot be read (No such file or directory)")


def test_an_eps_named_png_never_reaches_ghostscript(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *given, **more: called.append(1))
    noise(8, 8, 1).save(tmp_path / "x.eps")
    (tmp_path / "x.eps").rename(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.format == "EPS", "Pillow alone would take it"
    refused(tmp_path / "x.png", "is no intact image of the formats")
    assert called == []


def test_a_gif_under_the_name_of_an_image_is_its_first_frame(tmp_path):
    first = noise(8, 8, 1).convert("P")
    first.save(tmp_path / "x.gif", save_all=True, append_images=[noise(8, 8, 2).convert("P")])
    (tmp_path / "x.gif").rename(tmp_path / "x.jpg")
    assert (read(tmp_path / "x.jpg") == np.asarray(first.convert("RGB"))).all()
