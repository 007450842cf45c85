"""Many videos from a table: its rows, the names of their files, and what becomes of them."""

from __future__ import annotations

from .estimate import Estimate
from .run import Batch

__all__ = ["Batch", "Estimate"]
