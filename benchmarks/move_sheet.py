"""25 camera moves on one sheet: each prompt with three frames of the video that it gives."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from videogen_nb.engines import InputImage, Job
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.drawing.noise import Array, rng

_LAKE: Final = Path("videogen_nb/gateway/samples/lake.jpg")
_TILE: Final = (216, 122)
_ACROSS, _SHOWN = 5, (1, 30, 58)  # columns; frames of 60
#: prompt → the image it is said of; none for a text scene
MOVES: Final = (
    ("The camera slowly pushes in", "lake"),
    ("Slowly zoom out", "lake"),
    ("Pan left", "lake"),
    ("Pan right", "lake"),
    ("The camera tilts up", "lake"),
    ("Tilt down", "lake"),
    ("Orbit around it", "lake"),
    ("Handheld camera", "lake"),
    ("Camera stands still, light drifts", "lake"),
    ("Pan right (a panorama)", "panorama"),
    ("Pan up (a tall image)", "tower"),
    ("Push in (a portrait)", "portrait"),
    ("Orbit (a portrait)", "portrait"),
    ("Push in (a page)", "page"),
    ("Orbit (a page)", "page"),
    ("Let it snow", "lake"),
    ("Heavy rain, static shot", "lake"),
    ("Fog rolls in, static shot", "lake"),
    ("Falling leaves, pull out", "lake"),
    ("A thunderstorm, push in", "lake"),
    ("Sunset over the sea, zoom out", ""),
    ("City lights at night, push in", ""),
    ("Mountains at noon, pan right", ""),
    ("Snow in a forest, orbit", ""),
    ("A starry sky, tilt up", ""),
)


def moves(folder: Path) -> Array:
    """The sheet, ``(height, width, 3)`` uint8; videos are made in ``folder``."""
    cells = []
    for prompt, name in MOVES:
        frames = decoded(prompt, _image(name, folder) if name else None, folder)
        cells.append(cell(prompt, [frames[k] for k in _SHOWN]))
        print(prompt, flush=True)
    rows = [np.hstack(cells[k : k + _ACROSS]) for k in range(0, len(cells), _ACROSS)]
    return np.vstack(rows)


def decoded(prompt: str, image: Path | None, folder: Path, seed: int = 3) -> list[Array]:
    """The frames of the video that the engine makes of a prompt, 5 s of 12 each, 16:9."""
    images = ()
    if image:
        with Image.open(image) as opened:
            digest = hashlib.sha256(image.read_bytes()).hexdigest()
            images = (InputImage(image, digest, *opened.size, "first"),)
    engine = SketchEngine()
    asked = {"duration": 5, "fps": 12, "resolution": "480p", "ratio": "16:9", "seed": seed}
    video = folder / "video.mp4"
    job = Job("1", prompt, engine.plan(prompt, asked, images), video, folder / "p.jpg", images)
    engine.run(job, lambda share, stage: None, lambda: False)
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def cell(prompt: str, frames: list[Array]) -> Array:
    """The prompt above its frames, one below the other."""
    width, tall = _TILE
    small = [cv2.resize(frame, _TILE, interpolation=cv2.INTER_AREA) for frame in frames]
    sheet = Image.new("RGB", (width + 8, 22 + len(frames) * (tall + 2) + 6), "white")
    font = ImageFont.load_default(12)
    ImageDraw.Draw(sheet).text((5, 5), prompt, fill=(40, 40, 48), font=font)
    for k, frame in enumerate(small):
        sheet.paste(Image.fromarray(frame), (4, 22 + k * (tall + 2)))
    return np.asarray(sheet)


def _image(name: str, folder: Path) -> Path:
    """One of the images that the moves are made over."""
    if name == "lake":
        return _LAKE
    path = folder / f"{name}.png"
    if not path.exists():
        with Image.open(_LAKE) as lake:
            w, h = lake.size
            made = {
                "panorama": lambda: lake.crop((0, h // 3, w, h // 3 + w // 4)),
                "tower": lambda: lake.crop((w // 8, 0, w // 8 + h // 3, h)),
                "portrait": _portrait,
                "page": _page,
            }[name]()
            made.save(path)
    return path


def _page() -> Image.Image:
    """A page of writing."""
    page = Image.new("RGB", (1280, 720), (244, 241, 234))
    draw = ImageDraw.Draw(page)
    title, body = (ImageFont.load_default(size) for size in (52, 40))
    draw.text((70, 50), "The camera and the page", fill=(30, 28, 34), font=title)
    text = (
        "Letters are thin strokes on even paper, and a camera that",
        "comes nearer must not cut them off. So all that is written",
        "stays in the frame, from the first letter of each line to",
        "its last one; and when the camera walks around the page,",
        "every line stays as straight as it was set.",
        "",
        "What a page does not have is depth: near the lower edge it",
        "is as far away as at the upper one. Nothing bends here.",
    )
    for k, line in enumerate(text):
        draw.text((70, 160 + 62 * k), line, fill=(44, 42, 50), font=body)
    return page


def _portrait() -> Image.Image:
    """Somebody at the side of a colourful wall, drawn with simple shapes and soft light."""
    dice, fine = rng(11), 2
    wall = Image.new("RGB", (1280 * fine, 720 * fine), (58, 84, 104))
    draw = ImageDraw.Draw(wall)
    for _ in range(60):
        x, y, r = dice.uniform(700, 1280) * fine, dice.uniform(0, 720) * fine, dice.uniform(20, 70)
        colour = tuple(int(v) for v in dice.uniform((150, 40, 30), (255, 180, 120)))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    for box, colour in (
        ((150, 470, 650, 1100), (44, 74, 92)),
        ((300, 90, 510, 420), (52, 34, 28)),
        ((365, 380, 440, 520), (206, 152, 122)),
        ((318, 150, 488, 405), (224, 172, 140)),
        ((300, 95, 510, 225), (52, 34, 28)),
    ):
        draw.ellipse([v * fine for v in box], fill=colour)
    for x in (362, 444):
        draw.ellipse([v * fine for v in (x - 13, 268, x + 13, 284)], fill=(250, 246, 240))
        draw.ellipse([v * fine for v in (x - 7, 268, x + 7, 284)], fill=(50, 36, 30))
        draw.arc([v * fine for v in (x - 24, 244, x + 24, 276)], 205, 335, (60, 40, 32), 5 * fine)
    draw.arc([v * fine for v in (372, 310, 434, 362)], 25, 155, (150, 70, 66), 6 * fine)
    draw.line([v * fine for v in (403, 276, 396, 322, 408, 324)], (190, 136, 108), 4 * fine)
    return wall.resize((1280, 720), Image.Resampling.LANCZOS)
