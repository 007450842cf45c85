"""Batches in the protocol: limits, and which rows to retry."""

from __future__ import annotations

from typing import Final, Literal

MAX_ROWS: Final = 5_000  # of one batch

#: Which rows are tried anew: those that failed, that a person stopped, or whose outcome an
#: upstream never told, so that they may have been paid for.
Which = Literal["failed", "cancelled", "unknown"]
