"""Where progress is shown: in a notebook's output, or as lines on stderr.

A notebook's output is one display, updated in place through its ``display_id`` as HTML and plain
text. That needs no widget, works in every front end, and a saved notebook keeps its last state.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Protocol

from ..i18n import Text
from ..media.video import SHOWN, Video, VideoFile
from ..text.console import say
from ..text.ipython import shell


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress at one moment: a stage, a fraction from 0 to 1 (None = unknown), and details."""

    stage: str
    share: float | None
    facts: tuple[str, ...]
    over: bool = False

    @property
    def words(self) -> str:
        """The stage, percentage and facts on one line."""
        share = () if self.share is None or self.over else (f"{self.share:.0%}",)
        return " · ".join((self.stage, *share, *self.facts))


class Screen(Protocol):
    """Something that shows progress."""

    def pause_s(self, waited_s: float) -> float:
        """Return the seconds until the next update, given the seconds waited so far."""
        ...

    def draw(self, progress: Progress) -> None:
        """Show the progress."""
        ...

    def finish(self, progress: Progress, result: object) -> None:
        """Show the outcome, or the video in its place."""
        ...


def screen(*, lines: bool = True) -> Screen | None:
    """Return the screen for waiting on this thread, or None.

    Only the main thread has one: for other threads, the cell it would appear in is unknown.

    Args:
        lines: whether lines on stderr are acceptable.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    if hasattr(shell(), "kernel"):
        return NotebookScreen()
    return LineScreen() if lines else None


def running_cell() -> str:
    """Return an identifier of the running cell and of its current run."""
    get_parent = getattr(shell(), "get_parent", None)
    parent = get_parent() if get_parent is not None else None
    return str(parent["header"]["msg_id"]) if parent else ""


class LineScreen:
    """Prints a line when something changes, and occasionally in between."""

    def __init__(self) -> None:
        self._stage = ""
        self._next_s = 0.0
        self._waited_s = 0.0

    def pause_s(self, waited_s: float) -> float:
        self._waited_s = waited_s
        return 2.0

    def draw(self, progress: Progress) -> None:
        """Print if the stage is new, or else after twice the time since the last line."""
        if progress.stage != self._stage or self._waited_s >= self._next_s:
            say(progress.words, to=sys.stderr)
            self._stage = progress.stage
            self._next_s = max(10.0, 2 * self._waited_s)

    def finish(self, progress: Progress, result: object) -> None:
        """Print nothing: the caller reports the outcome."""


class NotebookScreen:
    """One output of the waiting cell: a bar, then the video in its place."""

    def __init__(self) -> None:
        self._handle: Any = None

    def pause_s(self, waited_s: float) -> float:
        """Return half a second at first, then more: about 350 updates in 20 minutes."""
        return min(max(0.5, waited_s / 40), 5.0) if self._handle else 0.0

    def draw(self, progress: Progress) -> None:
        """Show or update the bar."""
        self._put({"text/html": _html(progress), "text/plain": progress.words})

    def finish(self, progress: Progress, result: object) -> None:
        """Show the video, or else the outcome on one line."""
        if self._handle is None:
            return
        if isinstance(result, Video):
            with contextlib.suppress(OSError):  # a file that is gone: the line says enough
                self._put(result._repr_mimebundle_())
                _replaced.note(result, self)
                return
        self.draw(progress)

    def clear(self) -> None:
        """Remove the output: the same cell shows the video elsewhere."""
        self._put({"text/html": "", "text/plain": ""})

    def _put(self, bundle: Mapping[str, str]) -> None:
        from IPython.display import DisplayHandle

        # A front end that has gone, a closed stream: what is waited for matters, not the bar.
        with contextlib.suppress(Exception):
            if self._handle is None:
                self._handle = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's
                self._handle.display(dict(bundle), raw=True)
            else:
                self._handle.update(dict(bundle), raw=True)


class _Replaced:
    """Bars replaced by videos in the running cell; cleared if the cell shows the video itself."""

    def __init__(self) -> None:
        self._cell = ""
        self._screens: dict[str, NotebookScreen] = {}

    def note(self, video: Video, screen: NotebookScreen) -> None:
        """Remember which video replaced a bar."""
        if (cell := running_cell()) != self._cell:
            self._cell, self._screens = cell, {}
        self._screens[str(video.path)] = screen

    def shown(self, video: VideoFile) -> None:
        """Clear the bar that was replaced by a video which the same cell now shows itself."""
        if self._cell and running_cell() == self._cell:
            screen = self._screens.pop(str(video.path), None)
            if screen is not None:
                screen.clear()


def _html(progress: Progress) -> str:
    bar = ""
    if not progress.over:
        value = "" if progress.share is None else f' value="{progress.share:.3f}"'
        bar = _BAR.format(label=escape(str(_LABEL), quote=True), value=value)
    share = "" if progress.share is None or progress.over else f" · {progress.share:.0%}"
    facts = " · ".join(_WHOLE.format(escape(fact)) for fact in progress.facts)
    return _BOX.format(stage=escape(progress.stage + share), bar=bar, facts=facts)


_replaced = _Replaced()
SHOWN.append(_replaced.shown)

_LABEL: Final = Text("Video generation progress", "视频生成进度")
#: Inline styles only: notebooks, exports and other pages keep no style sheet of ours.
_BOX: Final = (
    '<div class="videogen-progress mathjax_ignore tex2jax_ignore" style="max-width:640px;'
    "padding:4px 2px;line-height:1.5;font-family:var(--jp-ui-font-family,system-ui,sans-serif);"
    'font-size:13px;color:var(--jp-ui-font-color1,inherit)">'
    '<div role="status" style="font-weight:600">{stage}</div>{bar}'
    '<div style="opacity:.75;overflow-wrap:anywhere">{facts}</div></div>'
)
_WHOLE: Final = '<span style="display:inline-block">{}</span>'  # an id is never broken in two
_BAR: Final = (
    '<progress max="1"{value} aria-label="{label}" '
    'style="display:block;width:100%;height:8px;margin:4px 0;accent-color:#0b7a75"></progress>'
)
