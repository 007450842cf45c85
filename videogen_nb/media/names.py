"""File names of videos, the same for client, zip and browser."""

from __future__ import annotations

import unicodedata
from typing import Final

from .provenance import sidecar

USUAL_LIMIT: Final = 255  # bytes of a name, where the file system does not tell
_LONGEST: Final = 60  # characters of a prompt in a name; and at most 3 bytes each


def slug(prompt: str | None, most_bytes: int = 3 * _LONGEST) -> str:
    """Return a prompt as part of a file name: letters and digits of any script, and dashes."""
    text = unicodedata.normalize("NFC", prompt or "")
    words = "".join(c if c.isalnum() else " " for c in text[: 4 * _LONGEST]).split()
    name = "-".join(words)[:_LONGEST]
    while len(name.encode()) > min(most_bytes, 3 * _LONGEST):
        name = name[:-1]
    return name.strip("-") or "video"


def video_name(prompt: str | None, message_id: str, limit: int = USUAL_LIMIT) -> str:
    """Return ``<slug of prompt>-<last 6 digits of message id>.mp4``, safe on every platform.

    Args:
        limit: the maximum number of bytes, including the suffix of its sidecar file.
    """
    return _name(prompt, _digits(message_id)[-6:], limit)


def longer_name(
    prompt: str | None, conversation_id: str, message_id: str, limit: int = USUAL_LIMIT
) -> str:
    """Return a name with the whole task id, in case another video has the short name."""
    return _name(prompt, f"{_digits(conversation_id)}-{_digits(message_id)}", limit)


def _name(prompt: str | None, ids: str, limit: int) -> str:
    end = f"-{ids}.mp4"
    return slug(prompt, limit - len(sidecar(end).name)) + end


def _digits(number: str) -> str:
    """Return the digits of an id, ignoring anything else that a gateway may have put in it."""
    return "".join(c for c in number if c.isascii() and c.isalnum())[-40:] or "0"
