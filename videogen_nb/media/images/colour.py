"""Converting an image to how it is displayed: upright, sRGB, on white."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageCms

STRIP: Final = 64  # rows at a time, where a whole copy would cost too much memory

#: What undoes each EXIF orientation (CIPA DC-008, tag 0x0112).
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: The mode in which the colours of each mode are given to a profile; any other is made RGB.
_COLOURS: Final = {"1": "L", "L": "L", "LA": "L", "La": "L", "CMYK": "CMYK"}
_SIXTEEN_BITS: Final = ("I;16", "I;16L", "I;16B", "I")


def as_seen(image: Image.Image, orientation: int = 1, profile: bytes | None = None) -> Image.Image:
    """Return an image upright, in sRGB, on white, as RGB without metadata.

    ``profile`` is an ICC profile, by default the image's own; a damaged or unsuitable one is
    ignored. ``image`` itself may be returned.
    """
    turn = _TURNS.get(orientation)
    to_srgb = _to_srgb(_colour_mode(image), profile or image.info.get("icc_profile"))
    plain = image.mode == "RGB" and "transparency" not in image.info
    if plain and turn is None and to_srgb is None:
        image.info = {}  # else an encoder would take a comment along
        return image
    bands = _bands(image, to_srgb)
    del image  # beside it a large one's RGB copy would find no room
    if turn is not None:
        bands = [band.transpose(turn) for band in bands]
    return Image.merge("RGB", bands)


def _bands(image: Image.Image, to_srgb: ImageCms.ImageCmsTransform | None) -> list[Image.Image]:
    """Convert to red, green and blue, a few rows at a time."""
    bands = [Image.new("L", image.size) for _ in "RGB"]
    mode = _colour_mode(image)
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        if strip.mode in ("La", "RGBa"):  # premultiplied
            strip = strip.convert("LA" if strip.mode == "La" else "RGBA")
        alpha = _alpha(strip)
        colours = _colours(strip, mode)
        colours = (to_srgb.apply(colours) if to_srgb else colours).convert("RGB")
        if alpha is not None:
            white = Image.new("RGB", strip.size, "white")
            white.paste(colours, mask=alpha)
            colours = white
        for band, part in zip(bands, colours.split(), strict=True):
            band.paste(part, (0, top))
    return bands


def _colour_mode(image: Image.Image) -> str:
    return "L" if image.mode in _SIXTEEN_BITS else _COLOURS.get(image.mode, "RGB")


def _colours(strip: Image.Image, mode: str) -> Image.Image:
    """Return only the colours, in ``mode``, unaffected by transparency."""
    if strip.mode in _SIXTEEN_BITS:
        return strip.point(lambda value: value * (1 / 256)).convert("L")
    strip.info = {}  # a colour that stands for transparency is a colour here
    return strip if strip.mode == mode else strip.convert(mode)


def _alpha(strip: Image.Image) -> Image.Image | None:
    """Return the opacity of each pixel; None if all are opaque."""
    if not strip.has_transparency_data:
        return None
    if strip.mode in _SIXTEEN_BITS:
        table = [255] * 65536
        table[int(strip.info["transparency"]) & 0xFFFF] = 0
        return strip.convert("I").point(table, "L")
    key = strip.info.get("transparency")
    if strip.mode == "RGB" and isinstance(key, tuple) and max(key) > 255:
        strip.info["transparency"] = tuple(value >> 8 for value in key)  # 16 bits came as 8
    alpha = strip.convert("RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _to_srgb(mode: str, profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """Return the transform from a profile to sRGB; None if it changes nothing."""
    if not profile:
        return None
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        to_srgb = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
        return None if _changes_nothing(to_srgb, mode) else to_srgb
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(to_srgb: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Return whether a transform changes nothing: most profiles are sRGB."""
    if mode == "CMYK":
        return False
    steps = range(0, 256, 17)
    colours = [bytes((r, g, b)) for r in steps for g in steps for b in steps]
    samples = Image.frombytes("RGB", (len(colours), 1), b"".join(colours)).convert(mode)
    before, after = samples.convert("RGB").tobytes(), to_srgb.apply(samples).tobytes()
    return all(abs(a - b) <= 1 for a, b in zip(before, after, strict=True))
