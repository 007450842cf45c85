"""A batch on the wire: a table of requests under one name, and what became of each row."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from .models import VideoTask, WireModel

MAX_ROWS: Final = 5_000  # of one batch

#: Which rows are tried anew: those that failed, that a person stopped, or whose outcome an
#: upstream never told, so that they may have been paid for.
Which = Literal["failed", "cancelled", "unknown"]


class BatchRow(WireModel):
    """One row: its place in the table (from 1), its key, and its task, or why it is refused."""

    row: int
    key: str | None = None
    state: Literal["new", "existing", "refused"] | None = None
    task: VideoTask | None = None
    code: str | None = None
    detail: str | None = None


class BatchEstimate(WireModel):
    """What the new rows of a batch take and cost."""

    seconds: float | None = Field(None, description="of work, if nothing else waits")
    cost: dict[str, float] = Field({}, description="by currency")
    unpriced: int = Field(0, description="rows of paid engines whose cost is not known")


class BatchAnswer(WireModel):
    """The answer of ``POST /api/video-gen/batch``."""

    name: str
    rows: list[BatchRow] = Field([])
    new: int = 0
    existing: int = 0
    refused: int = 0
    estimate: BatchEstimate = Field(default_factory=BatchEstimate)  # made when first needed


class BatchState(WireModel):
    """Where a batch stands: its rows, or those that have changed since a ``cursor``."""

    name: str
    total: int = 0
    counts: dict[str, int] = Field({})
    rows: list[BatchRow] = Field([])
    cursor: str | None = None
