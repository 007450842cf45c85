"""``join``: join videos into one."""

from __future__ import annotations

from pathlib import Path

import click

from ...i18n import Text
from ..framework.commands import Command, option
from ..framework.session import Session, shared_except, with_session
from .parts import parts_of, with_parts
from .running import run


@click.command(
    cls=Command,
    text=Text(
        "Join videos into one.\n\nvideogen-nb join a.mp4 b.mp4 c.mp4 --transition crossfade "
        "--audio tune.mp3 -o all.mp4",
        "将多个视频拼接为一个。\n\nvideogen-nb join 湖.mp4 山.mp4 --transition crossfade "
        "--audio 音乐.mp3 -o 成片.mp4",
    ),
)
@with_parts
@option(
    "--narration",
    metavar="FILE",
    text=Text("voice-over that starts at the beginning", "从头开始播放的旁白"),
)
@option("--subtitles", metavar="FILE", text=Text("SRT, VTT or ASS", "字幕文件：SRT、VTT 或 ASS"))
@option(
    "--burn-in",
    is_flag=True,
    text=Text("burn the subtitles into the frames", "将字幕绘制到画面中"),
)
@option(
    "--fit",
    default="cover",
    metavar="NAME",
    text=Text(
        "for videos with a different aspect ratio: cover, contain or blur",
        "宽高比不同时的处理：cover、contain 或 blur",
    ),
)
@shared_except("url", "token")
@with_session
def join(
    session: Session,
    videos: tuple[str, ...],
    output: str | None,
    title: str | None,
    transition: str,
    seconds: float,
    audio: str | None,
    narration: str | None,
    subtitles: str | None,
    burn_in: bool,
    fit: str,
) -> int:
    """Join videos; needs no gateway."""
    from ...media.editing.join import join as join_videos  # heavy: decoders

    return run(
        session,
        lambda on_progress: Path(
            join_videos(
                parts_of(videos, title),
                path=output,
                transition=transition,
                seconds=seconds,
                audio=audio,
                narration=narration,
                subtitles=subtitles,
                burn_in=burn_in,
                fit=fit,
                on_progress=on_progress,
            )
        ),
    )
