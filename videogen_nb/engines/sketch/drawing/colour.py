"""Colours as linear light, gradients between them, and tables of looks to choose from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter

from .noise import Array, F

#: An sRGB colour ``#rrggbb`` and its intensity.
Light = tuple[str, float]
Look = TypeVar("Look")


def linear(hex_colour: str, power: float = 1.0) -> Array:
    """Convert ``#rrggbb`` (sRGB) to linear-light float32 RGB, multiplied by ``power``."""
    c = np.array([int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    light = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return (light * power).astype(F)


def gradient(stops: str, x: Array) -> Array:
    """Return the colours at positions ``x`` (any shape): linear-light float32 RGB.

    ``stops`` are written as in CSS, ``"#0a1630, #1d4460 62%, #5a7a70"``, and blended in perceptual
    space. The first is at 0; the last is at 1 unless it has a position; the others need one.
    """
    named = [stop.split() for stop in stops.split(",")]
    places = [float(stop[1].rstrip("%")) / 100 if len(stop) > 1 else 1.0 for stop in named]
    places[0] = 0.0
    colours = np.array([linear(stop[0]) for stop in named]) ** (1 / 2.2)
    t = np.interp(x, places, np.arange(len(places)))
    i = np.clip(t.astype(int), 0, len(places) - 2)
    f = t - i
    f = f * f * (3 - 2 * f) * 0.5 + f * 0.5
    blended = colours[i] * (1 - f)[..., None] + colours[i + 1] * f[..., None]
    return np.asarray(blended**2.2, dtype=F)


def load_looks(kind: type[Look], package: str, name: str = "looks") -> dict[str, tuple[Look, ...]]:
    """Load the looks for each time of day from a package's ``looks.toml``.

    Raises:
        pydantic.ValidationError: the table does not fit the dataclass ``kind``.
    """
    text = files(package).joinpath(f"{name}.toml").read_text("utf-8")
    table: Any = dict[str, tuple[kind, ...]]  # type: ignore[valid-type]  # known at run time only
    looks: dict[str, tuple[Look, ...]] = TypeAdapter(table).validate_python(tomllib.loads(text))
    return looks


def choose(looks: Mapping[str, Sequence[Look]], time: str | None, unsaid: str, seed: int) -> Look:
    """Choose a look for ``time``, or for ``unsaid`` if it is None; neighbouring seeds differ.

    Scenes choose their contents by ``seed % 3``; each choice occurs with every look.
    """
    of_hour = looks[time or unsaid]
    turned = (seed - 1) // 3 if len(of_hour) % 2 else 0
    return of_hour[(seed + turned) % len(of_hour)]
