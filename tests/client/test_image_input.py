"""However an image is given, it is the same image, or the same error."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pillow_heif
import pytest
from PIL import Image, features

from videogen_nb.client.images.loading import LoadedImage, load
from videogen_nb.errors import BadImage, BadInput
from videogen_nb.media.images import MAX_BYTES, normalise, quick_check
from videogen_nb.media.images.convert import SOURCE

from ..old_and_new_gateway import image_bytes, older_world, our_world

JPEG, PNG = image_bytes(kind="JPEG"), image_bytes()
TRUNCATED = {"jpeg": JPEG[:-300], "png": PNG[:-60], "webp": image_bytes(kind="WEBP")[:-30]}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def wrapped(text: str, width: int = 76, end: str = "\r\n") -> str:
    return end.join(text[at : at + width] for at in range(0, len(text), width)) + end


#: Every way to give bytes as text.
TEXTS: dict[str, Callable[[bytes], str | bytes]] = {
    "data-url": lambda data: f"data:image/jpeg;base64,{b64(data)}",
    "data-url-upper": lambda data: f"DATA:IMAGE/JPEG;BASE64,{b64(data)}",
    "data-url-charset": lambda data: f"data:image/jpeg;charset=utf-8;base64,{b64(data)}",
    "data-url-spaces": lambda data: f"\ufeff data:image/jpeg; base64, {b64(data)}\n",
    "data-url-no-type": lambda data: f"data:;base64,{b64(data)}",
    "data-url-wrong-type": lambda data: f"data:text/plain;base64,{b64(data)}",
    "data-url-percent": lambda data: f"data:image/jpeg,{quote(data)}",
    "data-url-percent-base64": lambda data: f"data:image/jpeg;base64,{quote(b64(data), safe='')}",
    "data-url-wrapped": lambda data: f"data:image/jpeg;base64,{wrapped(b64(data))}",
    "data-url-url-safe": lambda data: (
        "data:image/jpeg;base64," + base64.urlsafe_b64encode(data).decode()
    ),
    "base64": b64,
    "base64-wrapped": lambda data: f"\ufeff\n{wrapped(b64(data))}",
    "base64-wrapped-short": lambda data: wrapped(b64(data), 20, "\n"),
    "base64-unpadded": lambda data: b64(data).rstrip("="),
    "base64-url-safe": lambda data: base64.urlsafe_b64encode(data).decode(),
    "base64-bytes": base64.b64encode,
    "base64-lines": lambda data: BOM_UTF8 + base64.encodebytes(data),
    "data-url-bytes": lambda data: b"data:;base64," + base64.b64encode(data),
}


def ways(data: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "image.bin"
    path.write_bytes(data)
    text = folder / "image.txt"
    text.write_bytes(base64.encodebytes(data))
    return {
        "path": path,
        "path-text": str(path),
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "base64-file": text,
        **{name: make(data) for name, make in TEXTS.items()},
    }


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_the_same_image_whatever_the_way(kind: str, tmp_path: Path):
    data = heic() if kind == "HEIC" else image_bytes(kind=kind)
    for name, given in ways(data, tmp_path).items():
        assert load(given).data == data, name


@pytest.mark.parametrize(
    "data",
    [
        *(pytest.param(data, id=f"cut-{kind}") for kind, data in TRUNCATED.items()),
        pytest.param(image_bytes(kind="GIF"), id="gif"),
        pytest.param(image_bytes(kind="BMP"), id="bmp"),
        pytest.param(image_bytes(kind="TIFF"), id="tiff"),
        pytest.param(image_bytes((9, 9)), id="tiny"),
    ],
)
def test_the_same_error_whatever_the_way(data: bytes, tmp_path: Path):
    told = set()
    for given in ways(data, tmp_path).values():
        with pytest.raises(BadImage) as caught:
            load(given, "a")
        told.add((caught.value.code, caught.value.text.en, caught.value.text.zh))
    assert len(told) == 1


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "AVIF"])
@pytest.mark.parametrize("loaded", [False, True])
def test_a_format_that_is_not_taken_is_refused_as_a_pillow_image_too(kind: str, loaded: bool):
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow knows no AVIF")
    data = image_bytes(kind=kind)
    with pytest.raises(BadImage) as bare:
        load(data)
    image = Image.open(io.BytesIO(data))
    if loaded:
        image.load()
    with pytest.raises(BadImage) as opened:
        load(image)
    assert opened.value.code == bare.value.code == "image_format"
    assert opened.value.text.en == bare.value.text.en
    assert load(image.convert("RGB")).facts.format == "PNG"  # what was made of it is pixels


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_pillow_image_is_its_file_as_long_as_it_was_only_opened(kind: str, tmp_path: Path):
    data = image_bytes(kind=kind)
    path = tmp_path / "a"
    path.write_bytes(data)
    with Image.open(path) as opened:
        assert load(opened).data == data
    drawn = Image.open(io.BytesIO(data))
    assert load(drawn).data == data
    drawn.paste((1, 2, 3), (0, 0, 40, 40))
    assert Image.open(io.BytesIO(load(drawn).data)).convert("RGB").getpixel((9, 9)) == (1, 2, 3)


@pytest.mark.parametrize("loaded", [False, True])
def test_a_pillow_image_is_kept_as_its_file_would_be(loaded: bool, tmp_path: Path):
    exif = b"Exif\0\0nonsense"
    grey = Image.fromarray(np.tile(np.linspace(0, 65535, 320).astype(np.uint16), (200, 1)))
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    turned = Image.Exif()
    turned[0x0112] = 6
    cases: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "exif": (Image.open(io.BytesIO(PNG)), {"exif": exif}),
        "grey16": (grey, {}),
        "clear": (clear, {}),
        "turned": (Image.open(io.BytesIO(PNG)), {"exif": turned}),
        "palette": (Image.open(io.BytesIO(PNG)).quantize(), {"transparency": 3}),
    }
    for name, (image, options) in cases.items():
        path = tmp_path / f"{name}.png"
        image.save(path, **options)
        with Image.open(path) as opened:
            if loaded:
                opened.load()
            assert normalise(load(opened).data).sha256 == normalise(load(path).data).sha256, name


def test_a_cut_pillow_image_is_refused_as_its_file_is():
    for loaded_alike in (JPEG[:-300], PNG[:-60]):
        with pytest.raises(BadImage) as caught:
            load(Image.open(io.BytesIO(loaded_alike)))
        assert caught.value.code == "image_damaged"


def test_a_pillow_image_is_not_changed():
    image = Image.open(io.BytesIO(PNG))
    image.load()
    image.info["comment"] = "mine"
    before = image.tobytes()
    load(image)
    assert image.info["comment"] == "mine"
    assert image.tobytes() == before


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_is_refused_whatever_the_way(kind: str):
    first, second = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=[second])
    with pytest.raises(BadImage) as caught:
        load(out.getvalue())
    assert caught.value.code == ("image_format" if kind == "GIF" else "image_animated")
    with pytest.raises(BadImage) as opened:
        load(Image.open(out))
    assert opened.value.text.en == caught.value.text.en
    later = Image.open(out)
    later.seek(1)
    shown = Image.open(io.BytesIO(load(later).data)).convert("RGB").getpixel((32, 32))
    assert isinstance(shown, tuple)
    assert shown[2] > 200
    assert shown[0] < 60


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("data:image/png;base64", "data_url_invalid"),
        ("data:image/png;base64,", "image_empty"),
        ("data:image/png;base64,%%%", "base64_invalid"),
        ("data:text/html,<!doctype html>", "image_format"),
        (b64(PNG)[:200] + "!" + b64(PNG)[200:], "base64_invalid"),
        ("x" * 5000, "image_format"),
        ("not/a/path." * 600, "bad_image"),
        ("/9j/4AAQSkZJRgABAQAAAQABAAD.jpg", "bad_image"),
    ],
)
def test_text_that_is_no_image_gets_a_short_error(text: str, code: str):
    with pytest.raises(BadImage) as caught:
        load(text)
    assert caught.value.code == code
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("kind", TRUNCATED)
def test_a_cut_image_is_refused_when_it_is_chosen(kind: str):
    with pytest.raises(BadImage, match="truncated") as caught:
        load(TRUNCATED[kind])
    assert caught.value.code == "image_damaged"


def test_an_image_without_its_end_marker_is_taken():
    for data in (JPEG[:-2], PNG[:-12]):
        assert load(data).data == data


# Too large


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def heic(size: tuple[int, int] = (320, 180)) -> bytes:
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    pillow_heif.from_pillow(image).save(out, quality=60)
    return out.getvalue()


def test_an_image_of_more_than_10_mib_is_shrunk_and_that_is_said():
    out = io.BytesIO()
    noise(2300, 1900).save(out, "PNG", compress_level=0)
    loaded = load(out.getvalue(), "照片.png")
    assert len(loaded.data) <= MAX_BYTES
    assert loaded.name == "照片.jpg"
    assert (loaded.facts.format, loaded.facts.width) == ("JPEG", 1840)
    assert loaded.note is not None
    assert "2300×1900 pixels (12.5 MiB)" in loaded.note.render("en")
    assert "已缩小" in loaded.note.render("zh")


def test_an_image_of_too_many_pixels_is_shrunk(tmp_path: Path):
    path = tmp_path / "large.jpg"
    Image.linear_gradient("L").resize((9000, 5000)).convert("RGB").save(path, quality=30)
    loaded = load(path)
    assert (loaded.facts.width, loaded.facts.height) == (4096, 2276)
    assert loaded.original is not None
    assert (loaded.original.width, loaded.original.height) == (9000, 5000)
    pixels = np.asarray(Image.open(io.BytesIO(loaded.data)).convert("L")).astype(int)
    assert np.abs(pixels[:, 2048] - np.linspace(0, 255, 2276)).max() < 12


def test_a_large_pillow_image_is_shrunk():
    loaded = load(Image.linear_gradient("L").resize((9000, 5000)))
    assert (loaded.facts.width, loaded.facts.height) == (4096, 2276)
    assert loaded.note is not None
    assert "9000×5000" in loaded.note.render("en")


def test_a_bomb_is_not_even_shrunk():
    header = struct.pack("!IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(9))), (b"IEND", b"")]
    body = b"".join(
        struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    with pytest.raises(BadImage) as caught:
        load(b"\x89PNG\r\n\x1a\n" + body)
    assert caught.value.code == "image_too_many_pixels"


def test_what_is_large_and_no_image_is_told_as_that(tmp_path: Path):
    with pytest.raises(BadImage) as caught:
        load(b"\0\0\0\x20ftypisom" + bytes(MAX_BYTES))
    assert caught.value.code == "image_format"
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(SOURCE.size + 1)
    with pytest.raises(BadImage, match=r"huge.png is 64.0 MiB; the limit is 64 MiB"):
        load(path)


# On the way to a gateway


async def test_an_older_gateway_gets_a_heic_as_a_jpeg():
    async with older_world() as older:
        attachment = await older.client.upload_image(heic(), "foto.heic")
        assert attachment.name == "foto.jpg"
        assert attachment.option == {"width": 320, "height": 180}


async def test_our_gateway_takes_a_heic_and_a_data_url_as_they_are():
    async with our_world() as videos:
        data = heic()
        assert (await videos.upload_image(data)).size == len(data)
        task = await videos.create_task("x", image_url=f"data:image/png;base64,{b64(PNG)}")
        assert task.status in ("pending", "processing", "completed")
        url = f"data:image/png;base64,{b64(image_bytes((900, 900), compress_level=0))}"
        await videos.create_task("x", images=[{"url": url, "role": "first"}], again=True)


async def test_a_bad_data_url_is_refused_before_anything_is_sent():
    async with older_world() as older:
        with pytest.raises(BadInput):
            await older.client.create_task("x", image_url=f"data:;base64,{b64(TRUNCATED['jpeg'])}")
        assert older.gateway.log == []


def test_a_loaded_image_is_uploaded_as_it_is():
    loaded = load(PNG, "a.png")
    assert load(loaded) is loaded
    assert load(loaded, "b.png").name == "b.png"
    assert isinstance(loaded, LoadedImage)
    assert quick_check(loaded.for_everyone().data).format == "PNG"
    assert quick_check(load(heic()).for_everyone().data).format == "JPEG"
