"""Generating many videos from a table."""

from __future__ import annotations

from .estimate import Estimate
from .run import Batch

__all__ = ["Batch", "Estimate"]
