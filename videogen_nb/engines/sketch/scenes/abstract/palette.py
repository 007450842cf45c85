"""Colours associated with words, and palettes made of them.

Colours are mixed in Oklab (Björn Ottosson, 2020), where steps look even.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, smoothstep
from ...language.phrases import book, normalised

#: Harmonious triples for prompts without any colour.
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
        main: ``(n, 3)``, 3 ≤ n ≤ 5: colours to blend between, in the order of the words.
        deep: ``(3,)``: a matching dark colour.
        shine: ``(3,)``: a matching highlight colour.
    """

    main: Array
    deep: Array
    shine: Array

    def along(self, size: int) -> Array:
        """Return a ``(size, 3)`` cycle through ``main``, whose ends meet."""
        ring = oklab(np.concatenate([self.main, self.main[:1]]))
        x = np.linspace(0, len(ring) - 1, size, endpoint=False)
        k = x.astype(int)
        f = smoothstep(0, 1, x - k)[:, None]
        return from_oklab(ring[k] * (1 - f) + ring[k + 1] * f)


def number_of(words: str) -> int:
    """Return a hash of the words that ignores case and spacing."""
    digest = hashlib.blake2s(normalised(words).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big")


def colours_in(words: str) -> list[str]:
    """Return the colours that ``words`` name, as ``#rrggbb``, in order; at most four.

    If fewer than two colours are named, things associated with colours count as well.
    """
    text = normalised(words)
    named = list(dict.fromkeys(found.tags[0] for found in book("colours").find(text)))
    if len(named) < 2:
        things = [found.tags for found in book("things").find(text)]
        # Each thing's first colour before any thing's second.
        named += [tags[rank] for rank in range(3) for tags in things if rank < len(tags)]
    return list(dict.fromkeys(named))[:4]


def palette_of(words: str) -> Palette:
    """Return the palette of a prompt: from the colours it names, else from a hash of its text."""
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
    """Return two colours that match one: slightly shifted in hue, one darker, one lighter."""
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
    """Convert linear-light RGB ``(n, 3)`` to Oklab."""
    return np.asarray(np.cbrt(np.maximum(rgb, 0) @ _LMS.T) @ _LAB.T)


def from_oklab(lab: Array) -> Array:
    """Convert Oklab ``(n, 3)`` to linear-light float32 RGB, clipped to 0 to 1."""
    rgb = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    return np.clip(rgb, 0, 1).astype(F)
