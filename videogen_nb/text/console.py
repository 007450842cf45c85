"""Text on its way to a person: what would act on a terminal is shown, what does not fit is "?".

Prompts, errors and other gateways' answers may hold anything.
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
    r"""Return a text in which whatever acts on a terminal is written out, as in ``\u001b[2J``.

    In JSON these are escapes of the same characters, so that nothing is lost there.
    """
    return _ACTS.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\r\n", "\n"))


def quoted(text: str) -> str:
    """Return what a person gave, as Python would write it, cut where it is long."""
    return repr(shortened(text))


def shortened(text: str) -> str:
    """Return a text cut where it is too long to be part of a sentence."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


class Forgiving:
    """A text stream for which no trouble is a reason to stop.

    What its encoding lacks becomes "?". Where it is closed, full or was never there, what is
    written is dropped; ``trouble`` keeps the first such error.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.trouble: Exception | None = None

    def write(self, text: str) -> int:
        """Write what can be written."""
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
        """Hand on what was written."""
        if self.stream is None or self.trouble is not None:
            return
        try:
            self.stream.flush()
        except (OSError, ValueError) as error:
            self.trouble = error

    def isatty(self) -> bool:
        """Return whether a person sees it."""
        with contextlib.suppress(OSError, ValueError):
            return self.stream is not None and self.stream.isatty()
        return False

    @property
    def encoding(self) -> str:
        """The stream's own."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def _fitting(self, text: str) -> str:
        return text.encode(self.encoding, "replace").decode(self.encoding, "replace")


def say(*lines: object, to: TextIO | None = None) -> None:
    """Print lines on stdout (or ``to``), whatever state it is in."""
    out = Forgiving(to if to is not None else sys.stdout)
    out.write("".join(f"{visible(str(line))}\n" for line in lines))
    out.flush()
