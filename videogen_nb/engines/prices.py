"""What a video costs, where a person has said what the provider charges: most tell usage only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..i18n import Text

Per = Literal["video", "second", "million_tokens"]
PER: Final[tuple[Per, ...]] = ("video", "second", "million_tokens")
_PIXELS_A_TOKEN: Final = 1024


@dataclass(frozen=True, slots=True)
class Price:
    """``amount`` of ``currency`` for each video, video second or million tokens."""

    amount: float
    currency: str
    per: Per

    @property
    def text(self) -> Text:
        """In words: "1 CNY a second"."""
        return _WORDS[self.per](amount=f"{self.amount:g}", currency=self.currency)

    def expected(self, parameters: Mapping[str, Any]) -> float | None:
        """Return what a video of these parameters will cost; None where they do not say enough.

        Tokens are counted as Volcengine Ark documents it: width × height × fps × seconds / 1024.
        """
        if self.per == "video":
            return self.amount
        seconds = _number(parameters.get("duration"))
        if seconds is None or self.per == "second":
            return None if seconds is None else self.amount * seconds
        sides = [_number(parameters.get(name)) for name in ("width", "height", "fps")]
        if any(side is None for side in sides):
            return None
        width, height, fps = (side or 0.0 for side in sides)
        return self.amount * width * height * fps * seconds / _PIXELS_A_TOKEN / 1e6

    def actual(
        self, parameters: Mapping[str, Any], usage: Mapping[str, Any] | None
    ) -> float | None:
        """Return what a video did cost, by the usage that was told."""
        if self.per != "million_tokens":
            return self.expected(parameters)
        told = usage or {}
        tokens = _number(told.get("total_tokens")) or _number(told.get("completion_tokens"))
        return None if tokens is None else self.amount * tokens / 1e6


def _number(value: Any) -> float | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    return float(value) if fits else None


_WORDS: Final[Mapping[Per, Text]] = {
    "video": Text("{amount} {currency} per video", "每个视频 {amount} {currency}"),
    "second": Text("{amount} {currency} per second", "每秒 {amount} {currency}"),
    "million_tokens": Text(
        "{amount} {currency} per million tokens", "每百万 token {amount} {currency}"
    ),
}
