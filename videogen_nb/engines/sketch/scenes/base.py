"""The base class of scenes, which draw an image in linear light for any time."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from ..catalogue import Mood
from ..drawing.noise import Array, F


class Scene(ABC):
    """A procedural scene. Its geometry is prepared once; ``frame`` is a function of time alone.

    ``frame`` is called concurrently from several threads for different times, so it keeps no state:
    scratch arrays come from :meth:`buffer`, which keeps one set per thread. All sizes scale with
    ``width`` and ``height``, so that a scene looks the same at 480p and 1080p, and its composition
    adapts to portrait and square frames.
    """

    exposure: float = 1.0  # multiplies the image before the tone curve

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        self.width = width
        self.height = height
        self.seed = seed
        self.mood = mood
        self._local = threading.local()

    @abstractmethod
    def frame(self, t: float) -> Array:
        """Return the image at ``t`` seconds: ``(height, width, 3)`` float32, linear RGB, ≥ 0.

        1.0 is roughly paper white before the tone curve; lights may be much brighter. The array may
        be a buffer of this thread, so use it before the next call.
        """

    def buffer(self, key: str, shape: tuple[int, ...], dtype: Any = F) -> Array:
        """Return this thread's scratch array, reused by calls with the same key and shape."""
        kept: dict[str, Array] = self._local.__dict__
        array = kept.get(key)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = kept[key] = np.empty(shape, dtype)
        return array
