"""Exporting a video with another size, aspect ratio, frame rate or codec."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Generator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from string import Formatter
from typing import Any

from ...errors import BadInput, EditWarning
from ...i18n import Text
from ...protocol.values import as_path
from ..paths import expanded
from .edit_provenance import facts_of_edit, metadata_of_edit, parent, tell_losses
from .frame_timing import frames_in, is_within, own_number
from .frames.crop import crop_box, read_ratio
from .frames.fitting import Canvas, check_fit, check_size
from .frames.reading import read_frames
from .presets import SUFFIXES, codecs_of, preset_of
from .sound.reading import Block, read_sound
from .sources import Source, VideoSource, inspect
from .writing import Content, OnProgress, check_target, write


def export(
    video: VideoSource,
    path: str | os.PathLike[str] | None = None,
    *,
    preset: str | None = None,
    crop: str | None = None,
    focus: str = "smart",
    size: tuple[int, int] | None = None,
    fit: str = "cover",
    fps: float | None = None,
    codec: str = "h264",
    strip: bool = False,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Export a video in another format; sound and the original file stay unchanged.

    Args:
        path: a file name, which may contain ``{name}``, ``{prompt}``, ``{seed}``, ``{engine}``,
            ``{preset}``, ``{width}`` and ``{height}``; None = next to the video. An existing file
            is replaced, but never the video itself.
        preset: a platform's size, see :data:`~videogen_nb.media.editing.presets.PRESETS`.
        crop: the aspect ratio to crop to, such as "9:16".
        focus: "smart" keeps the part with the most detail and movement, "centre" the middle.
        size: width and height in pixels; both even.
        fit: with ``size`` or ``preset``: "cover" (cropped, as ``focus`` says), "contain" (black
            bars) or "blur" (blurred bars).
        fps: frames per second; None = the video's.
        codec: "h264", "h265" or "vp9" (WebM).
        strip: omit metadata: prompt, seed, parents, labels.
        on_progress, cancelled: see :func:`~videogen_nb.media.editing.join.join`.

    Raises:
        BadInput: the video does not exist, or an argument is invalid.
        EditCancelled: ``cancelled()`` became true. EditError: it cannot be written.

    Warns:
        EditWarning: a signature could not be kept; once per process, a reminder that generated
            videos may have to be labelled.
    """
    source, codecs = inspect(video), codecs_of(codec)
    canvas = _canvas(source, preset, crop, focus, size, check_fit(fit))
    rate = _rate(source, fps)
    target = _target(source, path, SUFFIXES[codecs.format], preset, canvas)
    how = {"preset": preset, "crop": canvas.crop, "fit": fit, "codec": codec, "fps": float(rate)}
    how |= {"width": canvas.width, "height": canvas.height}
    facts = facts_of_edit("export", [source], {k: v for k, v in how.items() if v is not None})
    count = frames_in(source.duration, rate)
    with closing(read_frames(source, Fraction(0), count, rate, canvas)) as frames:
        content = Content(
            frames=frames,
            count=count,
            width=canvas.width,
            height=canvas.height,
            fps=rate,
            sound=_sound(source) if source.has_sound else None,
            metadata={} if strip else metadata_of_edit(facts),
            codecs=codecs,
        )
        write(content, target, on_progress=on_progress, cancelled=cancelled)
    tell_losses(facts)
    if strip:
        tell_of_labels()
    return target


def tell_of_labels() -> None:
    """Warn once per process that generated videos may have to be labelled."""
    if not _told:
        _told.append(True)
        warnings.warn(str(_LAWS), EditWarning, stacklevel=4)


_told: list[bool] = []


def _canvas(
    source: Source,
    preset: str | None,
    crop: str | None,
    focus: str,
    size: tuple[int, int] | None,
    fit: str,
) -> Canvas:
    if preset is not None:
        if size is not None:
            raise BadInput(_TWO_SIZES)
        chosen = preset_of(preset)
        size = (chosen.width, chosen.height)
    size = None if size is None else check_size(size)
    ratio = read_ratio(crop) if crop is not None else None
    if ratio is None and size is not None and fit == "cover":
        ratio = Fraction(*size)
    box = crop_box(source, ratio, focus) if ratio is not None else None
    width, height = box[2:] if box else (source.width, source.height)
    width, height = size or (width // 2 * 2, height // 2 * 2)
    return Canvas(width, height, fit, box)


def _rate(source: Source, fps: float | None) -> Fraction:
    if fps is None:
        return source.fps
    if not is_within(fps, 1, 120):
        raise BadInput(_BAD_FPS(fps=fps))
    return Fraction(own_number(fps)).limit_denominator(1001)


def _sound(source: Source) -> Generator[Block]:
    yield from read_sound(source.path, source.start)


def _target(
    source: Source,
    path: str | os.PathLike[str] | None,
    suffix: str,
    preset: str | None,
    canvas: Canvas,
) -> Path:
    shape = preset or f"{canvas.width}x{canvas.height}"
    if path is None:
        target = source.path.with_name(f"{source.path.stem}-{shape}{suffix}")
    else:
        known = parent(source.path, source.task)
        fields = {
            "name": source.path.stem,
            "preset": shape,
            "width": canvas.width,
            "height": canvas.height,
            **{name: _plain(known.get(name)) for name in ("prompt", "seed", "engine")},
        }
        target = expanded(_filled(str(as_path("path", path)), fields))
    if target.suffix.lower() != suffix:
        raise BadInput(_BAD_SUFFIX(name=target.name, suffix=suffix))
    return check_target(target, [source.path])


def _plain(value: Any) -> str:
    """Return a value as part of a file name."""
    words = "".join(c if c.isalnum() else " " for c in str("" if value is None else value))
    return "-".join(words.split())[:60]


def _filled(template: str, fields: dict[str, Any]) -> str:
    try:
        names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
        unknown = [name for name in names if name not in fields]
        if unknown:
            raise BadInput(_NO_FIELD(name=unknown[0], known=", ".join(fields)))
        return template.format(**fields)
    except ValueError as error:
        raise BadInput(_BAD_TEMPLATE(template=template, why=error)) from error


_TWO_SIZES = Text("Pass preset= or size=, not both.", "preset 与 size 只能指定一个。")
_BAD_FPS = Text("fps must be 1 to 120, not {fps}.", "fps 应为 1 到 120，而不是 {fps}。")
_BAD_SUFFIX = Text(
    "{name} must end in {suffix} for this codec.", "此编码的文件名 {name} 应以 {suffix} 结尾。"
)
_NO_FIELD = Text(
    "Unknown field {{{name}}} in the file name. Available: {known}.",
    "文件名中的字段 {{{name}}} 不存在。可用：{known}。",
)
_BAD_TEMPLATE = Text("Invalid name {template!r} ({why}).", "文件名 {template!r} 无效（{why}）。")
_LAWS = Text(
    "The exported video no longer says how it was made. In many places (China, the "
    "European Union) generated videos must be labelled when they are published; that is "
    "now up to you.",
    "导出的视频不再包含来源信息。许多地区（如中国、欧盟）要求公开发布的生成视频带有标识，请自行添"
    "加。",
)
