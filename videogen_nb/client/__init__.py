"""The async client: one gateway, one ``httpx.AsyncClient``, one waiting loop."""

from __future__ import annotations

from .finding import TaskLike
from .videoclient import VideoClient

__all__ = ["TaskLike", "VideoClient"]
