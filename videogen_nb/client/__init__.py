"""The async client: one gateway, one ``httpx.AsyncClient``, one waiting loop."""

from __future__ import annotations

from .client import VideoClient
from .task_ids import TaskLike

__all__ = ["TaskLike", "VideoClient"]
