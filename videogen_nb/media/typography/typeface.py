"""The bundled typeface at one size, with fallback fonts.

Glyphs are placed one by one, so that kerning and fallbacks are the same on every machine: Pillow's
basic layout does not kern. Scripts that need shaping (Arabic, Indic) are drawn by the system's
fonts if Pillow can shape; glyphs that no font has are left out, not shown as boxes.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

_SYSTEM: Final = (
    *("NotoSerifCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "NotoSans-Regular.ttf"),
    *("DejaVuSerif.ttf", "DejaVuSans.ttf", "NotoNaskhArabic-Regular.ttf", "NotoSansArabic.ttf"),
    *("PingFang.ttc", "Songti.ttc", "Arial Unicode.ttf", "GeezaPro.ttc"),
    *("simsun.ttc", "msyh.ttc", "segoeui.ttf", "arial.ttf", "seguisym.ttf"),
)
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_SHAPED: Final = re.compile("[\u0590-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: A Latin neighbour asks for the proportional marks; see benchmarks/make_card_font.py.
_LATIN_MARK: Final = re.compile(r"(?<=[\x21-\u024f])[’”…]|[‘“](?=[\x21-\u024f])")
_PAD: Final = 0.6  # of an em around a line, for what stands out of it

Font = ImageFont.FreeTypeFont


class Typeface:
    """The typeface at ``size`` pixels per em. ``__call__`` measures a string."""

    def __init__(self, size: float) -> None:
        self.size = size
        self._font = _bundled(size)

    def __call__(self, text: str) -> float:
        """Return the width of a line in pixels."""
        return sum(width for *_, width in self._runs(text))

    def draw(self, text: str) -> NDArray[np.float32]:
        """Return the line as coverage 0–1, ``(height, width)``, ``pad`` pixels on every side."""
        pad = self.pad
        size = (round(self(text)) + 2 * pad, round(1.2 * self.size) + 2 * pad)
        image = Image.new("L", size)
        pen = ImageDraw.Draw(image)
        x = float(pad)
        for run, font, width in self._runs(text):
            pen.text((x, pad + self.size), run, 255, font, anchor="ls")
            x += width
        return np.asarray(image, np.float32) / np.float32(255)

    @property
    def pad(self) -> int:
        return round(_PAD * self.size)

    def _runs(self, text: str) -> list[tuple[str, Font, float]]:
        """Lay out glyphs or shaped words, each with its font and its distance to the next."""
        runs: list[tuple[str, Font, float]] = []
        for part in _visual(text):
            if _SHAPED.search(part):
                font = _shaping(part, self.size)
                runs += [(part, font, font.getlength(part))] if font else []
                continue
            for letter in _LATIN_MARK.sub(_proportional, part):
                if font := self._font if _has(self._font, letter) else _other(letter, self.size):
                    self._kern(runs, letter)
                    runs.append((letter, font, font.getlength(letter)))
        return runs

    def _kern(self, runs: list[tuple[str, Font, float]], letter: str) -> None:
        if runs and (closer := _kerning().get(runs[-1][0] + letter)):
            run, font, width = runs[-1]
            runs[-1] = (run, font, width + closer * self.size / 1000)


def reads_leftward(text: str) -> bool:
    """Return whether a line is read from right to left."""
    return len(_RIGHT_TO_LEFT.findall(text)) > len(text) / 3


def _visual(text: str) -> list[str]:
    """Return words and spaces from left to right; each shaped word is separate."""
    parts = re.split(r"( +)", text)
    return parts[::-1] if reads_leftward(text) else parts


def _proportional(mark: re.Match[str]) -> str:
    return chr(0xE000 + (ord(mark[0]) & 0xFF))


@lru_cache(32)
def _bundled(size: float) -> Font:
    with as_file(files(__package__) / "CardSerif.otf") as path:
        return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _kerning() -> dict[str, int]:
    """Return how much closer a pair of letters is set, in thousandths of an em."""
    pairs: dict[str, int] = json.loads((files(__package__) / "kerning.json").read_text("utf-8"))
    return pairs


@lru_cache(4096)
def _has(font: Font, letter: str) -> bool:
    """Return whether a font has its own glyph for a letter."""
    return letter.isspace() or _ink(font, letter) != _ink(font, "\U0010fffe")


def _ink(font: Font, letter: str) -> Any:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(1024)
def _other(letter: str, size: float) -> Font | None:
    return next((font for font in _system_fonts(size) if _has(font, letter)), None)


def _shaping(word: str, size: float) -> Font | None:
    """Return a font that can shape a word of another script."""
    if not features.check("raqm"):
        return None
    letters = [letter for letter in word if letter.isalpha()]
    fonts = _system_fonts(size)
    return next((font for font in fonts if all(_has(font, one) for one in letters)), None)


@lru_cache(8)
def _system_fonts(size: float) -> tuple[Font, ...]:
    found = []
    for name in _SYSTEM:
        try:
            found.append(ImageFont.truetype(name, size))
        except OSError:
            continue
    return tuple(found)
