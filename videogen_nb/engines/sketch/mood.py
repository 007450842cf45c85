"""What a prompt says beside the scene's name. Light: planning a video imports no numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Daytime = Literal["day", "dusk", "night"]


@dataclass(frozen=True, slots=True)
class Mood:
    """What the prompt says beside the scene's name. None or False = not said: the scene chooses.

    ``prompt`` is there, for the abstract scene, whose colours come from it.
    """

    time: Daytime | None = None
    snow: bool = False
    rain: bool = False
    mist: bool = False
    wind: bool = False
    flowers: bool = False
    prompt: str = ""
