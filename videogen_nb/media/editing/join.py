"""``join``: join videos and titles into one video."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import Any, TypeAlias

from av.video.frame import VideoFrame

from ...errors import BadInput
from ...i18n import Text
from ...protocol.values import as_list, as_switch
from ...settings import Settings
from ..paths import expanded, new_name
from ..probe import probe
from ..video import VideoFile
from .edit_provenance import facts_of_edit, metadata_of_edit, tell_losses
from .frame_timing import as_number, sample_at
from .frames.reading import read_frames
from .frames.transitions import blend
from .join_plan import Part, Placed, Plan, make_plan
from .sound.filters import levelled
from .sound.filters import loudness as measured
from .sound.mixing import Music, Narration, mixed, music, programme, sound_file
from .sound.reading import Block, read_sound
from .sources import Clip, sha256
from .titles_and_subtitles.subtitles import Cue, Subtitles, burn, read_cues, soft_track
from .titles_and_subtitles.titles import Title, draw_title
from .writing import Content, OnProgress, check_target, write

#: One voice from the beginning, or several, each with its second.
Voices: TypeAlias = "str | os.PathLike[str] | Sequence[tuple[float, str | os.PathLike[str]]]"


def join(
    parts: Iterable[Part],
    *,
    path: str | os.PathLike[str] | None = None,
    transition: str | Sequence[str] = "cut",
    seconds: float = 0.5,
    audio: str | os.PathLike[str] | Music | None = None,
    narration: Voices | None = None,
    loudness: float | None = -14.0,
    subtitles: Subtitles | None = None,
    burn_in: bool = False,
    fit: str = "cover",
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> VideoFile:
    """Join videos and titles into one MP4 (H.264 and AAC). The same input gives the same bytes.

    Args:
        parts: paths, videos, tasks whose videos have been saved, :func:`clip` for a section of one,
            and :func:`title`.
        path: where to save it; an existing file is replaced, but never one of the inputs. None =
            the output folder, with a name derived from the input.
        transition: "cut", "crossfade", "dip-to-black", "slide-left" (-right, -up, -down); or one
            for each join.
        seconds: length of a transition; both videos play during it.
        audio: music, as a file or with :func:`music`; it gets quieter while there is other sound.
        narration: a voice-over from the beginning, or several as ``(second, file)``.
        loudness: loudness of the result in LUFS; None = unchanged.
        subtitles: a list of ``(start, end, text)``, or a file: SRT, VTT, ASS.
        burn_in: burn the subtitles into the frames instead of adding a track.
        fit: "cover" (cropped), "contain" (black bars) or "blur" (blurred bars), for parts with
            another aspect ratio.
        size: width and height in pixels; None = the first video's.
        fps: frames per second; None = the first video's.
        on_progress: called with the number of frames written and the total.
        cancelled: checked before each frame.

    Returns:
        The video; ``provenance(video)`` lists its parts.

    Raises:
        BadInput: a file is missing, a part is shorter than its transitions, or an argument is
            invalid. NotAVideo: a file has no decodable video.
        EditCancelled: ``cancelled()`` became true. EditError: it cannot be written.

    Warns:
        EditWarning: a file has a signature (C2PA) that re-encoding cannot keep.
    """
    plan = make_plan(parts, transition, seconds, fit, size, fps)
    sound = _sound(audio, narration)
    if loudness is not None:
        loudness = as_number("loudness", loudness, -70, 0)
    burn_in = as_switch("burn_in", burn_in)
    cues = read_cues(subtitles) if subtitles is not None else []
    facts = _facts(plan, sound, cues, loudness=loudness, burn_in=burn_in)
    target = check_target(_target(path, facts), _files(plan, sound, subtitles))
    with ExitStack() as open_files:
        frames: Iterable[VideoFrame] = open_files.enter_context(closing(_frames(plan)))
        if burn_in and cues:
            frames = burn(frames, cues, float(plan.fps))
        content = Content(
            frames=frames,
            count=plan.count,
            width=plan.canvas.width,
            height=plan.canvas.height,
            fps=plan.fps,
            sound=_mix(plan, sound, loudness),
            subtitles=() if burn_in else soft_track(cues, float(plan.count / plan.fps)),
            metadata=metadata_of_edit(facts),
        )
        write(content, target, on_progress=on_progress, cancelled=cancelled)
    tell_losses(facts)
    return VideoFile(target, probe(target, whole=False))


@dataclass(frozen=True, slots=True)
class _Sound:
    bed: Music | None
    voices: list[Narration]


def _sound(audio: str | os.PathLike[str] | Music | None, narration: Voices | None) -> _Sound:
    bed = audio if audio is None or isinstance(audio, Music) else music(audio)
    if narration is None:
        narration = []
    elif isinstance(narration, str | os.PathLike):
        narration = [(0.0, narration)]
    return _Sound(bed, [_voice(given) for given in as_list("narration", narration)])


def _voice(given: tuple[float, str | os.PathLike[str]]) -> Narration:
    try:
        at, file = given
    except (TypeError, ValueError):
        raise BadInput(_NO_VOICE(given=given)) from None
    return Narration(sound_file(file), as_number("at", at))


def _frames(plan: Plan) -> Generator[VideoFrame]:
    """Yield all frames in order; at most two videos are open at a time."""
    before: Generator[VideoFrame] | None = None
    for place in plan.parts:
        span, current = place.span, _own_frames(place, plan)
        try:
            for index in range(span.lead):
                assert before is not None
                share = (index + 1) / (span.lead + 1)
                yield blend(place.arrival, next(before), next(current), share)
        finally:
            if before is not None:
                before.close()
        before = current
        yield from islice(current, span.frames - span.lead - span.tail)


def _own_frames(place: Placed, plan: Plan) -> Generator[VideoFrame]:
    part, count = place.part, place.span.frames
    if isinstance(part, Title):
        card = draw_title(part, plan.canvas.width, plan.canvas.height)
        yield from repeat(card, count)
        return
    assert place.source is not None
    start = Fraction(part.start)
    yield from read_frames(place.source, start, count, plan.fps, plan.canvas)


def _mix(plan: Plan, sound: _Sound, wanted: float | None) -> Iterable[Block] | None:
    """Return the mixed sound, or None if there is none. It is mixed twice: once to measure."""
    if not (any(place.has_sound for place in plan.parts) or sound.bed or sound.voices):
        return None

    def once() -> Iterable[Block]:
        own = programme([(place.span, _reader(place)) for place in plan.parts], plan.fps)
        return mixed(own, sound.voices, sound.bed, sample_at(plan.count, plan.fps))

    if wanted is None:
        return levelled(once(), None, 0)
    return levelled(once(), measured(once()), wanted)


def _reader(place: Placed) -> Callable[[], Iterable[Block]] | None:
    return partial(_own_sound, place) if place.has_sound else None


def _own_sound(place: Placed) -> Generator[Block]:
    assert place.source is not None
    assert isinstance(place.part, Clip)
    start = place.source.start + Fraction(place.part.start)
    for block in read_sound(place.source.path, start):
        yield block * place.part.volume


def _facts(plan: Plan, sound: _Sound, cues: Sequence[Cue], **how: Any) -> dict[str, Any]:
    parameters = {
        "parts": [_part_facts(place) for place in plan.parts],
        "seconds": plan.seconds,
        "width": plan.canvas.width,
        "height": plan.canvas.height,
        "fit": plan.canvas.fit,
        "fps": float(plan.fps),
        "subtitles": [[cue.start, cue.end, cue.text] for cue in cues],
        **{name: value for name, value in how.items() if value is not None},
    }
    if sound.bed is not None:
        parameters["audio"] = _sound_facts(sound.bed)
    if sound.voices:
        parameters["narration"] = [_sound_facts(voice) for voice in sound.voices]
    sources = [place.source for place in plan.parts if place.source]
    return facts_of_edit("join", sources, parameters)


def _files(plan: Plan, sound: _Sound, subtitles: Subtitles | None) -> list[Path]:
    """Return all input files."""
    files = [place.source.path for place in plan.parts if place.source]
    files += [sounding.path for sounding in (sound.bed, *sound.voices) if sounding]
    if isinstance(subtitles, str | os.PathLike):
        files.append(expanded(subtitles))
    return files


def _part_facts(place: Placed) -> dict[str, Any]:
    part = place.part
    common = {"transition": place.arrival, "frames": place.span.frames}
    if isinstance(part, Title):
        look = {"colour": part.colour, "background": part.background, "below": part.below}
        return {"title": part.text, **look, **common}
    assert place.source is not None
    return {
        "file": place.source.path.name, "start": part.start, "volume": part.volume, **common,
    }  # fmt: skip


def _sound_facts(sound: Music | Narration) -> dict[str, Any]:
    values = {name: getattr(sound, name) for name in sound.__slots__ if name != "path"}
    return {"file": sound.path.name, "sha256": sha256(sound.path), **values}


def _target(path: str | os.PathLike[str] | None, facts: dict[str, Any]) -> Path:
    if path is not None:
        return new_name(path)
    words = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    name = hashlib.sha256(words.encode()).hexdigest()[:8]
    return Settings.from_environment().output.expanduser() / f"joined-{name}.mp4"


_NO_VOICE = Text(
    "A narration must be a file or (second, file), not {given!r}.",
    "旁白应为文件或 (秒, 文件)，而不是 {given!r}。",
)
