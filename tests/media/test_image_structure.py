"""Only pixels decide: metadata that are odd, broken, huge or missing neither refuse nor change."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from videogen_nb.errors import BadImage
from videogen_nb.media.images import normalise, quick_check
from videogen_nb.media.images.exif import orientation
from videogen_nb.media.images.formats import read_structure

from .test_images import encoded, quarters

SOS = b"\xff\xda"


def textured(size: tuple[int, int] = (96, 64), mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.blend(Image.fromarray(noise), quarters(size=size), 0.6).convert(mode)


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(normalise(data).data)))


def chunk(kind: bytes, body: bytes, *, wrong: bool = False) -> bytes:
    checksum = zlib.crc32(kind + body) ^ wrong
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", checksum)


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack("!H", len(body) + 2) + body


def heic(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, **options)
    return buffer.getvalue()


PNG, JPEG, WEBP = (encoded(textured(), kind) for kind in ("PNG", "JPEG", "WEBP"))
PROGRESSIVE = encoded(textured(), "JPEG", progressive=True)
EXTENDED = encoded(textured(), "WEBP", exif=b"Exif\0\0MM", icc_profile=b"none")
VIDEO = b"\0\0\0\x18ftypmp42" + (SOS + bytes(98)) * 300
ITXT = b"workflow\0\1\0\0\0" + zlib.compress(b"{}" * 2_000_000)


def in_png(*chunks: bytes) -> bytes:
    return PNG[:33] + b"".join(chunks) + PNG[33:]


def in_jpeg(*segments: bytes) -> bytes:
    return JPEG[:2] + b"".join(segments) + JPEG[2:]


def in_webp(kind: bytes, body: bytes) -> bytes:
    data = EXTENDED + kind + struct.pack("<I", len(body)) + body
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def icc_segments(profile: bytes, piece: int = 65_000) -> list[bytes]:
    pieces = [profile[at : at + piece] for at in range(0, len(profile), piece)]
    return [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, len(pieces)]) + part)
        for number, part in enumerate(pieces, 1)
    ]


@pytest.mark.parametrize(
    ("data", "like"),
    [
        pytest.param(in_png(chunk(b"iTXt", ITXT)), PNG, id="png-4-mb-of-text"),
        pytest.param(in_png(chunk(b"zTXt", b"a\0\0" + ITXT[13:])), PNG, id="png-zipped-text"),
        pytest.param(in_png(chunk(b"tEXt", b"a\0b", wrong=True)), PNG, id="png-text-checksum"),
        pytest.param(in_png(chunk(b"zTXt", b"a\0\0rubbish")), PNG, id="png-text-rubbish"),
        pytest.param(in_png(chunk(b"tEXt", b"")), PNG, id="png-text-empty"),
        pytest.param(in_png(chunk(b"eXIf", b"Exif\0nonsense")), PNG, id="png-exif-rubbish"),
        pytest.param(in_png(chunk(b"iCCP", b"a\0\0rubbish")), PNG, id="png-profile-rubbish"),
        pytest.param(
            in_png(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**23)))),
            PNG,
            id="png-profile-8-mb",
        ),
        pytest.param(in_png(chunk(b"pHYs", b"")), PNG, id="png-density-short"),
        pytest.param(in_png(chunk(b"gAMA", b"x", wrong=True)), PNG, id="png-gamma-broken"),
        pytest.param(in_png(chunk(b"tRNS", b"x")), PNG, id="png-transparency-short"),
        pytest.param(in_png(chunk(b"tRNS", bytes(6), wrong=True)), PNG, id="png-transparency-bad"),
        pytest.param(in_png(chunk(b"acTL", b"\0\0\0\1\0\0\0\0")), PNG, id="png-one-frame"),
        pytest.param(PNG[:-12], PNG, id="png-no-end"),
        pytest.param(PNG[:-16], PNG, id="png-no-checksum"),
        pytest.param(PNG + VIDEO, PNG, id="png-with-a-video"),
        pytest.param(JPEG + VIDEO, JPEG, id="jpeg-motion-photo"),
        pytest.param(PROGRESSIVE + VIDEO, PROGRESSIVE, id="progressive-motion-photo"),
        pytest.param(JPEG[:-2], JPEG, id="jpeg-no-end"),
        pytest.param(JPEG[:-1], JPEG, id="jpeg-half-an-end"),
        pytest.param(PROGRESSIVE[:-2], PROGRESSIVE, id="progressive-no-end"),
        pytest.param(
            in_jpeg(segment(0xE1, b"Exif\0\0" + SOS * 30_000)), JPEG, id="jpeg-exif-scans"
        ),
        pytest.param(in_jpeg(*icc_segments(SOS * 200_000)), JPEG, id="jpeg-profile-scans"),
        pytest.param(in_jpeg(*icc_segments(bytes(2**23))), JPEG, id="jpeg-profile-8-mb"),
        pytest.param(in_jpeg(icc_segments(bytes(99_999))[1]), JPEG, id="jpeg-half-a-profile"),
        pytest.param(in_jpeg(segment(0xE2, b"MPF\0rubbish")), JPEG, id="jpeg-views-rubbish"),
        pytest.param(in_jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4")), JPEG, id="jpeg-photoshop"),
        pytest.param(in_jpeg(segment(0xE0, b"JFIF\0")), JPEG, id="jpeg-jfif-short"),
        pytest.param(in_jpeg(b"\xff\xfe\0\0"), JPEG, id="jpeg-comment-of-no-length"),
        pytest.param(in_webp(b"EXIF", b"Exif\0nonsense"), EXTENDED, id="webp-exif-rubbish"),
        pytest.param(in_webp(b"ICCP", bytes(2**23)), EXTENDED, id="webp-profile-8-mb"),
        pytest.param(in_webp(b"XMP ", b"\xff" * 9)[:-5], EXTENDED, id="webp-cut-metadata"),
        pytest.param(WEBP + VIDEO, WEBP, id="webp-with-a-video"),
    ],
)
def test_metadata_never_decide(data: bytes, like: bytes):
    quick_check(data)
    assert np.array_equal(pixels(data), pixels(like))


def test_a_bomb_of_repeated_scans_is_refused_wherever_its_end_marker_is():
    again = PROGRESSIVE[PROGRESSIVE.rindex(SOS) : -2]
    for end in (PROGRESSIVE[-2:], PROGRESSIVE[-2:] + VIDEO, b""):
        with pytest.raises(BadImage) as caught:
            quick_check(PROGRESSIVE[:-2] + again * 60 + end)
        assert caught.value.code == "image_too_hard"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(textured(), "JPEG"), id="jpeg"),
        pytest.param(encoded(textured(), "JPEG", progressive=True), id="progressive"),
        pytest.param(encoded(textured(), "JPEG", restart_marker_rows=1), id="restarts"),
        pytest.param(encoded(textured(mode="CMYK"), "JPEG"), id="cmyk"),
        pytest.param(encoded(textured(mode="L"), "JPEG"), id="grey"),
        pytest.param(PNG, id="png"),
        pytest.param(WEBP, id="webp"),
        pytest.param(encoded(textured(), "WEBP", lossless=True), id="lossless-webp"),
        pytest.param(heic(textured(), quality=80), id="heic"),
    ],
)
def test_missing_pixels_are_noticed_however_few(data: bytes):
    for missing in (24, 25, 26, 40, len(data) // 3, len(data) // 2):
        with pytest.raises(BadImage) as caught:
            normalise(data[:-missing])
        assert caught.value.code == "image_damaged"


def test_a_progressive_jpeg_cut_between_two_scans_is_cut_short():
    with pytest.raises(BadImage) as caught:
        quick_check(PROGRESSIVE[: PROGRESSIVE.rindex(SOS)])
    assert caught.value.code == "image_damaged"


def test_an_animation_of_one_frame_is_a_still_image():
    control = chunk(b"acTL", b"\0\0\0\1\0\0\0\0")
    frame = chunk(b"fcTL", struct.pack("!5I2H2B", 0, 96, 64, 0, 0, 1, 10, 0, 0))
    assert np.array_equal(pixels(in_png(control, frame)), pixels(PNG))


def test_an_animated_webp_of_one_frame_is_a_still_image():
    header, vp8 = b"\x02\0\0\0" + bytes([95, 0, 0, 63, 0, 0]), WEBP[12:]
    frame = bytes(6) + bytes([95, 0, 0, 63, 0, 0, 10, 0, 0, 0]) + vp8
    parts = [(b"VP8X", header), (b"ANIM", bytes(6)), (b"ANMF", frame)]
    body = b"".join(kind + struct.pack("<I", len(data)) + data for kind, data in parts)
    data = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    assert np.abs(pixels(data).astype(int) - pixels(WEBP)).mean() < 2


def test_of_a_heic_photo_the_pixels_are_taken():
    image = quarters(size=(640, 480))
    data = heic(image, quality=90)
    facts = quick_check(data)
    assert (facts.format, facts.width, facts.height) == ("HEIC", 640, 480)
    kept = normalise(data)
    assert (kept.format, kept.width, kept.height) == ("JPEG", 640, 480)
    assert np.abs(pixels(data).astype(int) - np.asarray(image)).mean() < 3


def test_a_transparent_heic_is_laid_on_white():
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 32, 64))
    seen = pixels(heic(image, quality=90))
    assert seen[32, 48].min() > 250
    assert seen[32, 8, 2] > 240
    assert seen[32, 8, 0] < 15


def test_heic_is_behind_the_same_limits():
    data = heic(quarters(size=(64, 48)))
    at = data.index(b"ispe") + 8
    for size, code in (
        ((15, 48), "image_too_small"),
        ((8193, 48), "image_too_many_pixels"),
        ((6000, 6000), "image_too_many_pixels"),
    ):
        with pytest.raises(BadImage) as caught:
            quick_check(data[:at] + struct.pack("!II", *size) + data[at + 8 :])
        assert caught.value.code == code
    lying = data[:at] + struct.pack("!II", 4000, 4000) + data[at + 8 :]
    with pytest.raises(BadImage):
        normalise(lying)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_the_orientation_is_read(order: str, prefix: bytes):
    def tiff(kind: str, number: int, value: int) -> bytes:
        start = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, 2)
        other = struct.pack(f"{order}HHII", 0x010F, 2, 4, 0)
        return start + other + struct.pack(f"{order}HHI{kind}", 0x0112, number, 1, value)

    assert orientation(prefix + tiff("H", 3, 6)) == 6
    assert orientation(prefix + tiff("I", 4, 8)) == 8
    assert orientation(prefix + tiff("H", 3, 9)) == 1
    assert orientation(prefix + tiff("H", 3, 6)[:-1]) == 1
    assert orientation(prefix + tiff("H", 2, 6)) == 1


def test_an_orientation_is_followed_in_a_png():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(textured(), "PNG", exif=exif)
    assert np.array_equal(pixels(turned), np.rot90(pixels(PNG), -1))


def test_walking_a_file_of_millions_of_parts_ends():
    for data in (
        JPEG[:2] + b"\xff\xfe\0\2" * 2_500_000 + JPEG[2:],
        PNG[:33] + chunk(b"teSt", b"") * 800_000 + PNG[33:],
    ):
        assert read_structure(data) is None


def test_a_profile_comes_along_whole():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("PNG", "JPEG", "WEBP"):
        structure = read_structure(encoded(textured(), kind, icc_profile=profile))
        assert structure is not None
        assert structure.profile == profile
    pieces = icc_segments(profile, 100)
    structure = read_structure(in_jpeg(*reversed(pieces)))
    assert structure is not None
    assert structure.profile == profile
