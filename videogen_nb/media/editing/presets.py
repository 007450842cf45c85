"""Sizes recommended by platforms, and codecs that players support."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import BadInput
from ...i18n import Text
from ..h264 import X264
from .writing import Codecs


@dataclass(frozen=True, slots=True)
class Preset:
    """Width and height in pixels that a platform recommends for uploads."""

    width: int
    height: int
    title: Text


PRESETS: Final = {
    "youtube": Preset(1920, 1080, Text("YouTube, 16:9", "YouTube 横屏")),
    "shorts": Preset(1080, 1920, Text("YouTube Shorts, 9:16", "YouTube Shorts 竖屏")),
    "reels": Preset(1080, 1920, Text("Instagram Reels and stories, 9:16", "Instagram Reels")),
    "instagram": Preset(1080, 1350, Text("Instagram feed, 4:5", "Instagram 动态")),
    "square": Preset(1080, 1080, Text("square feed posts, 1:1", "方形动态")),
    "tiktok": Preset(1080, 1920, Text("TikTok, 9:16", "TikTok")),
    "douyin": Preset(1080, 1920, Text("Douyin, 9:16", "抖音")),
    "xiaohongshu": Preset(1080, 1440, Text("Xiaohongshu, 3:4", "小红书")),
    "channels": Preset(1080, 1260, Text("WeChat Channels, 6:7", "微信视频号")),
    "bilibili": Preset(1920, 1080, Text("Bilibili, 16:9", "哔哩哔哩")),
    "x": Preset(1280, 720, Text("X, 16:9", "X")),
    "linkedin": Preset(1920, 1080, Text("LinkedIn, 16:9", "领英")),
}

#: Codecs by the name people use. H.265 is half the size where a player knows it; VP9 is for WebM.
CODECS: Final = {
    "h264": Codecs(),
    "h265": Codecs(
        video="libx265",
        options={
            "preset": "medium",
            "crf": "24",
            "tag": "hvc1",
            "x265-params": "log-level=error:pools=2:frame-threads=1",
        },
    ),
    "vp9": Codecs(
        format="webm",
        video="libvpx-vp9",
        audio="libopus",
        options={"crf": "31", "b": "0", "row-mt": "1", "deadline": "good", "cpu-used": "4"},
    ),
}
SUFFIXES: Final = {"mp4": ".mp4", "webm": ".webm"}
assert CODECS["h264"].options is X264


def preset_of(name: str) -> Preset:
    """Return a preset by name. Raises BadInput if it is unknown."""
    if name not in PRESETS:
        raise BadInput(_NO_PRESET(name=name, known=", ".join(PRESETS)))
    return PRESETS[name]


def codecs_of(name: str) -> Codecs:
    """Return codecs by name. Raises BadInput if they are unknown."""
    if name not in CODECS:
        raise BadInput(_NO_CODEC(name=name, known=", ".join(CODECS)))
    return CODECS[name]


_NO_PRESET = Text(
    "Unknown preset {name!r}. Valid values: {known}.", "没有名为 {name!r} 的预设。可用：{known}。"
)
_NO_CODEC = Text(
    "Unknown codec {name!r}. Valid values: {known}.", "没有编码 {name!r}。可用：{known}。"
)
