"""Make videos from notebooks.

    from videogen_nb import connect

    videos = connect()                       # finds or starts the local gateway
    video = await videos.generate("a sunset over the sea, 5 seconds")
    video                                     # plays under the cell

In scripts, ``videos.generate(…).result()`` blocks; the functions that tutorials use
(``upload_image``, ``create_video_task``, ``wait_for_video`` …) block and print as they go.
All public names are listed in ``__all__`` and loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .blocking import (
        Connection,
        check_video_status,
        connect,
        create_video_task,
        download_image_from_url,
        generate,
        upload_image,
        wait_for_video,
    )
    from .blocking.examples import (
        example_1_image_to_video_local,
        example_2_image_to_video_url,
        example_3_text_to_video,
        example_4_quick_test,
    )
    from .blocking.nested_asyncio import enable_nested_asyncio
    from .blocking.show import show
    from .client import VideoClient
    from .errors import VideogenError
    from .i18n import set_language
    from .magic import load_ipython_extension
    from .media.editing.join import join
    from .media.editing.sound.mixing import music
    from .media.editing.sources import clip
    from .media.editing.timeline_export import timeline
    from .media.editing.titles_and_subtitles.titles import title
    from .media.provenance import provenance
    from .media.video import Video, VideoFile
    from .panels import (
        BatchPanel,
        GalleryPanel,
        GridPanel,
        ProgressPanel,
        PromptPanel,
        StoryboardPanel,
        Studio,
        UploadPanel,
        UrlPanel,
        VideoPanel,
        attach,
    )
    from .protocol.models import TaskStatus, VideoTask
    from .storyboard import Shot, Storyboard

#: Where each public name lives; nothing is imported until somebody asks for it.
_HOMES = {
    "BatchPanel": "panels",
    "Connection": "blocking",
    "Video": "media.video",
    "VideoFile": "media.video",
    "VideoPanel": "panels",
    "GalleryPanel": "panels",
    "GridPanel": "panels",
    "ProgressPanel": "panels",
    "PromptPanel": "panels",
    "Shot": "storyboard",
    "Storyboard": "storyboard",
    "StoryboardPanel": "panels",
    "Studio": "panels",
    "TaskStatus": "protocol.models",
    "UploadPanel": "panels",
    "UrlPanel": "panels",
    "VideoClient": "client",
    "VideoTask": "protocol.models",
    "VideogenError": "errors",
    "attach": "panels",
    "check_video_status": "blocking",
    "clip": "media.editing.sources",
    "connect": "blocking",
    "create_video_task": "blocking",
    "download_image_from_url": "blocking",
    "enable_nested_asyncio": "blocking.nested_asyncio",
    "example_1_image_to_video_local": "blocking.examples",
    "example_2_image_to_video_url": "blocking.examples",
    "example_3_text_to_video": "blocking.examples",
    "example_4_quick_test": "blocking.examples",
    "generate": "blocking",
    "join": "media.editing.join",
    "load_ipython_extension": "magic",
    "music": "media.editing.sound.mixing",
    "provenance": "media.provenance",
    "set_language": "i18n",
    "show": "blocking.show",
    "timeline": "media.editing.timeline_export",
    "title": "media.editing.titles_and_subtitles.titles",
    "upload_image": "blocking",
    "wait_for_video": "blocking",
}

__all__ = [
    "BatchPanel",
    "Connection",
    "GalleryPanel",
    "GridPanel",
    "ProgressPanel",
    "PromptPanel",
    "Shot",
    "Storyboard",
    "StoryboardPanel",
    "Studio",
    "TaskStatus",
    "UploadPanel",
    "UrlPanel",
    "Video",
    "VideoClient",
    "VideoFile",
    "VideoPanel",
    "VideoTask",
    "VideogenError",
    "__version__",
    "attach",
    "check_video_status",
    "clip",
    "connect",
    "create_video_task",
    "download_image_from_url",
    "enable_nested_asyncio",
    "example_1_image_to_video_local",
    "example_2_image_to_video_url",
    "example_3_text_to_video",
    "example_4_quick_test",
    "generate",
    "join",
    "load_ipython_extension",
    "music",
    "provenance",
    "set_language",
    "show",
    "timeline",
    "title",
    "upload_image",
    "wait_for_video",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
