"""Responses about batches: rows, cost and state."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import WireModel
from .task import VideoTask


class BatchRow(WireModel):
    """A row: its number in the table (from 1), its key, and its task or why it was refused."""

    row: int
    key: str | None = None
    state: Literal["new", "existing", "refused"] | None = None
    task: VideoTask | None = None
    code: str | None = None
    detail: str | None = None


class BatchEstimate(WireModel):
    """The time and cost of a batch's new rows."""

    seconds: float | None = Field(None, description="of work, if nothing else is waiting")
    cost: dict[str, float] = Field({}, description="by currency")
    unpriced: int = Field(0, description="rows of paid engines whose cost is unknown")


class BatchAnswer(WireModel):
    """The response of ``POST /api/video-gen/batch``."""

    name: str
    rows: list[BatchRow] = Field([])
    new: int = 0
    existing: int = 0
    refused: int = 0
    estimate: BatchEstimate = Field(default_factory=BatchEstimate)  # made when first needed


class BatchState(WireModel):
    """The state of a batch: its rows, or those that have changed since a ``cursor``."""

    name: str
    total: int = 0
    counts: dict[str, int] = Field({})
    rows: list[BatchRow] = Field([])
    cursor: str | None = None
