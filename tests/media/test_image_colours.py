"""An image is kept as it is seen: in the colours its profile means, then laid on white."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from videogen_nb.media.images import normalise
from videogen_nb.media.images.colour import as_seen

from .test_image_structure import chunk
from .test_images import BLUE, GREEN, RED, WHITE, corner_colours, encoded, near, quarters

SRGB: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
#: Its red and blue are exchanged, which shows whether it is followed.
SWAPPED = SRGB.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(normalise(data).data))


def half_clear(colour: Any = (255, 0, 0)) -> Image.Image:
    """Left opaque, right wholly transparent."""
    image = Image.new("RGBA", (64, 48), (*colour, 255))
    image.paste((*colour, 0), (32, 0, 64, 48))
    return image


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_a_profile_is_followed_beside_transparency(kind: str, options: dict[str, Any]):
    shown = seen(encoded(half_clear(), kind, icc_profile=SWAPPED, **options))
    assert near(shown.getpixel((8, 8)), BLUE, 8)
    assert shown.getpixel((56, 8)) == WHITE


def test_the_white_below_is_not_given_to_the_profile():
    """In this profile white is no white; only the opaque half may be tinted."""
    tint = bytearray(SRGB)
    at = SRGB.index(b"gXYZ")
    (offset,) = struct.unpack_from("!I", SRGB, at + 4)
    tint[offset + 8 : offset + 20] = struct.pack("!3i", 0x2000, 0x3000, 0x1000)  # green is dimmed
    shown = seen(encoded(half_clear((255, 255, 255)), "PNG", icc_profile=bytes(tint)))
    assert shown.getpixel((56, 8)) == WHITE
    assert not near(shown.getpixel((8, 8)), WHITE, 20)


@pytest.mark.parametrize(
    "mode", ["L", "LA", "P", "PA", "RGB", "RGBA", "1", "La", "RGBa", "HSV", "YCbCr", "CMYK", "LAB"]
)
def test_every_mode_is_seen_as_pillow_shows_it(mode: str):
    image = half_clear() if mode in ("LA", "PA", "RGBA", "La", "RGBa") else quarters()
    if mode == "PA":
        image = image.quantize().convert("PA")
    elif mode == "RGBa":
        image = image.convert("RGBa")
    elif mode == "La":
        image = image.convert("LA").convert("La")
    elif mode == "LAB":
        to_lab = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        image = to_lab.apply(image)
    else:
        image = image.convert(mode)
    shown = as_seen(image)
    assert shown.mode == "RGB"
    assert shown.size == (64, 48)
    if mode in ("RGBA", "RGBa", "PA"):
        assert near(shown.getpixel((8, 8)), RED)
        assert shown.getpixel((56, 8)) == WHITE
    elif mode in ("P", "RGB", "HSV", "YCbCr", "CMYK"):
        for got, wanted in zip(corner_colours(shown), (RED, GREEN, BLUE, WHITE), strict=True):
            assert near(got, wanted, 8)


def png(colour: int, bits: int, rows: np.ndarray[Any, Any], *chunks: bytes) -> bytes:
    height, width = rows.shape[:2]
    header = struct.pack("!IIBBBBB", width, height, bits, colour, 0, 0, 0)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    body = chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(raw))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def test_sixteen_bits_of_grey_are_seen_as_such():
    rows = np.tile(np.linspace(0, 65535, 256).astype(">u2"), (32, 1))
    shown = np.asarray(seen(png(0, 16, rows)))
    assert np.abs(shown[16, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_a_transparent_grey_of_sixteen_bits_is_laid_on_white():
    rows = np.full((32, 64), 0x1234, ">u2")
    rows[:, 32:] = 0x1235
    shown = seen(png(0, 16, rows, chunk(b"tRNS", b"\x12\x35")))
    assert shown.getpixel((8, 8)) == (0x12, 0x12, 0x12)
    assert shown.getpixel((56, 8)) == WHITE


@pytest.mark.parametrize("bits", [8, 16])
def test_a_transparent_colour_is_laid_on_white(bits: int):
    rows = np.zeros((32, 64, 3), f">u{bits // 8}")
    rows[:, :32] = (200 * 257) >> (16 - bits)
    key = struct.pack("!3H", 0, 0, 0)
    shown = seen(png(2, bits, rows, chunk(b"tRNS", key)))
    assert near(shown.getpixel((8, 8)), (200, 200, 200), 1)
    assert shown.getpixel((56, 8)) == WHITE


def test_a_palettes_transparency_is_laid_on_white():
    rows = np.zeros((32, 64), np.uint8)
    rows[:, 32:] = 1
    palette = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0]))
    shown = seen(png(3, 8, rows, palette, chunk(b"tRNS", b"\xff\0")))
    assert shown.getpixel((8, 8)) == RED
    assert shown.getpixel((56, 8)) == WHITE


def test_a_cmyk_jpeg_keeps_its_colours():
    shown = seen(encoded(quarters("CMYK"), "JPEG", quality=95, subsampling=0))
    for got, wanted in zip(corner_colours(shown), (RED, GREEN, BLUE, WHITE), strict=True):
        assert near(got, wanted, 8)


def test_a_ycck_jpeg_keeps_its_colours():
    data = bytearray(encoded(quarters("CMYK"), "JPEG", quality=95, subsampling=0))
    adobe = data.index(b"Adobe")
    plain = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    data[adobe + 11] = 2  # the same numbers, told to be YCCK: other colours
    ycck = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert np.array_equal(np.asarray(seen(bytes(data))).shape, ycck.shape)
    assert np.abs(np.asarray(seen(bytes(data))).astype(int) - ycck).mean() < 3
    assert np.abs(plain.astype(int) - ycck).mean() > 30


def test_a_profile_of_srgb_itself_changes_nothing():
    noise = Image.effect_noise((64, 48), 80).convert("RGB")
    plain, told = encoded(noise, "PNG"), encoded(noise, "PNG", icc_profile=SRGB)
    assert normalise(plain).sha256 == normalise(told).sha256
