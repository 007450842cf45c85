"""The river scene: where the eye is, the light of the day, and what shines on the far bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...drawing.colour import Light, linear, load_looks
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, rng


@dataclass(frozen=True, slots=True)
class CityLook:
    """Colours (sRGB) from the top down to the roofs, and how bright things are in that light."""

    sky: str
    level: float
    lit: float  # share of windows with light, against night
    facade: float  # what a grey front sends back
    street: float  # street light at the foot of the fronts
    cloud: Light
    haze: float = 0.9  # brightness of the air before far buildings

    @property
    def night(self) -> bool:
        """Whether lamps are lit."""
        return self.lit > 0.3


LOOKS = load_looks(CityLook, __package__)


AWAY, _EYE = 640.0, 12.0  # metres to the far bank; of the eye above the water
HEAD, TAIL = linear("#fff0d0"), linear("#ff2a18")  # lights of cars

#: Lights to be added to an image: x, y and sigma in pixels, colour.
Spots = tuple[Array, Array, Array, Array]


class Place(NamedTuple):
    """A level camera above the near bank of a river; metres."""

    lens: Lens
    bank: int  # the row at which the far bank meets the water
    unit: float  # the scene's unit of length, pixels: 720 at 720p

    @classmethod
    def of(cls, width: int, height: int) -> Place:
        unit = min(height, 1.2 * width)
        focal, bank = 1.1 * unit, round(height * (0.635 if width >= height else 0.66))
        return cls(Lens(width, height, focal, bank - focal * _EYE / AWAY, _EYE), bank, unit)

    @property
    def scale(self) -> float:
        """Pixels a metre on the far bank."""
        return self.lens.focal / AWAY

    @property
    def thin(self) -> float:
        """The finest that still shows, in pixels."""
        return self.unit / 720


_CARS = 46
_BEACON = linear("#ff2010", 2.5)


def promenade(place: Place) -> Spots:
    """Lamps along the far bank."""
    scale, width = place.scale, place.lens.width
    count = max(2, int(width / (16 * scale)))
    x = (np.arange(count) + 0.5) * width / count
    y = np.full(count, place.bank - 6.5 * scale)
    return x, y, np.full(count, 0.8 * scale), np.tile(linear("#ffc070", 2.2), (count, 1))


def beacons(place: Place, tops: Array, t: float) -> Spots:
    """Red lights on the ``tops`` ``(n, 2)`` of spires, which come and go."""
    x, y = tops.T
    pulse = np.maximum(np.sin(2.1 * t + x * 0.37), 0) ** 2
    return x, y, np.full(x.size, 1.1 * place.thin), _BEACON * pulse[:, None].astype(F)


class BankTraffic:
    """A road on the far bank: lights to the right are white, those to the left red."""

    def __init__(self, place: Place, seed: int) -> None:
        random, scale = rng(seed, 32), place.scale
        self._reach = place.lens.width + 40.0
        self._start = random.uniform(0, self._reach, _CARS)
        self._right = random.random(_CARS) < 0.5
        self._speed = random.uniform(9, 19, _CARS) * scale * np.where(self._right, 1, -1)
        self._y = place.bank + (random.choice([-0.7, 0.7], _CARS) - 4.5) * scale
        self._sigma = np.full(_CARS, 0.55 * scale)
        colour = np.where(self._right[:, None], HEAD, TAIL)
        self._colour = colour * random.uniform(1.4, 3.2, _CARS)[:, None].astype(F)

    def __call__(self, t: float) -> Spots:
        x = np.mod(self._start + self._speed * t, self._reach) - 20
        return x, self._y, self._sigma, self._colour
