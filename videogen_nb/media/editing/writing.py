"""Writing frames, sound and subtitles to a file that gets its name only when complete."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from math import inf
from pathlib import Path
from typing import Final, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ...errors import BadInput, EditCancelled, EditError
from ...i18n import Text
from ..h264 import X264, tune, unwritable
from .frame_timing import SAMPLE_RATE, sample_at
from .sound.reading import Block, Samples

#: Called with the frames written so far and their number in all.
OnProgress: TypeAlias = "Callable[[int, int], object]"

_AUDIO_BITS: Final = 192_000
_MS: Final = Fraction(1, 1000)


#: What a soft track's text looks like where the player does not say otherwise.
_STYLE: Final = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold,\
 Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow,\
 Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True, slots=True)
class Codecs:
    """FFmpeg's names for a format and its codecs, and options of the video codec."""

    format: str = "mp4"
    video: str = "libx264"
    audio: str = "aac"
    options: Mapping[str, str] = field(default_factory=lambda: X264)


@dataclass(frozen=True, slots=True)
class Content:
    """What to write: ``count`` frames of one size, sound, subtitles and metadata.

    ``subtitles`` form a track: start and length in ms, and bytes as stored in an MP4.
    """

    frames: Iterable[VideoFrame]
    count: int
    width: int
    height: int
    fps: Fraction
    sound: Iterable[Block] | None = None
    subtitles: Sequence[tuple[int, int, bytes]] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    codecs: Codecs = field(default_factory=Codecs)


def write(
    content: Content,
    path: Path,
    *,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Write a video. If it fails, nothing is left behind and an existing file stays unchanged.

    Raises:
        EditCancelled: ``cancelled()`` became true. EditError: it cannot be written.
    """
    with new_file(path) as part:
        try:
            options = {"movflags": "+faststart+use_metadata_tags"}
            mp4 = content.codecs.format in ("mp4", "mov")
            with av.open(
                str(part), "w", format=content.codecs.format, options=options if mp4 else {}
            ) as container:
                _Writer(container, content).run(on_progress, cancelled)
        except av.FFmpegError as error:
            raise EditError(unwritable(error)) from error


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a temporary file next to ``path`` that is renamed if the block succeeds.

    Raises:
        EditError: it cannot be written.
    """
    part = path.with_name(f".videogen-{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        if isinstance(error, av.FFmpegError):
            raise
        raise EditError(_DISK(path=path, reason=error.strerror or error)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def check_target(path: Path, sources: Iterable[Path]) -> Path:
    """Return ``path``.

    Raises:
        BadInput: it is one of the input files. EditError: it is not a valid file name.
    """
    try:
        path.lstat()
        itself = any(path.samefile(source) for source in sources)
    except (FileNotFoundError, NotADirectoryError):
        return path
    except (OSError, ValueError) as error:  # ValueError: a null character
        raise EditError(_DISK(path=path, reason=getattr(error, "strerror", error))) from error
    if itself:
        raise BadInput(_ITSELF(name=path.name))
    return path


class _Writer:
    """Encodes frames, interleaved with their sound."""

    def __init__(self, container: OutputContainer, content: Content) -> None:
        self._container, self._content = container, content
        container.metadata.update(content.metadata)
        codecs = content.codecs
        stream = container.add_stream(codecs.video, rate=content.fps, options=dict(codecs.options))
        assert isinstance(stream, VideoStream)
        tune(stream, content.width, content.height, content.fps)
        self._video = stream
        self._audio = self._audio_stream() if content.sound is not None else None
        self._samples = Samples(content.sound or ())
        self._subtitles = deque(content.subtitles)
        if content.subtitles:
            self._text = container.add_stream("mov_text")
            self._text.codec_context.subtitle_header = _STYLE
            self._text.time_base = _MS

    def run(self, on_progress: OnProgress | None, cancelled: Callable[[], bool] | None) -> None:
        content = self._content
        for index, frame in enumerate(islice(content.frames, content.count)):
            if cancelled is not None and cancelled():
                raise EditCancelled
            frame.pts, frame.time_base = index, 1 / content.fps
            frame.pict_type = 0  # a decoded key frame need not be one here
            self._container.mux(self._video.encode(frame))
            self._write_sound(index)
            self._write_subtitles(float((index + 1) / content.fps * 1000))
            if on_progress is not None:
                on_progress(index + 1, content.count)
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))
        self._write_subtitles(inf)

    def _audio_stream(self) -> AudioStream:
        stream = self._container.add_stream(
            self._content.codecs.audio, rate=SAMPLE_RATE, layout="stereo"
        )
        assert isinstance(stream, AudioStream)
        stream.bit_rate = _AUDIO_BITS
        return stream

    def _write_sound(self, index: int) -> None:
        """Write the sound of one frame."""
        if self._audio is None:
            return
        fps = self._content.fps
        first, end = sample_at(index, fps), sample_at(index + 1, fps)
        block = np.ascontiguousarray(self._samples.take(end - first))
        frame = av.AudioFrame.from_ndarray(block, "fltp", "stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, first
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._container.mux(self._audio.encode(frame))

    def _write_subtitles(self, until_ms: float) -> None:
        while self._subtitles and self._subtitles[0][0] < until_ms:
            start, length, data = self._subtitles.popleft()
            packet = av.Packet(data)
            packet.stream, packet.time_base = self._text, _MS
            packet.pts = packet.dts = start
            packet.duration = length
            self._container.mux(packet)


_ITSELF = Text(
    "{name} is one of the original files, which are never changed. Choose another name.",
    "{name} 是原文件之一，原文件不会被改动。请换一个名称。",
)
_DISK = Text("Cannot write {path}: {reason}.", "无法写入 {path}：{reason}。")
