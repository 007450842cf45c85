"""Validation of prompts, used by client and gateway."""

from __future__ import annotations

import unicodedata
from typing import Final

from ..errors import BadPrompt
from ..i18n import Text

MAX_PROMPT: Final = 4_000  # characters
_CONTROLS: Final = "\t\n\r"  # allowed in a prompt


def check_prompt(prompt: object) -> None:
    """Raise BadPrompt if a prompt is empty, too long or contains control characters."""
    if not isinstance(prompt, str) or not prompt.strip():
        raise BadPrompt(code="prompt_empty")
    if len(prompt) > MAX_PROMPT:
        raise BadPrompt(_TOO_LONG(count=f"{len(prompt):,}"), code="prompt_too_long")
    found = find_control(prompt, allowed=_CONTROLS)
    if found is not None:
        at, name = found
        raise BadPrompt(_CONTROL(name=name, at=at), code="prompt_characters")


def find_control(words: str, allowed: str = "") -> tuple[int, str] | None:
    """Find the first control character or half a surrogate pair.

    Returns:
        Its position, counted from 1, and its name such as ``U+0000``, or None.
    """
    for at, character in enumerate(words, 1):
        if unicodedata.category(character) in ("Cc", "Cs") and character not in allowed:
            return at, f"U+{ord(character):04X}"
    return None


_TOO_LONG: Final = Text(
    "The prompt has {count} characters; at most {limit} are allowed. Shorten it.",
    "提示词有 {count} 个字符，最多 {limit} 个，请缩短。",
    {"limit": f"{MAX_PROMPT:,}"},
)
_CONTROL: Final = Text(
    "The prompt contains the control character {name} at position {at}. Remove it and try again.",
    "提示词第 {at} 个字符是控制字符 {name}，请删除后重试。",
)
