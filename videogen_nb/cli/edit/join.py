"""``join``: videos, one after another, as one video."""

from __future__ import annotations

from pathlib import Path

import click

from ...i18n import Text
from ..framework import Command, option
from ..session import Session, shared_except, with_session
from .running import run

_SECONDS = click.FloatRange(min=0, min_open=True)


@click.command(
    cls=Command,
    text=Text(
        "Join videos into one.\n\nvideogen-nb join a.mp4 b.mp4 c.mp4 --transition crossfade "
        "--audio tune.mp3 -o all.mp4",
        "将多个视频拼接为一个。\n\nvideogen-nb join 湖.mp4 山.mp4 --transition crossfade "
        "--audio 音乐.mp3 -o 成片.mp4",
    ),
)
@click.argument("videos", nargs=-1, required=True, metavar="VIDEO...")
@option(
    "-o",
    "--output",
    metavar="FILE",
    text=Text("where to save it (replaced if it exists)", "保存位置（已有则替换）"),
)
@option(
    "--title", metavar="TEXT", text=Text("begin with a title card of 2 s", "以 2 秒的标题画面开头")
)
@option(
    "--transition",
    default="cut",
    metavar="NAME",
    text=Text(
        "cut, crossfade, dip-to-black, slide-left, slide-right, slide-up, slide-down",
        "转场：cut、crossfade、dip-to-black、slide-left、slide-right、slide-up、slide-down",
    ),
)
@option(
    "--seconds",
    type=_SECONDS,
    default=0.5,
    metavar="SECONDS",
    text=Text("length of a transition; default: 0.5", "转场时长（秒），默认 0.5"),
)
@option("--audio", metavar="FILE", text=Text("background music", "背景音乐"))
@option(
    "--narration", metavar="FILE", text=Text("voice-over from the beginning", "从头开始播放的旁白")
)
@option("--subtitles", metavar="FILE", text=Text("SRT, VTT or ASS", "字幕文件：SRT、VTT 或 ASS"))
@option(
    "--burn-in",
    is_flag=True,
    text=Text("draw the subtitles into the frames", "将字幕绘制到画面中"),
)
@option(
    "--fit",
    default="cover",
    metavar="NAME",
    text=Text(
        "for videos with another aspect ratio: cover, contain or blur",
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
    """Join; needs no gateway."""
    from ...media.editing.join import join as join_videos  # heavy: decoders
    from ...media.editing.lettering.titles import title as title_card
    from ...media.editing.planning import Part

    parts: list[Part] = [*([title_card(title)] if title else []), *videos]
    return run(
        session,
        lambda on_progress: Path(
            join_videos(
                parts,
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
