"""What a prompt says beside the scene's name. Light: planning a film imports no numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Daytime = Literal["day", "dusk", "night"]


@dataclass(frozen=True, slots=True)
class Mood:
    """What the prompt says beside the scene's name. None or False = not said: the scene chooses.

    ``words`` is the prompt itself, for the abstract scene, whose colours come from it.
    """

    time: Daytime | None = None
    snow: bool = False
    rain: bool = False
    mist: bool = False
    wind: bool = False
    flowers: bool = False
    words: str = ""
