"""Recognizing web URLs."""

from __future__ import annotations

from typing import Any, TypeGuard
from urllib.parse import urlsplit


def is_web_url(value: Any) -> TypeGuard[str]:
    """Return whether ``value`` is text that begins like an http(s) URL with a host."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
