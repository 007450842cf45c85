"""Subtitles from a list or a file, as a track or drawn into the frames."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ....errors import BadInput
from ....i18n import Text
from ....protocol.values import as_list
from ....text.encoding import read_config
from ...paths import existing_file
from ...yuv import plane, tagged
from .typesetting import cover, set_text

#: ``(start, end, text)`` in seconds, or a file that pysubs2 reads: SRT, VTT, ASS …
Subtitles: TypeAlias = "Sequence[tuple[float, float, str]] | str | os.PathLike[str]"

_SHARE: Final = 0.052  # of the height: the size of the letters
_GREY: Final = 128  # of the colour planes
_BELOW: Final = 0.05  # of the height stays free below them


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle; times in seconds."""

    start: float
    end: float
    text: str


def read_cues(subtitles: Subtitles) -> list[Cue]:
    """Return subtitles ordered by time.

    Raises:
        BadInput: the file does not exist or cannot be read, or a subtitle ends before it starts.
    """
    if isinstance(subtitles, str | os.PathLike):
        cues = _from_file(existing_file(subtitles, _MISSING))
    else:
        cues = [_cue(given) for given in as_list("subtitles", subtitles)]
    return sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.start, cue.end))


def _from_file(path: Path) -> list[Cue]:
    import pysubs2

    try:
        events = pysubs2.SSAFile.from_string(read_config(path))
    except (pysubs2.Pysubs2Error, OSError, UnicodeDecodeError) as error:
        raise BadInput(_UNREADABLE(name=path.name, why=error)) from error
    return [
        Cue(event.start / 1000, event.end / 1000, event.plaintext.strip())
        for event in events
        if not event.is_comment and event.end > event.start
    ]


def _cue(given: Any) -> Cue:
    try:
        start, end, text = given
        cue = Cue(float(start), float(end), str(text).strip())
    except (TypeError, ValueError):
        raise BadInput(_NO_CUE(given=given)) from None
    if not 0 <= cue.start < cue.end:
        raise BadInput(_BAD_TIMES(start=start, end=end, text=text))
    return cue


def soft_track(cues: Sequence[Cue], length_s: float) -> list[tuple[int, int, bytes]]:
    """Return subtitles as stored in an MP4: start and length in ms, and the text with its size.

    A track shows one at a time: if two overlap, the first ends when the second begins.
    """
    made = []
    for index, cue in enumerate(cues):
        following = cues[index + 1].start if index + 1 < len(cues) else length_s
        start, end = round(cue.start * 1000), round(min(cue.end, following, length_s) * 1000)
        if end > start:
            text = cue.text.encode()
            made.append((start, end - start, len(text).to_bytes(2, "big") + text))
    return made


def burn(frames: Iterable[VideoFrame], cues: Sequence[Cue], fps: float) -> Generator[VideoFrame]:
    """Draw each subtitle into the frames during its time."""
    for index, frame in enumerate(frames):
        moment = (index + 0.5) / fps
        text = "\n".join(cue.text for cue in cues if cue.start <= moment < cue.end)
        yield _over(frame, text) if text else frame


def _over(frame: VideoFrame, text: str) -> VideoFrame:
    result = tagged(VideoFrame(frame.width, frame.height, "yuv420p"))
    top, layers = _drawn(text, frame.width, frame.height)
    for index, (colour, share) in enumerate(layers):
        source, target = plane(frame, index), plane(result, index)
        np.copyto(target, source)
        rows = slice(top if index == 0 else top // 2, None)
        below = target[rows].astype(np.float32)
        target[rows] = np.rint(below + (colour - below) * share)
    return result


@lru_cache(4)
def _drawn(
    text: str, width: int, height: int
) -> tuple[int, tuple[tuple[NDArray[Any], NDArray[Any]], ...]]:
    """Return the first row of a subtitle, and each plane's values and coverage from there."""
    size = max(10, round(height * _SHARE))
    block = set_text(text, round(width * 0.9), round(height * 0.4), size)
    top = height * (1 - _BELOW) - block.height
    outline = max(1, size // 12)
    first = max(0, int(top) - 2 * outline) // 2 * 2
    letters = np.zeros((height - first, width), np.float32)
    cover(block, letters, top - first)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * outline + 1, 2 * outline + 1))
    whole = np.maximum(letters, cv2.dilate(letters, brush))  # the outline with the letters
    white = np.divide(letters, whole, out=np.zeros_like(letters), where=whole > 0)
    half = cv2.resize(whole, (width // 2, whole.shape[0] // 2), interpolation=cv2.INTER_AREA)
    grey = np.full_like(half, _GREY)
    return first, ((16 + 219 * white, whole), (grey, half), (grey, half))


_MISSING = Text(
    "Subtitle file not found: {path}. The current folder is {folder}.",
    "找不到字幕文件 {path}。当前文件夹是 {folder}。",
)
_UNREADABLE = Text(
    "Cannot read the subtitles in {name} ({why}). Save them as SRT in UTF-8.",
    "无法读取 {name} 中的字幕（{why}）。请另存为 UTF-8 编码的 SRT。",
)
_NO_CUE = Text(
    "A subtitle must be (start, end, text) with times in seconds, not {given!r}.",
    "字幕应为 (开始, 结束, 文字)，时间以秒计，而不是 {given!r}。",
)
_BAD_TIMES = Text(
    "Subtitle {text!r} starts at {start} s and ends at {end} s: it must end after it starts.",
    "字幕 {text!r} 从第 {start} 秒开始，到第 {end} 秒结束：结束时间必须晚于开始时间。",
)
