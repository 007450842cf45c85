"""Safe output: control characters are escaped, unsupported characters become "?".

Prompts, errors and responses of other gateways can contain anything.
"""

from __future__ import annotations

import contextlib
import re
import sys
from typing import Any, Final, TextIO

#: Control characters (C0 but tab and line feed, DEL, C1), what reorders text, lone surrogates.
_ACTS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONGEST: Final = 80


def visible(text: str) -> str:
    r"""Escape control characters in a text, as in ``\u001b[2J``.

    In JSON, these are valid escapes of the same characters, so nothing is lost.
    """
    return _ACTS.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\r\n", "\n"))


def quoted(text: str) -> str:
    """Return user input quoted as in Python, cut if it is long."""
    return repr(shortened(text))


def shortened(text: str) -> str:
    """Return a text cut to fit into a message."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


class Forgiving:
    """A text stream that never fails.

    Unsupported characters become "?". If the stream is closed, full or missing, output is dropped;
    ``trouble`` is the first such error.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.trouble: Exception | None = None

    def write(self, text: str) -> int:
        """Write as much as possible."""
        if self.stream is None or self.trouble is not None:
            return len(text)
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            self.write(self._fitting(text))
        except (OSError, ValueError) as error:
            self.trouble = error
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        if self.stream is None or self.trouble is not None:
            return
        try:
            self.stream.flush()
        except (OSError, ValueError) as error:
            self.trouble = error

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        with contextlib.suppress(OSError, ValueError):
            return self.stream is not None and self.stream.isatty()
        return False

    @property
    def encoding(self) -> str:
        """The stream's encoding."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def _fitting(self, text: str) -> str:
        return text.encode(self.encoding, "replace").decode(self.encoding, "replace")


def say(*lines: object, to: TextIO | None = None) -> None:
    """Print lines to stdout (or ``to``), whatever its state."""
    out = Forgiving(to if to is not None else sys.stdout)
    out.write("".join(f"{visible(str(line))}\n" for line in lines))
    out.flush()
