"""Reading sound as blocks of samples: stereo float32 at 48 kHz, ``(2, count)``, -1 to 1."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeAlias

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from ....errors import BadInput
from ....i18n import Text
from ...probe import open_media
from ..frame_timing import SAMPLE_RATE

Block: TypeAlias = NDArray[np.float32]
_GAP: Final = SAMPLE_RATE // 20  # jitter of time stamps below it is none of the sound's


class Samples:
    """A stream of blocks from which any number of samples can be taken, followed by silence."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = iter(blocks)
        self._rest = silence(0)

    def take(self, count: int) -> Block:
        """Return the next ``count`` samples."""
        pieces, missing = [self._rest], count - self._rest.shape[1]
        while missing > 0:
            block = next(self._blocks, None)
            if block is None:
                block = silence(missing)
            pieces.append(block)
            missing -= block.shape[1]
        joined = np.concatenate(pieces, axis=1)
        self._rest = joined[:, count:]
        return joined[:, :count]

    def close(self) -> None:
        """Close the underlying file, if any."""
        if isinstance(self._blocks, Generator):
            self._blocks.close()


def silence(count: int) -> Block:
    """Return ``count`` samples of silence."""
    return np.zeros((2, count), np.float32)


def read_sound(path: Path, origin: Fraction | float = 0) -> Generator[Block]:
    """Decode a file's sound, starting at ``origin`` seconds of the file's time.

    Gaps, and a later start, are filled with silence, so that sound and image stay in sync.

    Raises:
        BadInput: the file has no sound, or it cannot be decoded.
    """
    try:
        with open_media(path) as container:
            if not container.streams.audio:
                raise BadInput(_NO_SOUND(name=path.name))
            stream = container.streams.audio[0]
            if origin > 0 and stream.time_base:
                container.seek(int(origin / stream.time_base), stream=stream)
            yield from _aligned(container.decode(stream), Fraction(origin))
    except av.FFmpegError as error:
        raise BadInput(_BAD_SOUND(name=path.name, why=error.strerror)) from error


def _aligned(frames: Iterable[av.AudioFrame], origin: Fraction) -> Generator[Block]:
    resampler = AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
    at: int | None = None  # of the next sample, counted from the origin
    for frame in frames:
        due = round(((frame.pts or 0) * Fraction(frame.time_base or 0) - origin) * SAMPLE_RATE)
        if at is None:
            at = due
            if due > 0:
                yield silence(due)
        elif due - at > _GAP and at >= 0:
            yield silence(due - at)
            at = due
        for block in _resampled(resampler, frame):
            yield block[:, max(0, -at) :]
            at += block.shape[1]
    for block in _resampled(resampler, None):
        yield block[:, max(0, -(at or 0)) :]


def _resampled(resampler: AudioResampler, frame: av.AudioFrame | None) -> Generator[Block]:
    for made in resampler.resample(frame):
        yield np.ascontiguousarray(made.to_ndarray(), np.float32)


_NO_SOUND = Text("{name} has no sound.", "{name} 中没有声音。")
_BAD_SOUND = Text("Cannot decode the audio of {name} ({why}).", "无法解码 {name} 的声音（{why}）。")
