"""Planning a join: the parts, their order and positions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from ...errors import BadInput
from ...i18n import Text
from ...protocol.models import VideoTask
from ...protocol.values import as_list
from .frame_timing import SHORTEST_S, Span, frames_in, is_within, lay_out, own_number
from .frames.fitting import Canvas, check_fit, check_size
from .frames.transitions import check_transitions
from .sources import Clip, Source, VideoSource, clip, inspect
from .titles_and_subtitles.titles import Title

#: What can be joined.
Part: TypeAlias = "VideoSource | Clip | Title"


@dataclass(frozen=True, slots=True)
class Placed:
    """A part at its position; ``source`` is None for a title."""

    part: Clip | Title
    source: Source | None
    span: Span
    arrival: str  # the transition from the part before

    @property
    def has_sound(self) -> bool:
        """Return whether its own sound is audible."""
        return (
            isinstance(self.part, Clip)
            and self.source is not None
            and self.source.has_sound
            and self.part.volume > 0
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The positions of all parts, the output size and rate, and the ``seconds`` of a transition."""

    parts: list[Placed]
    canvas: Canvas
    fps: Fraction
    seconds: float

    @property
    def count(self) -> int:
        """Return the total number of frames."""
        return self.parts[-1].span.end


def make_plan(
    given: Part | Iterable[Part],
    transition: str | Sequence[str],
    seconds: float,
    fit: str,
    size: tuple[int, int] | None,
    fps: float | None,
) -> Plan:
    """Inspect the parts and lay them out. For arguments and errors, see ``join``."""
    listed = as_list("parts", given, str | os.PathLike | VideoTask | Clip | Title)
    if not listed:
        raise BadInput(_NOTHING)
    parts = [part if isinstance(part, Clip | Title) else clip(part) for part in listed]
    names = check_transitions(transition, len(parts) - 1)
    looked: dict[Any, Source] = {}
    sources = [_looked_at(part, looked) if isinstance(part, Clip) else None for part in parts]
    rate = _rate(sources, fps)
    shared = [0 if name == "cut" else frames_in(_positive(seconds), rate) for name in names]
    pairs = list(zip(parts, sources, strict=True))
    spans = lay_out([_length(part, source, rate) for part, source in pairs], shared)
    placed = [
        Placed(part, source, span, arrival)
        for (part, source), span, arrival in zip(pairs, spans, ["cut", *names], strict=True)
    ]
    for number, place in enumerate(placed, start=1):
        _check_length(number, place, rate)
    return Plan(placed, _canvas(sources, fit, size), rate, _positive(seconds))


def _looked_at(part: Clip, looked: dict[Any, Source]) -> Source:
    """Inspect a file; one that is used several times is inspected once."""
    key = part.video if isinstance(part.video, str) else id(part.video)
    if key not in looked:
        looked[key] = inspect(part.video)
    return looked[key]


def _rate(sources: Sequence[Source | None], fps: float | None) -> Fraction:
    if fps is None:
        return next((source.fps for source in sources if source), Fraction(24))
    if not is_within(fps, 1, 120):
        raise BadInput(_BAD_FPS(fps=fps))
    return Fraction(own_number(fps)).limit_denominator(1001)


def _positive(seconds: float) -> float:
    if not is_within(seconds, SHORTEST_S):
        raise BadInput(_BAD_SECONDS(seconds=seconds))
    own: float = own_number(seconds)
    return own


def _length(part: Clip | Title, source: Source | None, fps: Fraction) -> int:
    if isinstance(part, Title):
        return frames_in(part.seconds, fps)
    assert source is not None
    end = source.duration if part.end is None else min(Fraction(part.end), source.duration)
    if part.start >= end:
        raise BadInput(
            _PAST_END(name=source.path.name, start=part.start, length=float(source.duration))
        )
    return frames_in(end - Fraction(part.start), fps)


def _check_length(number: int, place: Placed, fps: Fraction) -> None:
    needed = place.span.lead + place.span.tail
    if needed > place.span.frames:
        name = place.source.path.name if place.source else getattr(place.part, "text", "")
        raise BadInput(
            _TOO_SHORT(
                number=number,
                name=name,
                length=round(float(place.span.frames / fps), 2),
                needed=round(float(needed / fps), 2),
            )
        )


def _canvas(sources: Sequence[Source | None], fit: str, size: tuple[int, int] | None) -> Canvas:
    check_fit(fit)
    if size is None:
        first = next((source for source in sources if source), None)
        size = (first.width, first.height) if first else (1280, 720)
        return Canvas(size[0] // 2 * 2, size[1] // 2 * 2, fit)
    width, height = check_size(size)
    return Canvas(width, height, fit)


_NOTHING = Text(
    "There is nothing to join: pass at least one video.", "没有可拼接的视频，请至少提供一个。"
)
_BAD_FPS = Text("fps must be 1 to 120, not {fps}.", "fps 应为 1 到 120，而不是 {fps}。")
_BAD_SECONDS = Text(
    'A transition must last longer than 0 s, not {seconds} s. For none, use transition="cut".',
    '转场时长必须大于 0 秒，而不是 {seconds} 秒。不需要转场时请用 transition="cut"。',
)
_PAST_END = Text(
    "{name} is {length:.2f} s long; a part of it cannot start at {start} s.",
    "{name} 长 {length:.2f} 秒，片段不能从第 {start} 秒开始。",
)
_TOO_SHORT = Text(
    "Part {number} ({name}) is {length} s long, but its transitions take {needed} s. Use a shorter "
    'transition (seconds=…), or "cut".',
    "第 {number} 段（{name}）长 {length} 秒，而其转场需要 {needed} 秒。"
    '请缩短转场（seconds=…）或使用 "cut"。',
)
