"""Hostile images, made here, and what each costs the process that has to judge it.

    python -m tests.hardening.images

prints for each its verdict, the seconds it took and the process's largest resident size, on Linux.
"""

from __future__ import annotations

import asyncio
import io
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from videogen_nb.errors import BadImage
from videogen_nb.gateway.files.uploads import CHECK_S
from videogen_nb.gateway.workers.messages import ImageRequest
from videogen_nb.gateway.workers.process import WorkerDied, WorkerProcess, WorkFailed
from videogen_nb.media.images import quick_check

LARGEST = (6000, 6000)
PNG = b"\x89PNG\r\n\x1a\n"
SOS = b"\xff\xda"
#: A video in which the bytes of a scan's marker occur by chance.
VIDEO = b"\0\0\0\x18ftypmp42" + (SOS + bytes(98)) * 300


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def ramp(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def with_chunks(*chunks: bytes, size: tuple[int, int] = (320, 240)) -> bytes:
    """A good PNG with further chunks before its pixels."""
    data = encoded(ramp(size), "PNG")
    at = len(PNG) + 25  # after IHDR
    return data[:at] + b"".join(chunks) + data[at:]


def claiming(
    size: tuple[int, int], *, bits: int = 8, colour: int = 2, pixels: bytes = b""
) -> bytes:
    header = struct.pack("!IIBBBBB", *size, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return PNG + body


def progressive(size: tuple[int, int], scans: int = 0, **options: Any) -> bytes:
    """A progressive JPEG whose last scan comes so many times more."""
    data = encoded(ramp(size), "JPEG", progressive=True, quality=20, **options)
    return data[:-2] + data[data.rindex(SOS) : -2] * scans + data[-2:]


def resized(data: bytes, size: tuple[int, int]) -> bytes:
    """A JPEG that lies about its size."""
    at = next(place for place in range(len(data)) if data[place : place + 2] == b"\xff\xc0")
    width, height = size
    return data[: at + 5] + struct.pack("!HH", height, width) + data[at + 9 :]


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack("!H", len(body) + 2) + body


def in_jpeg(*segments: bytes) -> bytes:
    data = encoded(ramp(), "JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def looping_exif() -> bytes:
    """An EXIF directory whose next directory is itself."""
    tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, 1, 8)
    return in_jpeg(segment(0xE1, b"Exif\0\0" + tiff))


def profile_bomb() -> bytes:
    body = b"bomb\0\0" + zlib.compress(bytes(80 * 2**20), 9)
    return with_chunks(chunk(b"iCCP", body))


def text_bomb(kind: bytes) -> bytes:
    packed = zlib.compress(bytes(80 * 2**20), 9)
    bodies = {b"zTXt": b"a\0\0" + packed, b"iTXt": b"a\0\1\0\0\0" + packed}
    return with_chunks(chunk(kind, bodies[kind]))


def webp(**options: Any) -> bytes:
    return encoded(ramp(), "WEBP", **options)


def frames(kind: str) -> bytes:
    first, second = ramp(), ramp().rotate(90)
    return encoded(first, kind, save_all=True, append_images=[second])


def odd_names() -> bytes:
    """Markup and shell words wherever an image takes words."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Title", "<script>alert(1)</script>")
    words.add_text("Comment", "$(reboot); `reboot`")
    return encoded(ramp(), "PNG", pnginfo=words)


def srgb() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return bytes(profile.tobytes())


def heic(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=50)
    return buffer.getvalue()


def claiming_heic(width: int, height: int) -> bytes:
    """A HEIC that lies about its size."""
    data = heic(ramp())
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack("!II", width, height) + data[at + 8 :]


def largest(mode: str, kind: str, **options: Any) -> bytes:
    return encoded(ramp(LARGEST, mode), kind, **options)


#: What is to become of each: the code of a refusal, or None where an image comes of it.
HOSTILE: Mapping[str, tuple[Callable[[], bytes], str | None]] = {
    "jpeg cut in its header": (lambda: encoded(ramp(), "JPEG")[:60], "image_damaged"),
    "jpeg cut in its pixels": (lambda: encoded(ramp(), "JPEG")[:-400], "image_damaged"),
    "png cut in its pixels": (lambda: encoded(ramp(), "PNG")[:-60], "image_damaged"),
    "webp cut in its pixels": (lambda: webp()[:-200], "image_damaged"),
    "jpeg that claims 65535²": (
        lambda: resized(encoded(ramp(), "JPEG"), (65535, 65535)),
        "image_too_many_pixels",
    ),
    "jpeg that claims 36 megapixels": (  # what is missing comes out grey
        lambda: resized(encoded(ramp(), "JPEG"), LARGEST),
        None,
    ),
    "png that claims 2³¹-1 squared": (
        lambda: claiming((2**31 - 1, 2**31 - 1)),
        "image_too_many_pixels",
    ),
    "png that claims 6000² and has none": (lambda: claiming(LARGEST), "image_damaged"),
    "png of 0 pixels": (lambda: claiming((0, 0)), "image_too_small"),
    "png with 3 bits": (lambda: claiming((64, 64), bits=3), "image_damaged"),
    "png of 80 MB more than its pixels": (
        lambda: claiming((64, 64), pixels=bytes(80 * 2**20)),
        None,
    ),
    "png with a wrong checksum": (
        lambda: encoded(ramp(), "PNG").replace(b"IDAT", b"IDAT\1", 1),
        "image_damaged",
    ),
    "compressed text of 80 MB": (lambda: text_bomb(b"zTXt"), None),
    "compressed international text of 80 MB": (lambda: text_bomb(b"iTXt"), None),
    "profile of 80 MB": (profile_bomb, None),
    "100,000 empty chunks": (lambda: with_chunks(chunk(b"teSt", b"") * 100_000), None),
    "jpeg with 1,000 scans": (lambda: progressive((4000, 4000), 1000), "image_too_hard"),
    "jpeg with 30 scans of 36 megapixels": (lambda: progressive(LARGEST, 20), None),
    "jpeg with 100 scans and a video behind": (
        lambda: progressive((640, 480), 100) + VIDEO,
        "image_too_hard",
    ),
    "motion photo": (lambda: encoded(ramp(), "JPEG") + VIDEO, None),
    "2,500,000 comments": (lambda: in_jpeg(b"\xff\xfe\0\2" * 2_500_000), "image_damaged"),
    "jpeg without its end marker": (lambda: encoded(ramp(), "JPEG")[:-2], None),
    "heic": (lambda: heic(ramp()), None),
    "heic cut in its pixels": (lambda: heic(ramp())[:-40], "image_damaged"),
    "heic that claims 16 megapixels": (lambda: claiming_heic(4000, 4000), "image_damaged"),
    "heic that claims 36 megapixels": (lambda: claiming_heic(6000, 6000), "image_too_many_pixels"),
    "exif that loops": (looping_exif, None),
    "exif of 64 KB of nothing": (
        lambda: in_jpeg(segment(0xE1, b"Exif\0\0II*\0" + bytes(65000))),
        None,
    ),
    "jpeg with a huge restart interval": (lambda: in_jpeg(segment(0xDD, b"\xff\xff")), None),
    "jpeg with 500 comments": (lambda: in_jpeg(*[segment(0xFE, bytes(9000))] * 500), None),
    "web page that is a jpeg, too": (
        lambda: encoded(ramp(), "JPEG") + b"<script>alert(1)</script>",
        None,
    ),
    "zip that is a png, too": (lambda: encoded(ramp(), "PNG") + b"PK\x03\x04" * 999, None),
    "script in its words": (odd_names, None),
    "moving png": (lambda: frames("PNG"), "image_animated"),
    "moving webp": (lambda: frames("WEBP"), "image_animated"),
    "gif named jpg": (lambda: encoded(ramp(), "GIF"), "image_format"),
    "bmp named jpg": (lambda: encoded(ramp(), "BMP"), "image_format"),
    "tiff named jpg": (lambda: encoded(ramp(), "TIFF"), "image_format"),
    "svg named jpg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image_format"),
    "postscript behind jpeg's magic bytes": (
        lambda: b"\xff\xd8\xff%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(99),
        "image_damaged",
    ),
    "riff of no webp": (lambda: b"RIFF\x24\0\0\0WEBPJUNK" + bytes(99), "image_damaged"),
    "webp of 36 megapixels": (
        lambda: largest("RGB", "WEBP", quality=10, method=0),
        "image_too_many_pixels",
    ),
    "webp of 15.7 megapixels": (
        lambda: encoded(ramp((3960, 3960), "RGBA"), "WEBP", quality=10, method=0),
        None,
    ),
    "progressive jpeg of 36 megapixels without subsampling": (
        lambda: progressive(LARGEST, subsampling=0),
        "image_too_many_pixels",
    ),
    "progressive jpeg of 36 megapixels": (lambda: progressive(LARGEST), None),
    "png of 36 megapixels": (lambda: largest("RGB", "PNG"), None),
    "png of 36 megapixels, transparent, with a profile": (
        lambda: largest("RGBA", "PNG", icc_profile=srgb()),
        None,
    ),
    "png of 36 megapixels of 16 bits": (
        lambda: encoded(Image.fromarray(np.full(LARGEST[::-1], 9, np.uint16)), "PNG"),
        None,
    ),
    "cmyk jpeg of 36 megapixels": (lambda: largest("CMYK", "JPEG"), None),
    "lossless noise": (
        lambda: encoded(
            Image.fromarray(np.random.default_rng(1).integers(0, 256, (1800, 1800, 3), np.uint8)),
            "PNG",
        ),
        None,
    ),
}

#: What pytest leaves out: making or judging these takes seconds.
SLOW = frozenset(name for name in HOSTILE if "megapixels" in name)


async def judge(process: WorkerProcess, folder: Path, data: bytes) -> str | None:
    """The code of the verdict that uploads would come to; None for an image that is taken."""
    source, target = folder / "in", folder / "out"
    source.write_bytes(data)
    try:
        quick_check(data)
        await process.ask(ImageRequest(source, target), silence_s=CHECK_S)
    except BadImage as bad:
        return bad.code
    except WorkFailed as failed:
        return failed.code
    except WorkerDied as died:
        return died.text.en
    return None


def resident_mib(pid: int) -> float:
    """The largest resident size of a process since :func:`forget_peak`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


async def measured() -> list[tuple[str, str | None, float, float]]:
    """Name, verdict, seconds and MiB of each."""
    process, rows = WorkerProcess(), []
    try:
        with tempfile.TemporaryDirectory() as folder:
            await judge(process, Path(folder), encoded(ramp(), "PNG"))  # imports its decoders
            for name, (make, _) in HOSTILE.items():
                data = make()
                if process.pid is not None:
                    forget_peak(process.pid)
                began = time.monotonic()
                verdict = await judge(process, Path(folder), data)
                pid = process.pid
                took_s = time.monotonic() - began
                rows.append((name, verdict, took_s, resident_mib(pid) if pid else 0.0))
    finally:
        await process.kill()
    return rows


def main() -> int:
    """Print the table; exit code 1 where a verdict is another than it should be."""
    wrong, slowest, largest_mib = 0, 0.0, 0.0
    for name, verdict, took_s, mib in asyncio.run(measured()):
        right = verdict == HOSTILE[name][1]
        wrong += not right
        slowest, largest_mib = max(slowest, took_s), max(largest_mib, mib)
        told = f"{verdict or 'taken'}{'' if right else '  !'}"
        print(f"{name:55} {took_s:6.2f} s {mib:5.0f} MiB  {told}")
    print(f"{len(HOSTILE)} images; slowest {slowest:.1f} s, largest {largest_mib:.0f} MiB")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
