"""Inputs of an edit: a path, a video, or a task whose video has been saved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from ...errors import BadInput, NotAVideo
from ...i18n import Text
from ...protocol.models import VideoTask
from ...settings import Settings
from ..paths import existing_file
from ..probe import opened_video
from .frame_timing import is_within, own_number, usual_rate

#: A file's path, a video, or a task whose video was saved in the output folder.
VideoSource: TypeAlias = "str | os.PathLike[str] | VideoTask"


@dataclass(frozen=True, slots=True)
class Clip:
    """A section of a video. See :func:`clip`."""

    video: VideoSource
    start: float = 0.0
    end: float | None = None
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """An inspected video file.

    ``width`` and ``height`` are as displayed: upright, with square pixels. ``start`` is the time of
    the first frame in the file's own time; ``duration`` is up to the end of the last one.
    ``turn`` is the rotation that players apply, in degrees counterclockwise.
    """

    path: Path
    task: VideoTask | None
    width: int
    height: int
    turn: int
    fps: Fraction
    start: Fraction
    duration: Fraction
    has_sound: bool


def clip(
    video: VideoSource, start: float = 0.0, end: float | None = None, *, volume: float = 1.0
) -> Clip:
    """Select a section of a video.

    Args:
        video: a path, a video, or a task whose video has been saved.
        start, end: in seconds; None = to the end.
        volume: volume of its sound; 0 = muted.

    Raises:
        BadInput: ``start`` is negative or not before ``end``, or ``volume`` is negative.
    """
    if not is_within(start, 0) or not (end is None or (is_within(end, start) and end > start)):
        raise BadInput(_BAD_PART(start=start, end=end))
    if not is_within(volume, 0):
        raise BadInput(_BAD_VOLUME(volume=volume))
    return Clip(video, own_number(start), own_number(end), own_number(volume))


def inspect(video: VideoSource) -> Source:
    """Inspect a video.

    Raises:
        BadInput: the file does not exist, or the task's video has not been saved.
        NotAVideo: it has no decodable video.
    """
    path, task = locate(video)
    with opened_video(path, path.name) as (container, stream):
        frame = next(container.decode(stream), None)
        if frame is None or frame.pts is None or stream.time_base is None:
            raise NotAVideo(_NO_FRAMES(name=path.name))
        turn, start = frame.rotation, frame.pts * stream.time_base
        rate = Fraction(stream.average_rate or stream.guessed_rate or 24)
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        size = (round(frame.width * aspect), frame.height)
        width, height = size if turn % 180 == 0 else size[::-1]
        sound = bool(container.streams.audio)
    end = _end(path, rate)
    return Source(path, task, width, height, turn, usual_rate(rate), start, end - start, sound)


def _end(path: Path, rate: Fraction) -> Fraction:
    """Return when the last frame ends, according to the packets: headers can be wrong."""
    with opened_video(path, path.name) as (container, stream):
        assert stream.time_base is not None
        ends = (
            (packet.pts + (packet.duration or 0)) * stream.time_base
            + (0 if packet.duration else 1 / rate)
            for packet in container.demux(stream)
            if packet.pts is not None
        )
        return max(ends)


def locate(video: VideoSource) -> tuple[Path, VideoTask | None]:
    """Return the file of a video, and its task if known.

    Raises:
        BadInput: there is no such file.
    """
    if isinstance(video, VideoTask):
        return _saved(video), video
    if not isinstance(video, str | os.PathLike):
        raise BadInput(_NOT_ONE(kind=type(video).__name__))
    path = existing_file(video, _MISSING)
    task = getattr(video, "task", None)  # a downloaded video has it
    return path, task if isinstance(task, VideoTask) else None


def _saved(task: VideoTask) -> Path:
    """Find a task's video in the output folder by its name and, if known, its hash."""
    folder = Settings.from_environment().output.expanduser()
    for path in _candidates(folder, task):
        if task.sha256 is None or sha256(path) == task.sha256.lower():
            return path
    raise BadInput(_NOT_SAVED(id=task.id, folder=folder))


def _candidates(folder: Path, task: VideoTask) -> Iterator[Path]:
    named = sorted(folder.glob(f"*{task.message_id[-6:]}.mp4"))
    yield from named
    if task.sha256 is not None:  # it may have been given another name
        yield from (path for path in sorted(folder.rglob("*.mp4")) if path not in named)


def sha256(path: Path) -> str:
    """Return the SHA-256 hash of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_MISSING = Text(
    "Video not found: {path}. The current folder is {folder}.",
    "找不到视频 {path}。当前文件夹是 {folder}。",
)
_NOT_SAVED = Text(
    "The video of task {id} is not in {folder}. Download it first: videos.download(task).",
    "任务 {id} 的视频不在 {folder} 中。请先用 videos.download(task) 下载。",
)
_NOT_ONE = Text(
    "A video must be a path, a video or a task, not {kind}.",
    "视频应为文件路径、视频或任务，而不是 {kind}。",
)
_NO_FRAMES = Text("{name} has no frames.", "{name} 中没有画面。")
_BAD_PART = Text(
    "Invalid part: it starts at {start} s and ends at {end} s.",
    "片段无效：从第 {start} 秒开始，到第 {end} 秒结束。",
)
_BAD_VOLUME = Text("Volume must be 0 or more, not {volume}.", "音量不能为负数：{volume}。")
