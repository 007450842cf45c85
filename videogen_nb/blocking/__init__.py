"""Blocking access to the async client: connections, and the functions that tutorials use."""

from __future__ import annotations

from .connection import Connection, connect
from .tutorial import (
    check_video_status,
    create_video_task,
    download_image_from_url,
    generate,
    upload_image,
    wait_for_video,
)

__all__ = [
    "Connection",
    "check_video_status",
    "connect",
    "create_video_task",
    "download_image_from_url",
    "generate",
    "upload_image",
    "wait_for_video",
]
