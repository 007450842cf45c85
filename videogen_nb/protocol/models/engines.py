"""Engines as their gateway tells them, and what their videos cost."""

from __future__ import annotations

from pydantic import Field

from ...i18n import Text
from .base import WireModel

_SPENT = Text("{spent} {currency}", "{spent} {currency}")
_SPENT_OF = Text("{spent} of {budget} {currency}", "{spent} {currency}（预算 {budget}）")
_EXPECTED = Text("{spent}, plus {more} expected", "{spent}，另预计 {more}")


class Spending(WireModel):
    """What an engine's videos have cost so far, by its price; ``expected`` is for those to come."""

    engine: str
    currency: str
    spent: float
    expected: float = 0.0
    budget: float | None = Field(None, description="beyond which videos are refused")

    @property
    def words(self) -> Text:
        """In a sentence's part: "3.26 of 100 CNY, 1.63 more expected"."""
        values = {"spent": f"{self.spent:.2f}", "currency": self.currency}
        text = _SPENT(**values)
        if self.budget is not None:
            text = _SPENT_OF(**values, budget=f"{self.budget:g}")
        return _EXPECTED(spent=text, more=f"{self.expected:.2f}") if self.expected else text


class Choice(WireModel):
    """Something an engine knows by name: a scene, a camera move. ``example`` is a prompt for it."""

    name: str
    title: str
    example: str | None = None


class EngineInfo(WireModel):
    """What an engine can do and whether it is ready here; ``missing`` says what it needs."""

    name: str
    title: str
    ready: bool = True
    missing: str | None = None
    modes: list[str] = Field([])
    durations: tuple[float, float] | None = Field(None, description="shortest, longest, in seconds")
    ratios: list[str] = Field([])
    resolutions: list[str] = Field([])
    progress: bool = False
    cancel: str = Field("never", description="always | queued | never")
    cost: str | None = None
    key: str | None = Field(None, description="missing | kept; null = it needs none")
    spending: list[Spending] = Field([])
    scenes: list[Choice] = Field([])
    moves: list[Choice] = Field([])


class EngineList(WireModel):
    """The answer of ``GET /api/video-gen/engines``."""

    default: str
    engines: list[EngineInfo] = Field([])
