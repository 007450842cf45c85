"""Responses about engines and spending."""

from __future__ import annotations

from pydantic import Field

from ...i18n import Text
from .base import WireModel

_SPENT = Text("{spent} {currency}", "{spent} {currency}")
_SPENT_OF = Text("{spent} of {budget} {currency}", "{spent} {currency}（预算 {budget}）")
_EXPECTED = Text("{spent}, plus {more} expected", "{spent}，预计还将花费 {more}")


class Spending(WireModel):
    """What an engine's videos have cost so far; ``expected`` is the cost of unfinished ones."""

    engine: str
    currency: str
    spent: float
    expected: float = 0.0
    budget: float | None = Field(None, description="limit; videos beyond it are refused")

    @property
    def words(self) -> Text:
        """Return it in words: "3.26 of 100 CNY, plus 1.63 expected"."""
        values = {"spent": f"{self.spent:.2f}", "currency": self.currency}
        text = _SPENT(**values)
        if self.budget is not None:
            text = _SPENT_OF(**values, budget=f"{self.budget:g}")
        return _EXPECTED(spent=text, more=f"{self.expected:.2f}") if self.expected else text


class Choice(WireModel):
    """A scene or camera move that an engine knows, and an ``example`` prompt for it."""

    name: str
    title: str
    example: str | None = None


class PoolMember(WireModel):
    """A pool member: why it gets no tasks (``why``), or how busy it is with everyone's tasks."""

    name: str
    available: bool = True
    why: str | None = None
    running: int = 0
    waiting: int = 0
    slots: int = Field(0, description="how many videos it makes at the same time; 0 = unknown")


class EngineInfo(WireModel):
    """An engine, what it can do and whether it is ready; ``missing`` says what it still needs."""

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
    key: str | None = Field(None, description="missing | kept; null = no key needed")
    spending: list[Spending] = Field([])
    scenes: list[Choice] = Field([])
    moves: list[Choice] = Field([])
    members: list[PoolMember] = Field([], description="of a pool")


class EngineList(WireModel):
    """The response of ``GET /api/video-gen/engines``."""

    default: str
    engines: list[EngineInfo] = Field([])
