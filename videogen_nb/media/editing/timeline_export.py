"""Exporting a timeline for video editors: an OpenTimelineIO file and its media.

The format is plain JSON (https://opentimelineio.readthedocs.io). It is written without the library,
which lacks wheels for some Python versions; the tests read it with the library.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ...errors import BadInput, EditError
from ...i18n import Text
from ...text.console import visible
from ..paths import existing_file, expanded
from ..provenance import provenance
from .frame_timing import frames_in
from .join import join
from .join_plan import Part, Placed, Plan, make_plan
from .sources import Clip
from .titles_and_subtitles.titles import Title
from .writing import check_target, new_file

_KEPT: Final = ("engine", "prompt", "seed", "task", "created_at")


def timeline(
    parts: Iterable[Part],
    path: str | os.PathLike[str],
    *,
    transition: str | Sequence[str] = "cut",
    seconds: float = 0.5,
    audio: str | os.PathLike[str] | None = None,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
) -> Path:
    """Export the same parts as :func:`~videogen_nb.join`, as a timeline for video editors.

    The videos are copied into a folder next to it (``advert.otio`` → ``advert media/``), titles are
    rendered there, and paths are relative, so that both can be moved together.

    Args:
        path: the ``.otio`` file. An existing one is replaced; other files in the folder are kept.
        parts, transition, seconds, audio, size, fps: see :func:`~videogen_nb.join`.

    Returns:
        The path of the ``.otio`` file.

    Raises:
        BadInput: see :func:`~videogen_nb.join`; or ``path`` does not end in ``.otio``.
        EditError: it cannot be written.
    """
    target = expanded(path)
    if target.suffix != ".otio":
        raise BadInput(_SUFFIX(name=target.name))
    plan = make_plan(parts, transition, seconds, "cover", size, fps)
    music = None if audio is None else existing_file(audio, _NO_MUSIC)
    read = [one.source.path for one in plan.parts if one.source] + ([music] if music else [])
    check_target(target, read)
    media = media_folder(target)
    names = _gather(plan, media, music)
    document = _document(
        target.stem, plan, media.name, names, _name(music, 0) if music is not None else None
    )
    with new_file(target) as part:
        part.write_text(visible(json.dumps(document, ensure_ascii=False, indent=1)), "utf-8")
    return target


def media_folder(path: Path) -> Path:
    """Return the media folder of a timeline, next to the file."""
    return path.with_name(f"{path.stem} media")


def _gather(plan: Plan, media: Path, music: Path | None) -> list[str]:
    """Copy or render the media of every part; return the file names."""
    names: list[str] = []
    copied: dict[Path, str] = {}
    try:
        media.mkdir(parents=True, exist_ok=True)
        for number, placed in enumerate(plan.parts, 1):
            if placed.source is None:
                names.append(_render(plan, placed, media, number))
                continue
            source = placed.source.path
            if source not in copied:
                copied[source] = _name(source, number)
                _copy(source, media / copied[source])
            names.append(copied[source])
        if music is not None:
            _copy(music, media / _name(music, 0))
    except OSError as error:
        raise EditError(_DISK(path=media, reason=error.strerror or error)) from error
    return names


def _render(plan: Plan, placed: Placed, media: Path, number: int) -> str:
    assert isinstance(placed.part, Title)
    name = f"{number:02}-title.mp4"
    size = (plan.canvas.width, plan.canvas.height)
    join([placed.part], path=media / name, size=size, fps=float(plan.fps))
    return name


def _name(path: Path, number: int) -> str:
    """Return the name of a copy, numbered, since two videos may have the same name. 0 = music."""
    return f"{number:02}-{path.name}" if number else path.name


def _copy(source: Path, target: Path) -> None:
    with suppress(OSError):
        if target.samefile(source):
            return
    with new_file(target) as part:
        shutil.copyfile(source, part)


def _document(
    name: str, plan: Plan, folder: str, files: Sequence[str], music: str | None
) -> dict[str, Any]:
    video = _track("Video", plan, folder, files)
    tracks = [_thing("Track", "Video", children=video, kind="Video", source_range=None)]
    if any(placed.has_sound for placed in plan.parts):
        sound = _track("Audio", plan, folder, files)
        tracks.append(_thing("Track", "Sound", children=sound, kind="Audio", source_range=None))
    if music is not None:
        whole = _range(0, plan.count, plan.fps)
        bed = _thing("Clip", music, source_range=whole, **_media(folder, music, None))
        tracks.append(_thing("Track", "Music", children=[bed], kind="Audio", source_range=None))
    stack = _thing("Stack", "tracks", children=tracks, source_range=None)
    start = _time(0, plan.fps)
    return _thing("Timeline", name, tracks=stack, global_start_time=start)


def _track(kind: str, plan: Plan, folder: str, files: Sequence[str]) -> list[dict[str, Any]]:
    """Return the track with all parts.

    Two parts that share frames keep half of them each; the transition between them extends into
    the rest.
    """
    items: list[dict[str, Any]] = []
    for placed, file in zip(plan.parts, files, strict=True):
        span = placed.span
        before, after = span.lead // 2, span.tail - span.tail // 2
        if span.lead:
            items.append(_transition(placed.arrival, span.lead, plan.fps))
        first, count = _first_frame(placed, plan.fps) + before, span.frames - before - after
        if kind == "Audio" and not placed.has_sound:
            items.append(_thing("Gap", "", source_range=_range(0, count, plan.fps)))
            continue
        reach = _range(0, _frames_of(placed, plan.fps), plan.fps)
        more = {"source_range": _range(first, count, plan.fps), **_media(folder, file, reach)}
        items.append(_thing("Clip", file, metadata=_facts(placed), **more))
    return items


def _transition(name: str, shared: int, fps: Fraction) -> dict[str, Any]:
    return _thing(
        "Transition",
        name,
        transition_type="SMPTE_Dissolve" if name == "crossfade" else "Custom_Transition",
        in_offset=_time(shared // 2, fps),
        out_offset=_time(shared - shared // 2, fps),
    )


def _first_frame(placed: Placed, fps: Fraction) -> int:
    start = placed.part.start if isinstance(placed.part, Clip) else 0
    return round(Fraction(start) * fps)


def _frames_of(placed: Placed, fps: Fraction) -> int:
    if placed.source is None:
        return placed.span.frames
    return frames_in(placed.source.duration, fps)


def _facts(placed: Placed) -> dict[str, Any]:
    """Return a video's provenance, to be shown in the editing program."""
    if placed.source is None:
        return {}
    try:
        known = provenance(placed.source.path)
    except BadInput:
        return {}
    return {"videogen_nb": {name: known[name] for name in _KEPT if known.get(name) is not None}}


def _media(folder: str, file: str, reach: dict[str, Any] | None) -> dict[str, Any]:
    url = quote(os.fsencode(f"{folder}/{file}"))
    reference = _thing("ExternalReference", file, target_url=url, available_range=reach)
    return {"media_reference": reference}


def _thing(schema: str, name: str, **values: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": f"{schema}.1", "name": name, "metadata": {}, **values}


def _time(frames: int, fps: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(fps), "value": float(frames)}


def _range(first: int, count: int, fps: Fraction) -> dict[str, Any]:
    times = {"start_time": _time(first, fps), "duration": _time(count, fps)}
    return {"OTIO_SCHEMA": "TimeRange.1", **times}


_SUFFIX = Text(
    "{name} is not a timeline. Use a name that ends in .otio.",
    "{name} 不是时间线文件名，请使用以 .otio 结尾的名称。",
)
_NO_MUSIC = Text("Music not found: {path}.", "找不到音乐文件 {path}。")
_DISK = Text("Cannot write {path}: {reason}.", "无法写入 {path}：{reason}。")
