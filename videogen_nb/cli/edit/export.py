"""``export``: export a video in another format."""

from __future__ import annotations

import click

from ...i18n import Text
from ..framework.commands import Command, option
from ..framework.session import Session, shared_except, with_session
from .running import run


@click.command(
    cls=Command,
    text=Text(
        "Export a video in a different size, aspect ratio or codec.\n\nvideogen-nb export lake.mp4 "
        "--preset reels\nvideogen-nb export lake.mp4 --crop 1:1 -o '{name}-square.mp4'",
        "将视频导出为其他尺寸、宽高比或编码。\n\nvideogen-nb export 湖.mp4 --preset douyin\n"
        "videogen-nb export 湖.mp4 --crop 1:1 -o '{name}-方形.mp4'",
    ),
)
@click.argument("video")
@option(
    "-o",
    "--output",
    metavar="FILE",
    text=Text(
        "output file; may contain {name}, {preset}, {prompt}, {seed}; default: next to the video",
        "保存位置，可含 {name}、{preset}、{prompt}、{seed}；默认在原视频旁",
    ),
)
@option(
    "--preset",
    metavar="NAME",
    text=Text(
        "a platform's size: youtube, shorts, reels, instagram, square, tiktok, x, linkedin, …",
        "平台尺寸：douyin、xiaohongshu、channels、bilibili、youtube、reels 等",
    ),
)
@option(
    "--crop",
    metavar="W:H",
    text=Text("crop to an aspect ratio, such as 9:16", "裁剪为指定宽高比，如 9:16"),
)
@option(
    "--focus",
    default="smart",
    metavar="NAME",
    text=Text("which part to keep: smart or centre", "保留哪一部分：smart 或 centre"),
)
@option("--fps", type=float, metavar="N", text=Text("frames per second", "帧率"))
@option(
    "--codec",
    default="h264",
    metavar="NAME",
    text=Text("h264, h265 or vp9", "编码，如 h265、vp9"),
)
@option(
    "--strip",
    is_flag=True,
    text=Text("omit the prompt, seed and labels", "不写入提示词、种子与标识"),
)
@shared_except("url", "token")
@with_session
def export(
    session: Session,
    video: str,
    output: str | None,
    preset: str | None,
    crop: str | None,
    focus: str,
    fps: float | None,
    codec: str,
    strip: bool,
) -> int:
    """Export a video; needs no gateway."""
    from ...media.editing.export import export as export_video  # heavy: decoders

    return run(
        session,
        lambda on_progress: export_video(
            video,
            output,
            preset=preset,
            crop=crop,
            focus=focus,
            fps=fps,
            codec=codec,
            strip=strip,
            on_progress=on_progress,
        ),
    )
