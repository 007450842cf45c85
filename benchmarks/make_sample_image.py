"""Paint the gateway's sample image: a mountain lake in the morning, by formulas.

python benchmarks/make_sample_image.py [--out videogen_nb/gateway/samples/lake.jpg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from videogen_nb.engines.sketch.drawing.colour import gradient, linear
from videogen_nb.engines.sketch.drawing.noise import Array, F, fbm_tile, rng, smoothstep

WIDTH, HEIGHT = 1280, 960
SHORE = 0.585  # where the water begins, as a share of the height
SEED = 11
SUN = (0.66, 0.385)
_SKY = "#3f72b4, #6f9fd0 14%, #a8c4de 26%, #e6d3c4 36%, #ffd6a2 44%, #ffc98a 58%"
_MIST = "#f3dcc4"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("videogen_nb/gateway/samples/lake.jpg"))
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(paint()).save(out, quality=88, optimize=True, progressive=True)
    print(f"{out}: {WIDTH}x{HEIGHT}, {out.stat().st_size / 1000:.0f} kB")


def paint() -> Array:
    """The image as ``(HEIGHT, WIDTH, 3)`` uint8 RGB; painted twice as large, then averaged."""
    h, w = HEIGHT * 2, WIDTH * 2
    shore = int(h * SHORE)
    land = np.empty((shore, w, 3), F)
    _sky(land, h)
    for ridge in _RIDGES:
        _mountains(land, h, *ridge)
    _forest(land, h)
    image = np.empty((h, w, 3), F)
    image[:shore] = land
    image[shore:] = _water(land, h)
    _shore_mist(image, shore)
    _reeds(image)
    small = cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    small = np.clip(small * 1.02, 0, None)
    small = small * (1 + small * 0.10) / (1 + small * 0.12)
    shown = 255 * np.clip(small, 0, 1) ** (1 / 2.2)
    grain = rng(SEED, 99).normal(0, 1.1, (HEIGHT, WIDTH, 1))  # else the sky shows JPEG's blocks
    return np.clip(np.rint(shown + grain), 0, 255).astype(np.uint8)


def _grid(h: int, rows: int, w: int) -> tuple[Array, Array]:
    """x from 0 to the image's ratio, y from 0 to 1 over the whole image's height."""
    x = np.linspace(0, WIDTH / HEIGHT, w, dtype=F)[None]
    y = (np.arange(rows, dtype=F)[:, None] + F(0.5)) / h
    return x, y


def _sky(land: Array, h: int) -> None:
    rows, w = land.shape[:2]
    x, y = _grid(h, rows, w)
    land[:] = gradient(_SKY, y + 0 * x)
    sun_x, sun_y = SUN[0] * WIDTH / HEIGHT, SUN[1]
    away = np.sqrt((x - sun_x) ** 2 + (y - sun_y) ** 2)
    glow = np.exp(-away / 0.28)[..., None]
    land += glow * linear("#ffc07a") * 0.75
    land += np.exp(-((away / 0.09) ** 2))[..., None] * linear("#ffe9c4") * 0.6
    noise = fbm_tile(1024, 2.9, rng(SEED, 1), lowest=2, stretch=2.4)
    u = np.mod((x * 330 + 90 * y), 1024).astype(F) + 0 * y
    v = np.mod(y * 900 - x * 60 + 300, 1024).astype(F)
    veil = cv2.remap(cv2.copyMakeBorder(noise, 0, 1, 0, 1, cv2.BORDER_WRAP), u, v, cv2.INTER_LINEAR)
    veil = smoothstep(0.15, 1.9, veil) * smoothstep(0.50, 0.12, y) * 0.85
    lit = linear("#fff3e6") * (1 + 0.5 * glow)
    land[:] = land * (1 - veil[..., None]) + lit * veil[..., None]


#: Haze, foot and rise of the crest (shares of the height), breadth of its forms, stream, snow.
_RIDGES = (
    (0.86, 0.50, 0.15, 0.50, 21, True),
    (0.62, 0.53, 0.27, 0.34, 27, True),
    (0.42, 0.57, 0.17, 0.42, 33, False),
    (0.24, 0.585, 0.09, 0.55, 44, False),
)


def _crest(w: int, foot: float, rise: float, breadth: float, stream: int) -> Array:
    """A skyline: folded smooth noise gives pointed peaks, a little rough noise breaks it up."""
    x = np.linspace(100, 100 + 2047 * breadth, w)
    smooth = fbm_tile(2048, 4.2, rng(SEED, stream), lowest=1.0, highest=40)[700]
    rough = fbm_tile(2048, 2.9, rng(SEED, stream, 1), lowest=12)[300]
    peaks = 1 - np.abs(smooth - np.median(smooth)) / np.abs(smooth).max()
    line = peaks + 0.035 * rough / np.abs(rough).max() * (0.4 + peaks)
    line = np.interp(x, np.arange(2048), line)
    line = (line - line.min()) / (line.max() - line.min())
    return (foot - rise * line).astype(F)


def _mountains(
    land: Array,
    h: int,
    haze: float,
    foot: float,
    rise: float,
    breadth: float,
    stream: int,
    snow: bool,
) -> None:
    rows, w = land.shape[:2]
    _, y = _grid(h, rows, w)
    crest = _crest(w, foot, rise, breadth, stream)[None]
    mask = smoothstep(-0.0006, 0.0006, y - crest)[..., None]
    relief = _relief(rows, w, crest, y, stream)
    slope = np.clip(0.55 + 0.55 * relief, 0.12, 1.5)[..., None]
    rock = linear("#5f6f86") if haze > 0.5 else linear("#3f5a55")
    body = rock * slope * 0.9
    if snow:
        down = (y - crest) / rise
        cover = smoothstep(0.62, 0.1, down + 0.22 * relief)[..., None]
        sunny = linear("#ffe3c8") * np.clip(slope, 0.30, 1.25)
        shade = linear("#8fa6cc") * 0.85
        lit = smoothstep(0.35, 0.95, slope)
        body = body * (1 - cover) + (sunny * lit + shade * (1 - lit)) * cover
    depth = np.clip((y - crest) / max(foot - float(crest.min()), 1e-3), 0, 1)[..., None]
    veil = np.clip(haze * 0.62 + 0.55 * depth**1.7 * (0.5 + haze * 0.5), 0, 0.97)
    air = linear("#bcc9dd") * (1 - depth) + linear(_MIST) * depth
    land[:] = land * (1 - mask) + (body * (1 - veil) + air * veil) * mask


def _relief(rows: int, w: int, crest: Array, y: Array, stream: int) -> Array:
    """Light and shade of spurs and gullies: folded noise that runs downhill, lit from the right."""
    below = np.maximum(y - crest, 0)
    x = np.arange(w, dtype=F)[None]
    light = np.zeros((rows, w), F)
    for octave, (scale, weight) in enumerate(((0.16, 1.0), (0.42, 0.55), (1.0, 0.3))):
        tile = fbm_tile(1024, 3.2, rng(SEED, stream, 5 + octave), lowest=5, highest=60)
        bent = x + 130 * np.sin(below * 21 + octave * 2.1) * below * 4
        tile = cv2.copyMakeBorder(tile, 0, 1, 0, 1, cv2.BORDER_WRAP)
        u = np.mod(bent * scale, 1024).astype(F)
        v = np.mod((y - 0.75 * crest) * 1500 * scale + 0 * x, 1024).astype(F)
        folded = np.abs(cv2.remap(tile, u, v, cv2.INTER_LINEAR))
        slope = cv2.Sobel(cv2.GaussianBlur(folded, (0, 0), 1.2 / scale**0.5), cv2.CV_32F, 1, 0)
        light += weight * slope / (slope.std() + 1e-6)
    return np.tanh(light * 0.75)


def _forest(land: Array, h: int) -> None:
    """Two rows of firs on the far shore, each tree its own."""
    rows, w = land.shape[:2]
    for row, (haze, low, high, count) in enumerate(
        ((0.45, 0.018, 0.040, 420), (0.14, 0.03, 0.085, 330))
    ):
        dice = rng(SEED, 60, row)
        mask = np.zeros((rows, w), np.uint8)
        bank = rows - int((0.010 if row == 0 else 0.0) * h)
        hump = np.interp(np.arange(w), np.linspace(0, w, 9), dice.uniform(0.25, 1, 9))
        edge = np.abs(np.linspace(-1, 1, w)) ** 1.5
        for x in dice.uniform(-20, w + 20, count):
            at = int(np.clip(x, 0, w - 1))
            tall = (low + (high - low) * (0.25 + 0.75 * hump[at] * (0.45 + 0.9 * edge[at]))) * h
            tall *= dice.uniform(0.7, 1.15)
            _fir(mask, x, bank + dice.uniform(0, 6), tall, dice)
        mask[bank:] = 255
        cover = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None].astype(F) / 255
        tone = linear("#1d3a30") * (1 - haze) + linear("#b9c2c4") * haze
        shade = fbm_tile(1024, 1.6, rng(SEED, 70, row), lowest=8)
        shade = np.tile(shade, (2, 3))[:rows, :w][..., None]
        land[:] = land * (1 - cover) + tone * (1 + 0.22 * shade) * cover


def _fir(mask: Array, x: float, foot: float, tall: float, dice: np.random.Generator) -> None:
    """A fir's outline: boughs of uneven reach, denser towards the top."""
    levels = max(5, int(tall / 9))
    left, right = [], []
    wide = tall * dice.uniform(0.15, 0.21)
    for k in range(levels):
        down = (k + 1) / levels
        y = foot - tall * (1 - down)
        for side, line in ((-1, left), (1, right)):
            reach = wide * down**0.9 * dice.uniform(0.7, 1.12)
            line.append((x + side * reach, y))
            line.append((x + side * reach * 0.5, y - tall / levels * 0.25))
    outline = [(x, foot - tall), *right, (x, foot), *reversed(left)]
    points = np.array(outline) * 16
    cv2.fillPoly(mask, [points.astype(np.int32)], 255, cv2.LINE_AA, shift=4)


def _water(land: Array, h: int) -> Array:
    """The land mirrored, bent by ripples that widen towards the viewer, darker from above."""
    shore, w = land.shape[:2]
    rows = h - shore
    near = (np.arange(rows, dtype=F)[:, None] + 1) / rows
    ripple = _ripples(rows, w)
    gust = _ripples(rows, w, stream=83, fine=0.12)
    calm = smoothstep(-0.6, 1.2, gust)
    x = np.broadcast_to(np.arange(w, dtype=F)[None], (rows, w))
    bend = ripple * (3 + 46 * near**1.2) * (0.35 + 0.65 * calm)
    at = shore - 1 - np.arange(rows, dtype=F)[:, None] * F(1.02) - np.abs(bend) * 0.6 + bend * 0.5
    mirrored = cv2.remap(
        land,
        (x + bend * 0.18).astype(F),
        at.astype(F),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    soft = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=1.5, sigmaY=5)
    steep = np.clip(0.90 - 0.50 * near, 0.35, 0.92)[..., None]
    deep = linear("#173a48") * (1 - 0.35 * near[..., None])
    water = soft * steep + deep * (1 - steep)
    sun_x = SUN[0] * w
    path = np.exp(-(((x - sun_x) / (w * (0.035 + 0.12 * near))) ** 2))
    sparkle = smoothstep(0.9 + 0.9 * near, 2.6, ripple) * path * (0.35 + 0.4 * near)
    water += sparkle[..., None] * linear("#ffe2b4") * 0.9
    water += (path * 0.10 * (1 - near))[..., None] * linear("#ffd9a0")
    return water


def _ripples(rows: int, w: int, stream: int = 80, fine: float = 1.0) -> Array:
    """Waves on a plane seen at a low angle, ``(rows, w)`` with unit deviation."""
    tile = fbm_tile(1024, 1.7, rng(SEED, stream), lowest=6, highest=160, stretch=1.0)
    tile = cv2.copyMakeBorder(tile, 0, 1, 0, 1, cv2.BORDER_WRAP)
    near = (np.arange(rows, dtype=F)[:, None] + 10) / rows
    far = 1 / near
    x = (np.arange(w, dtype=F)[None] - w / 2) * far * F(0.10 * fine)
    v = far * F(420 * fine)
    waves = cv2.remap(
        tile, np.mod(x, 1024).astype(F), np.mod(v + 0 * x, 1024).astype(F), cv2.INTER_LINEAR
    )
    return waves / (waves.std() + 1e-6)


def _shore_mist(image: Array, shore: int) -> None:
    """A bank of morning mist that lies on the water, thin and uneven."""
    h, w = image.shape[:2]
    x, y = _grid(h, h, w)
    noise = fbm_tile(1024, 3.0, rng(SEED, 90), lowest=1, stretch=3)
    u = np.mod(x * 420 + 0 * y, 1024).astype(F)
    v = np.mod(y * 1500 + 0 * x, 1024).astype(F)
    tile = cv2.copyMakeBorder(noise, 0, 1, 0, 1, cv2.BORDER_WRAP)
    drift = cv2.remap(tile, u, v, cv2.INTER_LINEAR)
    band = np.exp(-(((y - SHORE + 0.006) / 0.022) ** 2)) + 0.35 * np.exp(
        -(((y - SHORE) / 0.06) ** 2)
    )
    veil = np.clip(band * (0.42 + 0.30 * drift), 0, 0.8)[..., None]
    image[:] = image * (1 - veil) + linear(_MIST) * 0.95 * veil


def _reeds(image: Array) -> None:
    """Reeds in the lower left corner, near and dark, so that the image has a foreground."""
    h, w = image.shape[:2]
    dice = rng(SEED, 95)
    mask = np.zeros((h, w), np.uint8)
    for _ in range(210):
        place = dice.beta(1.0, 3.2)
        side = dice.random() < 0.72
        x = place * w * 0.34 if side else w - place * w * 0.2
        tall = h * dice.uniform(0.05, 0.24) * (1 - place) ** 0.7
        lean = dice.normal(0.10 if side else -0.10, 0.16) * tall
        t = np.linspace(0, 1, 16)
        stem = np.stack([x + lean * t**2, h + 4 - tall * t], 1)
        thick = max(1, round(h / 960 * dice.uniform(1.2, 3.4)))
        for k in range(15):
            pair = (stem[k : k + 2] * 16).astype(np.int32)
            cv2.polylines(
                mask, [pair], False, 255, max(1, round(thick * (1 - k / 17))), cv2.LINE_AA, 4
            )
    cover = cv2.GaussianBlur(mask, (0, 0), 1.3)[..., None].astype(F) / 255
    image[:] = image * (1 - cover) + linear("#16241f") * cover


if __name__ == "__main__":
    main()
