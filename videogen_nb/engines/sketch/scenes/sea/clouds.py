"""Which clouds hang over the sea, where, and how sun or moon light them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...noise import Array, F, gradient, rng, smoothstep
from ..seaview import SeaView
from .cloud_layer import BANK, MACKEREL, SCATTERED, STREAKS, CloudKind, CloudLayer, CloudPlace
from .looks import SeaLook

_SHINE_THROUGH = 0.85  # of the cover before the sun: it burns through thin cloud


def sea_clouds(view: SeaView, look: SeaLook, seed: int) -> list[CloudLayer]:
    """The layers from far to near: a high ceiling, and for some a bank over the horizon."""
    light = _Light.of(view, look)
    layers = [CloudLayer(_kind_for(look, seed), _ceiling(light), seed, 11)]
    if look.hour == "day" or seed % 2:
        layers.append(CloudLayer(BANK, _bank(light, look, seed), seed, 12, layers[0]))
    return layers


@dataclass(frozen=True, slots=True)
class _Light:
    """Where each pixel of the half-size sky is, and what colours a cloud would have there."""

    x: Array
    up: Array
    sun_up: float
    open_sun: Array
    lit: Array
    dark: Array

    @classmethod
    def of(cls, view: SeaView, look: SeaLook) -> _Light:
        x, up = view.sky_grid()
        distance = view.sun_distance()
        shine = 1 + F(look.cloud_glow) * np.exp(-distance / F(0.12))
        near_sun = np.exp(-((distance / F(look.sun[2] * 2.2)) ** 2))
        return cls(
            x,
            up,
            view.sun_up,
            1 - F(_SHINE_THROUGH) * near_sun,
            gradient(look.cloud_lit, distance) * shine[..., None],
            gradient(look.cloud_dark, distance),
        )

    def toward(self, texels: float) -> tuple[Array, Array]:
        """Steps of ``texels`` towards the light."""
        x, up = -self.x, F(self.sun_up) - self.up
        far = np.sqrt(x * x + up * up) + F(1e-4)
        return x / far * F(texels), -up / far * F(texels)


def _kind_for(look: SeaLook, seed: int) -> CloudKind:
    if look.hour == "day":
        return (STREAKS, SCATTERED)[seed % 2]
    return (SCATTERED, STREAKS, MACKEREL)[(seed // 2 + seed) % 3]


def _ceiling(light: _Light) -> CloudPlace:
    """A flat layer high above, seen from below."""
    depth = np.maximum(light.up, 0) + F(0.045)
    return CloudPlace(
        u=light.x / depth * F(70),
        v=F(41) / depth,
        toward=light.toward(6.0),
        bias=np.zeros_like(light.x),
        fade=smoothstep(0.0, 0.05, light.up) * smoothstep(0.62, 0.16, light.up) * light.open_sun,
        lit=light.lit,
        dark=light.dark,
    )


def _bank(light: _Light, look: SeaLook, seed: int) -> CloudPlace:
    """Heaped clouds standing low over the horizon."""
    random = rng(seed, 13)
    day = look.hour == "day"
    tall = float(random.uniform(0.05, 0.085) if day else random.uniform(0.018, 0.034))
    side = F(random.uniform(-0.35, 0.35))
    rise = 1.0 - 2.6 * smoothstep(0.0, 2.2 * tall, light.up)
    rise -= 0.9 * (1 - np.exp(-(((light.x - side) / F(0.42)) ** 2)))
    scale = F(410 if day else 500)
    from_above = np.full_like(light.x, 3.4), np.full_like(light.x, -6.0)
    return CloudPlace(
        u=light.x * scale,
        v=-light.up * scale * F(1.9),
        toward=from_above if day else light.toward(8.0),
        bias=np.asarray(rise, F),
        fade=np.asarray(smoothstep(-0.004, 0.012, light.up) * light.open_sun, F),
        lit=light.lit,
        dark=light.dark,
    )
