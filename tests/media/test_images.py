"""Which images are taken, what is said of the others, and what is kept of those that are."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import sys
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from videogen_nb.errors import BadImage
from videogen_nb.media.images import MAX_BYTES, normalise, quick_check
from videogen_nb.media.images.formats import read_structure

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Red, green over blue, white: so that turning it can be seen."""
    image = Image.new("RGB", size)
    width, height = size
    for place, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        x, y = place % 2 * width // 2, place // 2 * height // 2
        image.paste(colour, (x, y, x + width // 2, y + height // 2))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def corner_colours(image: Image.Image) -> list[Any]:
    w, h = image.size
    points = [
        (w // 4, h // 4),
        (3 * w // 4, h // 4),
        (w // 4, 3 * h // 4),
        (3 * w // 4, 3 * h // 4),
    ]
    return [image.getpixel(point) for point in points]


def near(one: Any, other: Any, tolerance: int = 6) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def png_claiming(width: int, height: int) -> bytes:
    """A small, well-formed PNG header for an image of any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))
        )

    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize(
    ("kind", "options", "kept_as"),
    [
        pytest.param("JPEG", {}, "JPEG", id="jpeg"),
        pytest.param("JPEG", {"progressive": True}, "JPEG", id="progressive-jpeg"),
        pytest.param("PNG", {}, "PNG", id="png"),
        pytest.param("WEBP", {"quality": 90}, "JPEG", id="webp"),
        pytest.param("WEBP", {"lossless": True}, "PNG", id="lossless-webp"),
        pytest.param("WEBP", {"lossless": True, "exif": b"Exif\0\0MM"}, "PNG", id="webp-with-exif"),
    ],
)
def test_what_is_taken_is_kept_as_it_looks(kind: str, options: dict[str, Any], kept_as: str):
    data = encoded(quarters(), kind, **options)
    facts = quick_check(data)
    assert (facts.format, facts.width, facts.height) == (kind, 64, 48)
    kept = normalise(data)
    assert (kept.format, kept.width, kept.height) == (kept_as, 64, 48)
    image = decoded(kept.data)
    assert (image.format, image.mode) == (kept_as, "RGB")
    for seen, wanted in zip(corner_colours(image), (RED, GREEN, BLUE, WHITE), strict=True):
        assert near(seen, wanted)


def test_a_png_is_kept_without_loss():
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    kept = normalise(encoded(Image.fromarray(noise), "PNG"))
    assert np.array_equal(np.asarray(decoded(kept.data)), noise)


def test_a_jpeg_is_kept_without_visible_loss():
    smooth = Image.linear_gradient("L").resize((320, 240)).convert("RGB")
    data = encoded(smooth, "JPEG", quality=92)
    before = np.asarray(decoded(data).convert("RGB"), np.float64)
    after = np.asarray(decoded(normalise(data).data), np.float64)
    psnr = 10 * np.log10(255**2 / np.mean((before - after) ** 2))
    assert psnr > 45


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_turned_upright(orientation: int):
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored so, it has to be turned back by 270°
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters().transpose(turn[orientation]) if orientation > 1 else quarters()
    exif = Image.Exif()
    exif[0x0112] = orientation
    kept = normalise(encoded(stored, "JPEG", exif=exif, subsampling=0, quality=95))
    assert (kept.width, kept.height) == (64, 48)
    for seen, wanted in zip(
        corner_colours(decoded(kept.data)), (RED, GREEN, BLUE, WHITE), strict=True
    ):
        assert near(seen, wanted)


def with_everything(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRET maker"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (48.0, 51.0, 30.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile}
    if kind == "JPEG":
        options["comment"] = b"SECRET comment"
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", "SECRET author")
        options["pnginfo"] = words
    if kind == "WEBP":
        options["xmp"] = b"<x>SECRET xmp</x>"
    return encoded(quarters(), kind, **options)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_kept(kind: str):
    data = with_everything(kind)
    assert b"SECRET" in data
    kept = normalise(data).data
    assert b"SECRET" not in kept
    image = decoded(kept)
    image.load()
    assert not image.getexif()
    assert {"icc_profile", "exif", "comment", "Author", "xmp"} & image.info.keys() == set()


def test_nor_is_a_comment_alone():
    data = encoded(quarters(), "JPEG", comment=b"SECRET comment")
    assert b"SECRET" in data
    assert b"SECRET" not in normalise(data).data


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "CMYK", "YCbCr"]
)
def test_every_colour_mode_becomes_rgb(mode: str):
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    if mode == "PA":
        image = quarters("RGBA").quantize()
    elif mode == "I;16":
        image = Image.fromarray(np.full((48, 64), 0x8000, np.uint16))
    else:
        image = quarters(mode)
    kept = decoded(normalise(encoded(image, kind)).data)
    assert kept.mode == "RGB"
    if mode == "I;16":
        assert near(kept.getpixel((5, 5)), (128, 128, 128), 1)
    elif mode not in ("1", "L", "LA"):
        assert near(corner_colours(kept)[0], RED, 8)


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", (64, 1100), (255, 0, 0, 0))  # more rows than one strip
    image.paste((0, 0, 255, 128), (0, 1000, 64, 1100))
    kept = decoded(normalise(encoded(image, "PNG")).data)
    assert kept.getpixel((10, 10)) == WHITE
    assert near(kept.getpixel((10, 1050)), (127, 127, 255), 2)


def test_a_wide_gamut_profile_is_turned_into_srgb():
    """A profile whose red and blue are exchanged shows whether it is followed."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"?XYZ", b"bXYZ", 1)
    kept = normalise(encoded(quarters(), "PNG", icc_profile=swapped))
    assert near(corner_colours(decoded(kept.data))[0], BLUE, 8)


def test_a_damaged_profile_is_dropped():
    kept = normalise(encoded(quarters(), "PNG", icc_profile=b"no profile" * 50))
    assert near(corner_colours(decoded(kept.data))[0], RED)


def test_of_a_phones_two_views_the_first_is_taken():
    first, second = quarters(), Image.new("RGB", (64, 48), BLUE)
    kept = normalise(encoded(first, "MPO", save_all=True, append_images=[second]))
    assert near(corner_colours(decoded(kept.data))[0], RED, 12)


ALLOWED = "JPG, PNG, WEBP or HEIC, up to 10 MiB, 16 to 8192 pixels per side, 36 megapixels"


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        pytest.param(b"", "image_empty", "0 bytes", id="empty"),
        pytest.param(
            b"\xff\xd8\xff" + b"\0" * MAX_BYTES, "image_too_large", "10.0 MiB", id="11-mib"
        ),
        pytest.param(b"GIF89a" + b"\0" * 99, "image_format", "GIF", id="gif"),
        pytest.param(
            b"\0\0\0\x20ftypheic" + b"\0" * 99, "image_damaged", "cannot be read", id="heic"
        ),
        pytest.param(
            b"\0\0\0\x20ftyphevc" + b"\0" * 99, "image_format", "sequence", id="heic-sequence"
        ),
        pytest.param(b"\0\0\0\x20ftypavif" + b"\0" * 99, "image_format", "AVIF", id="avif"),
        pytest.param(b"\0\0\0\x20ftypisom" + b"\0" * 99, "image_format", "video", id="mp4"),
        pytest.param(b"<!doctype html><p>404", "image_format", "a web page", id="html"),
        pytest.param(b'\xef\xbb\xbf <svg xmlns="">', "image_format", "SVG", id="svg"),
        pytest.param(b"hello", "image_format", "something else", id="text"),
        pytest.param(b"\xff\xd8\xff", "image_damaged", "cannot be read", id="jpeg-header-only"),
        pytest.param(b"RIFF\0\0\0\0WEBP", "image_damaged", "cannot be read", id="webp-header-only"),
        pytest.param(png_claiming(1, 1), "image_too_small", "1×1", id="1x1"),
        pytest.param(png_claiming(15, 500), "image_too_small", "15×500", id="too-narrow"),
        pytest.param(png_claiming(8193, 100), "image_too_many_pixels", "8193×100", id="too-long"),
        pytest.param(
            png_claiming(20000, 20000), "image_too_many_pixels", "20000×20000", id="20000x20000"
        ),
        pytest.param(
            png_claiming(6100, 6000), "image_too_many_pixels", "37 megapixels", id="37-mp"
        ),
        pytest.param(png_claiming(2**31 - 1, 2**31 - 1), "image_too_many_pixels", "×", id="bomb"),
    ],
)
def test_what_is_not_taken_is_told_why_and_what_is(data: bytes, code: str, words: str):
    with pytest.raises(BadImage) as caught:
        quick_check(data, "cat.png")
    assert caught.value.code == code
    said = caught.value.text.render("en")
    assert words in said
    assert "'cat.png'" in said
    assert ALLOWED in said
    assert "支持 JPG、PNG、WEBP、HEIC" in caught.value.text.render("zh")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_refused_in_words(kind: str):
    still = encoded(quarters(), kind, save_all=True)
    moving = encoded(quarters(), kind, save_all=True, append_images=[quarters().rotate(180)])
    quick_check(still)
    with pytest.raises(BadImage) as caught:
        quick_check(moving)
    assert caught.value.code == "image_animated"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_half_an_image_is_refused(kind: str, share: float):
    noise = np.random.default_rng(2).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(BadImage) as caught:
        normalise(data[: int(len(data) * share)])
    assert caught.value.code == "image_damaged"


def test_the_decoders_own_reading_of_the_size_counts_too():
    """A WEBP's canvas is told in one place and its image's size in another."""
    data = bytearray(encoded(quarters(), "WEBP", exif=b"Exif\0\0MM"))
    assert data[12:16] == b"VP8X"
    data[24:30] = (63).to_bytes(3, "little") + (8).to_bytes(3, "little")
    with pytest.raises(BadImage):
        normalise(bytes(data))


def test_checking_a_header_needs_no_decoder():
    code = (
        "import sys; from videogen_nb.media.images import quick_check\n"
        "from videogen_nb.errors import BadImage\n"
        "try: quick_check(b'hello')\n"
        "except BadImage: pass\n"
        "assert 'PIL' not in sys.modules and 'numpy' not in sys.modules"
    )
    import subprocess

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_headers_agree_with_the_decoder():
    for kind, options in (
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0MM"}),
    ):
        for size in ((16, 16), (17, 301), (640, 481)):
            header = read_structure(encoded(quarters(size=size), kind, **options))
            assert header is not None
            assert (header.width, header.height) == size


@pytest.mark.parametrize(
    ("kind", "options", "cost"),
    [
        pytest.param("JPEG", {}, 7, id="jpeg"),
        pytest.param("JPEG", {"progressive": True}, 7, id="progressive"),
        pytest.param("JPEG", {"progressive": True, "subsampling": 0}, 10, id="progressive-whole"),
        pytest.param("PNG", {}, 7, id="png"),
        pytest.param("WEBP", {}, 16, id="webp"),
        pytest.param("WEBP", {"lossless": True}, 16, id="lossless-webp"),
    ],
)
def test_what_a_decode_costs_is_read_from_the_header(kind: str, options: Any, cost: float):
    header = read_structure(encoded(quarters(), kind, **options))
    assert header is not None
    assert header.cost == cost


def test_a_kind_that_costs_more_memory_may_have_fewer_pixels():
    large = encoded(Image.new("L", (4100, 4000)).convert("RGB"), "WEBP", method=0)
    with pytest.raises(BadImage) as caught:
        quick_check(large)
    assert caught.value.code == "image_too_many_pixels"
    said = caught.value.text.render("en")
    assert "16 megapixels; the limit for a WEBP stored like this is 15" in said


def test_a_jpeg_that_goes_over_its_pixels_too_often_is_refused_undecoded():
    data = encoded(quarters(), "JPEG", progressive=True)
    again = data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(BadImage) as caught:
        quick_check(data[:-2] + again * 50 + data[-2:])
    assert caught.value.code == "image_too_hard"
    assert quick_check(data).format == "JPEG"


SEEDS = [encoded(quarters(), kind) for kind in ("JPEG", "PNG", "WEBP")] + [
    with_everything(kind) for kind in ("JPEG", "PNG", "WEBP")
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 40))
def test_damaged_bytes_give_an_image_or_a_verdict(seed: bytes, chance: int, changes: int):
    rng = random.Random(chance)
    data = bytearray(seed)
    for _ in range(changes):
        data[rng.randrange(len(data))] = rng.randrange(256)
    try:
        kept = normalise(bytes(data))
    except BadImage:
        return
    assert decoded(kept.data).size == (kept.width, kept.height)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X"]),
    st.binary(),
)
def test_any_bytes_get_a_verdict(start: bytes, rest: bytes):
    with contextlib.suppress(BadImage):
        facts = quick_check(start + rest)
        assert min(facts.width, facts.height) >= 16
