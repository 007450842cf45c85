"""A scene as video frames: drawn, weather laid over what does not draw its own, graded."""

from __future__ import annotations

import av

from ...rendering.encode import Reel
from ...rendering.frames import tagged
from ..catalogue import SCENES
from ..layers.weather import RainFall, SnowFall
from ..mood import Mood
from . import scene_class
from .grade import Grade

_STORM = 0.6  # how hard wind drives snow or rain that is laid over a scene


class SceneVideo:
    """The frames of one scene. ``frame(i)`` is safe from several threads.

    Raises:
        KeyError: there is no scene of this name.
    """

    def __init__(self, name: str, mood: Mood, reel: Reel, seed: int) -> None:
        size = (reel.width, reel.height)
        self._fps = reel.fps
        self._scene = scene_class(name)(*size, seed, mood)
        self._grade = Grade(*size, seed, self._scene.exposure)
        wind = _STORM if mood.wind else 0.0
        self._weather: list[SnowFall | RainFall] = []
        if mood.snow and "snow" not in SCENES[name].understands:
            self._weather.append(SnowFall(*size, seed, wind))
        if mood.rain and "rain" not in SCENES[name].understands:
            self._weather.append(RainFall(*size, seed, wind))

    def frame(self, index: int) -> av.VideoFrame:
        """The tagged yuv420p frame ``index``."""
        t = index / self._fps
        image = self._scene.frame(t)
        for weather in self._weather:
            weather.draw(image, t)
        return tagged(self._grade(image, index))
