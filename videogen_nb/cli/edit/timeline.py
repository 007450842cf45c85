"""``timeline``: export a timeline for video editors."""

from __future__ import annotations

import click

from ...i18n import Text
from ..framework.commands import Command
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared_except, with_session
from .parts import parts_of, with_parts

_DONE = Text("{path}\nMedia: {media}", "{path}\n素材：{media}")


@click.command(
    cls=Command,
    text=Text(
        "Export a timeline (OpenTimelineIO) for a video editor, with copies of the "
        "videos.\n\nvideogen-nb timeline a.mp4 b.mp4 --transition crossfade -o advert.otio",
        "导出供剪辑软件使用的时间线（OpenTimelineIO），并复制所需视频。\n\n"
        "videogen-nb timeline 湖.mp4 山.mp4 --transition crossfade -o 广告.otio",
    ),
)
@with_parts
@shared_except("url", "token")
@with_session
def timeline(
    session: Session,
    videos: tuple[str, ...],
    output: str | None,
    title: str | None,
    transition: str,
    seconds: float,
    audio: str | None,
) -> int:
    """Export a timeline; needs no gateway."""
    from ...media.editing.timeline_export import media_folder  # heavy: decoders
    from ...media.editing.timeline_export import timeline as write

    path = write(
        parts_of(videos, title),
        output or "timeline.otio",
        transition=transition,
        seconds=seconds,
        audio=audio,
    )
    media = media_folder(path)
    session.say(_DONE(path=path, media=media))
    session.answer({"path": str(path.absolute()), "media": str(media.absolute())})
    return Exit.OK
