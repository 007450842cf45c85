"""Marking tasks in a gallery: stars, titles, labels, folders (groups)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...client import VideoClient
from ...protocol.models import VideoTask


def read_marks(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields for ``annotate``; a missing field changes nothing."""
    found: dict[str, Any] = {
        name: str(fields[name]).strip() for name in ("title", "group") if name in fields
    }
    if "labels" in fields:
        words = re.split(r"[,，、]", str(fields["labels"]))
        found["labels"] = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    return found


async def mark(
    client: VideoClient, tasks: Sequence[VideoTask], values: Mapping[str, Any]
) -> list[VideoTask]:
    """Annotate each task; return the updated tasks."""
    return [await client.annotate(task, **values) for task in tasks]
