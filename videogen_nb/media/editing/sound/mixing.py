"""Mixing the parts' own sound, narration, and music that gets quieter during both."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from ....i18n import Text
from ....protocol.values import as_switch
from ...paths import existing_file
from ..frame_timing import SAMPLE_RATE, Span, as_number, sample_at
from .filters import ducked
from .reading import Block, Samples, read_sound, silence

_BLOCK: Final = SAMPLE_RATE  # one second

Reader = Callable[[], Iterable[Block]]


@dataclass(frozen=True, slots=True)
class Music:
    """Background music. See :func:`music`."""

    path: Path
    volume: float = 0.5
    start: float = 0.0
    fade_in: float = 0.5
    fade_out: float = 2.0
    loop: bool = True
    duck: bool = True


@dataclass(frozen=True, slots=True)
class Narration:
    """A voice-over that begins at ``at`` seconds of the video."""

    path: Path
    at: float = 0.0


def music(
    path: str | os.PathLike[str],
    *,
    volume: float = 0.5,
    start: float = 0.0,
    fade_in: float = 0.5,
    fade_out: float = 2.0,
    loop: bool = True,
    duck: bool = True,
) -> Music:
    """Configure background music.

    Args:
        path: a file with sound: MP3, WAV, M4A, or a video.
        volume: 1 = unchanged.
        start: where to start in the file, in seconds.
        fade_in, fade_out: in seconds; 0 = none.
        loop: repeat the music if it is shorter than the video.
        duck: lower the music while there is other sound.

    Raises:
        BadInput: the file does not exist, or a number is invalid.
    """
    return Music(
        sound_file(path),
        as_number("volume", volume),
        as_number("start", start),
        as_number("fade_in", fade_in),
        as_number("fade_out", fade_out),
        as_switch("loop", loop),
        as_switch("duck", duck),
    )


def sound_file(path: str | os.PathLike[str]) -> Path:
    """Return the file's path. Raises BadInput if it does not exist or has no sound."""
    found = existing_file(path, _MISSING)
    sound = read_sound(found)
    next(sound, None)
    sound.close()
    return found


def programme(parts: Sequence[tuple[Span, Reader | None]], fps: Fraction) -> Generator[Block]:
    """Yield the parts' own sound, cross-faded where two share frames."""
    before = Samples(())
    for span, reader in parts:
        current = Samples(reader() if reader else ())
        shared = sample_at(span.first + span.lead, fps)
        body = sample_at(span.end - span.tail, fps)
        first = sample_at(span.first, fps)
        if shared > first:
            yield _crossfade(before.take(shared - first), current.take(shared - first))
        before.close()
        yield from _taken(current, body - shared)
        before = current
    before.close()


def mixed(
    own: Iterable[Block] | None,
    narration: Sequence[Narration],
    bed: Music | None,
    count: int,
) -> Generator[Block]:
    """Yield ``count`` samples of the complete mix."""
    voices = [(Samples(own or ()), 0)]
    voices += [(Samples(read_sound(n.path)), round(n.at * SAMPLE_RATE)) for n in narration]
    speech = _together(voices, count)
    if bed is None:
        yield from speech
        return
    under = Samples(_bed(bed, count))
    pairs = ((block, under.take(block.shape[1])) for block in speech)
    if bed.duck:
        yield from ducked(pairs)
    else:
        yield from (voice + tune for voice, tune in pairs)


def _together(voices: Sequence[tuple[Samples, int]], count: int) -> Generator[Block]:
    for first in range(0, count, _BLOCK):
        size = min(_BLOCK, count - first)
        block = silence(size)
        for samples, begins in voices:
            offset = min(size, max(0, begins - first))
            block[:, offset:] += samples.take(size - offset)
        yield block


def _bed(bed: Music, count: int) -> Generator[Block]:
    """Yield ``count`` samples of the music, faded in and out."""
    last = count if bed.loop else min(count, _length(bed))
    fade_in, fade_out = (round(s * SAMPLE_RATE) for s in (bed.fade_in, bed.fade_out))
    at = 0
    for block in _repeated(bed):
        place = np.arange(at, at + block.shape[1])
        rising = (place + 1) / fade_in if fade_in else 1.0
        falling = (last - place) / fade_out if fade_out else 1.0
        gain = np.clip(np.minimum(rising, falling), 0, 1) * bed.volume
        yield block * gain.astype(np.float32)
        at += block.shape[1]
        if at >= last:
            return


def _repeated(bed: Music) -> Generator[Block]:
    start = bed.start
    while True:
        some = False
        for block in read_sound(bed.path, start):
            some = some or block.shape[1] > 0
            yield block
        if not bed.loop or not some:
            return
        start = 0.0


def _length(bed: Music) -> int:
    return sum(block.shape[1] for block in read_sound(bed.path, bed.start))


def _taken(samples: Samples, count: int) -> Generator[Block]:
    for first in range(0, count, _BLOCK):
        yield samples.take(min(_BLOCK, count - first))


def _crossfade(old: Block, new: Block) -> Block:
    """Cross-fade with equal power, so that the middle does not sound quieter."""
    angle = np.linspace(0, np.pi / 2, old.shape[1], dtype=np.float32)
    mixed: Block = old * np.cos(angle) + new * np.sin(angle)
    return mixed


_MISSING = Text(
    "Audio file not found: {path}. The current folder is {folder}.",
    "找不到音频文件 {path}。当前文件夹是 {folder}。",
)
