"""Colours that words stand for, and palettes made of them.

Mixing is done in Oklab (Björn Ottosson, 2020), where steps look even.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, smoothstep
from ...language.phrases import book, normalised

#: For words without a colour: pairs and triples that go well together.
_FREE: Final = (
    ("#12688c", "#e8a850", "#f0dcb8"),
    ("#5c2c8c", "#e0588c", "#f8b878"),
    ("#0c7c70", "#7cc89c", "#f0e0a0"),
    ("#b8283c", "#f08c5c", "#f8d8b0"),
    ("#24408c", "#58a8e0", "#e0c8f0"),
    ("#8c2c5c", "#4c58b0", "#88c8e0"),
    ("#c06820", "#e8c070", "#487c78"),
    ("#2c3c6c", "#c87c9c", "#f4d4c8"),
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one image, linear-light float32 RGB.

    Attributes:
        main: ``(n, 3)``, 3 ≤ n ≤ 5: to blend between, in the order of the words.
        deep: ``(3,)``: darkness that goes with them.
        shine: ``(3,)``: light that goes with them.
    """

    main: Array
    deep: Array
    shine: Array

    def along(self, size: int) -> Array:
        """``(size, 3)``: once through ``main`` and back, so that both ends meet."""
        ring = oklab(np.concatenate([self.main, self.main[:1]]))
        x = np.linspace(0, len(ring) - 1, size, endpoint=False)
        k = x.astype(int)
        f = smoothstep(0, 1, x - k)[:, None]
        return from_oklab(ring[k] * (1 - f) + ring[k + 1] * f)


def number_of(words: str) -> int:
    """The same number for the same words, whatever their case and spacing."""
    digest = hashlib.blake2s(normalised(words).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")


def colours_in(words: str) -> list[str]:
    """The colours that ``words`` name, as ``#rrggbb``, in their order; at most four.

    Things that bring colours to mind count where fewer than two colours are named.
    """
    text = normalised(words)
    named = list(dict.fromkeys(found.tags[0] for found in book("colours").find(text)))
    if len(named) < 2:
        things = [found.tags for found in book("things").find(text)]
        # Each thing's first colour before any thing's second.
        named += [tags[rank] for rank in range(3) for tags in things if rank < len(tags)]
    return list(dict.fromkeys(named))[:4]


def palette_of(words: str) -> Palette:
    """The palette of a prompt: of the colours that it names, else of its letters."""
    colours = colours_in(words) or list(_FREE[number_of(words) % len(_FREE)])
    lab = oklab(np.array([linear(c) for c in colours]))
    if len(lab) == 1:
        lab = np.concatenate([lab, _neighbours(lab[0], number_of(words))])
    elif len(lab) == 2:
        middle = lab.mean(0) * np.array([1.12, 0.9, 0.9])
        lab = np.array([lab[0], middle, lab[1]])
    mean = lab.mean(0)
    deep = np.array([0.16 + 0.10 * mean[0], mean[1] * 0.45, mean[2] * 0.45])
    shine = np.array([0.95, mean[1] * 0.22, mean[2] * 0.22 + 0.01])
    return Palette(from_oklab(lab), from_oklab(deep[None])[0], from_oklab(shine[None])[0])


def _neighbours(lab: Array, number: int) -> Array:
    """Two colours that go with one: a little to the side of it in hue, darker and lighter."""
    turn = 0.55 if number % 2 else -0.55
    if np.hypot(lab[1], lab[2]) < 0.04:  # black, grey, white stay without a hue
        lab = lab * np.array([1.0, 0.2, 0.2])
    both = []
    for angle, light in ((turn, 0.80), (-0.5 * turn, 1.22)):
        c, s = np.cos(angle), np.sin(angle)
        both.append((min(lab[0] * light, 0.93), c * lab[1] - s * lab[2], s * lab[1] + c * lab[2]))
    return np.array(both)


_LMS: Final = np.array(
    [[0.4122, 0.5363, 0.0515], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
)
_LAB: Final = np.array(
    [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
)


def oklab(rgb: Array) -> Array:
    """Linear-light RGB ``(n, 3)`` as Oklab."""
    return np.asarray(np.cbrt(np.maximum(rgb, 0) @ _LMS.T) @ _LAB.T)


def from_oklab(lab: Array) -> Array:
    """Oklab ``(n, 3)`` as linear-light float32 RGB, cut to what a screen shows."""
    rgb = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    return np.clip(rgb, 0, 1).astype(F)
