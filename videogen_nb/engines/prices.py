"""Computing costs from configured prices; most providers report only usage."""

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
    """``amount`` of ``currency`` per video, per second of video or per million tokens."""

    amount: float
    currency: str
    per: Per

    @property
    def text(self) -> Text:
        """Return the price in words, such as "1 CNY per second"."""
        return _WORDS[self.per](amount=f"{self.amount:g}", currency=self.currency)

    def expected(self, parameters: Mapping[str, Any]) -> float | None:
        """Return the expected cost of a video with these parameters, or None if unknown.

        Tokens are counted as documented by Volcengine Ark: width × height × fps × seconds / 1024.
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
        """Return the actual cost of a video from its reported usage."""
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
