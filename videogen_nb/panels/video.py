"""``VideoPanel``: play, save, export, inspect, regenerate or delete a video."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Final

from traitlets import Instance

from ..blocking import Connection
from ..blocking.call import Call
from ..durations import span
from ..errors import BadInput
from ..i18n import Text
from ..media.probe import poster_jpeg
from ..media.provenance import provenance, sidecar
from ..media.video import Video
from ..protocol.models import TaskId, VideoTask
from .browser.transfer import Content, Message, Outbox
from .gateway_link import Link
from .results.drawn_parts import drawn_of
from .results.export import ExportPanel
from .widget import Panel

#: Fills in the settings of a task, so that another can be made like it.
Use = Callable[[VideoTask], None]
#: Makes a video's last frame the first one of the next.
CarryOn = Callable[[Video], Coroutine[Any, Any, object]]
#: Makes the same video with another seed; gives the new task.
#: The flag says whether the video was made from an image.
Remake = Callable[[VideoTask, bool], Awaitable[VideoTask]]

#: Fixed texts of the player, in every part that has one.
PLAYER_TEXTS: Final[Mapping[str, Text]] = {
    "video": Text("Video: {title}", "视频：{title}"),
    "loading": Text("Loading {percent}%", "加载中 {percent}%"),
    "save": Text("Save video", "保存视频"),
    "loop": Text("Loop", "循环播放"),
    "copy": Text("Copy path", "复制路径"),
    "copied": Text("Copied.", "已复制。"),
    "selected": Text("Selected: press Ctrl+C or ⌘C.", "已选中，请按 Ctrl+C 或 ⌘C。"),
    "play": Text("Play together", "同步播放"),
    "pause": Text("Pause", "暂停"),
    "restart": Text("Restart", "从头播放"),
    "position": Text("Playback position", "播放位置"),
    "clock": Text("{now} / {all} s", "{now} / {all} 秒"),
}


class VideoPanel(Panel):
    """A panel for a video. ``value`` is the :class:`~videogen_nb.Video`; a task's is downloaded.

    ``ready`` is a call whose result is the video. ``again()`` and ``delete()`` are the buttons;
    ``parts["export"]`` exports it.
    """

    value = Instance(Video, allow_none=True)
    task = Instance(VideoTask, allow_none=True)
    title = Text("Video", "视频")
    part = "video"
    texts: ClassVar = {
        **PLAYER_TEXTS,
        "continue": Text("Continue from the last frame", "从尾帧继续"),
        "again": Text("Regenerate with a new seed", "换个种子再生成"),
        "use": Text("Use these settings", "沿用这些设置"),
        "delete": Text("Delete…", "删除…"),
        "sure": Text(
            "Delete this video permanently, here ({name}) and on the gateway?",
            "确定彻底删除该视频吗？本地文件（{name}）与网关中的记录都会删除。",
        ),
        "delete_now": Text("Delete permanently", "彻底删除"),
        "keep": Text("Keep", "保留"),
        "source": Text("How it was made", "来源信息"),
    }

    def __init__(
        self,
        video: Video | VideoTask | TaskId | str,
        connection: Connection | Link | None = None,
        *,
        remake: Remake | None = None,
        use: Use | None = None,
        carry_on: CarryOn | None = None,
        deleted: Callable[[VideoTask], None] | None = None,
    ) -> None:
        self._source: dict[str, Any] = {}
        self._videos: list[dict[str, Any]] = []
        self._remake, self._use, self._carry_on = remake, use, carry_on
        self._deleted = deleted
        self._making: Call[VideoTask] | None = None
        self._gone = False
        super().__init__(connection)
        self.ready: Call[Video] = self.follow(self._get, video)

    def again(self) -> Call[VideoTask]:
        """Generate the same video with another seed; repeated calls meanwhile have no effect."""
        if self._making is None or self._making.done():
            self._making = self.run(self._make_again)
            self.touch()
        return self._making

    def delete(self) -> Call[None]:
        """Delete the video here and the task on the gateway. The button asks first."""
        return self.run(self._do_delete)

    def view(self) -> dict[str, Any]:
        task, video = self.task, self.value
        stem = video.path.stem if video is not None else ""
        making = self._making is not None and not self._making.done()
        return {
            "prompt": (task.prompt if task is not None else None) or stem,
            "status": self._status(),
            "shown": video is not None and not self._gone,
            "videos": self._videos,
            "facts": self._facts(),
            "drawn": drawn_of(task, self.text),
            "source": source_of(task.notes if task is not None else [], self._source),
            "can_repeat": self._remake is not None,
            "can_use": self._use is not None,
            "can_continue": self._carry_on is not None and self.link.capabilities.images,
            "can_delete": self.link.capabilities.delete,
            "repeating": making,
            "id": self.text(_TASK(id=task.id)) if task is not None else "",
        }

    def poster(self) -> bytes | None:
        return poster_in(self.outbox, self._videos)

    def _facts(self) -> str:
        if self.value is None:
            return ""
        task = self.task or self.value.task  # asked for anew, it says the engine's title anew
        return " · ".join(self.text(part) for part in facts_of(self.value, task))

    def _status(self) -> str:
        if self._gone:
            return self.text(_DELETED)
        return self.text(_DOWNLOADING) if self.busy else ""

    async def _get(self, video: Video | VideoTask | TaskId | str) -> Video:
        self.busy = True
        try:
            if not isinstance(video, Video):
                video = await self._download(video)
            await self._show(video)
            return video
        finally:
            self.busy = False

    async def _download(self, thing: VideoTask | TaskId | str) -> Video:
        client = await self.link.client()
        self.task = thing if isinstance(thing, VideoTask) else await client.get_task(thing)
        return await client.download(self.task)

    async def _show(self, video: Video) -> None:
        self.task = video.task
        # Reading a video is work for a thread: the loop has other tasks to watch.
        self._videos = await asyncio.to_thread(offer, self.outbox, [video])
        self._source = await asyncio.to_thread(_provenance, video)
        self.adopt("export", ExportPanel(video, self.link))
        self.value = video

    async def _make_again(self) -> VideoTask:
        assert self._remake is not None
        assert self.task is not None
        self.clear_error()
        try:
            return await self._remake(self.task, bool(self._source.get("images")))
        finally:
            self.touch()

    async def _do_delete(self) -> None:
        assert self.task is not None
        client = await self.link.client()
        await client.delete(self.task)
        if self.value is not None:
            self.value.path.unlink(missing_ok=True)
            sidecar(self.value.path).unlink(missing_ok=True)
        self._gone = True
        self.touch()
        if self._deleted is not None:
            self._deleted(self.task)

    def _speak(self, change: Any) -> None:
        super()._speak(change)
        if self.value is not None and not self._gone:
            self.follow(self._ask_anew)

    async def _ask_anew(self) -> None:
        """Request the task again: the gateway's notes are in the language of the request."""
        assert self.task is not None
        self.task = await (await self.link.client()).get_task(self.task)

    def _on_again(self, _message: Message) -> None:
        if self._remake is not None:
            self.again()

    def _on_use(self, _message: Message) -> None:
        if self._use is not None and self.task is not None:
            self._use(self.task)

    def _on_continue(self, _message: Message) -> None:
        if self._carry_on is not None and self.value is not None:
            self.run(self._carry_on, self.value)

    def _on_delete(self, _message: Message) -> None:
        self.delete()


def offer(outbox: Outbox, videos: Sequence[Video]) -> list[dict[str, Any]]:
    """Offer these videos to a page, and describe them. Decodes one frame of each.

    Raises:
        NotAVideo: one cannot be decoded. OSError: it cannot be read.
    """
    described = []
    for video in videos:
        key, poster = str(video.task.id), f"poster {video.task.id}"
        outbox.put(poster, Content(poster_jpeg(video.path), "image/jpeg"))
        outbox.put(key, Content(video.path, "video/mp4"))
        described.append(
            {
                "key": key,
                "poster": poster,
                "title": video.task.prompt or video.path.stem,
                "name": video.path.name,
                "path": str(video.path),
                "width": video.facts.width,
                "height": video.facts.height,
            }
        )
    return described


def poster_in(outbox: Outbox, videos: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Return the poster of the first video on offer."""
    return outbox.get(videos[0]["poster"]) if videos else None


def facts_of(video: Video, task: VideoTask) -> list[Text]:
    """Return the main facts of a video on one line."""
    parts: list[Text] = []
    parts.append(Text.same(f"{video.facts.width} × {video.facts.height}"))
    parts.append(span(video.facts.duration_s))
    parts.append(Text.same(task.engine_title or task.engine or ""))
    if task.seed is not None:
        parts.append(_SEED(seed=task.seed))
    return [part for part in parts if part.en]


def source_of(notes: Sequence[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notes about a video, and its provenance, as texts."""
    rows = [
        [str(name), _plain(value)]
        for name, value in facts.items()
        if name != "notes" and value not in (None, "", [], {})  # the notes stand above
    ]
    return {"notes": list(notes), "facts": rows}


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items() if one is not None)
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value if one is not None)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _provenance(video: Video) -> dict[str, Any]:
    try:
        return {**provenance(video.path), "file": str(video.path)}
    except BadInput as nothing:
        return {"": str(nothing)}


_DOWNLOADING: Final = Text("Downloading the video…", "正在下载视频……")
_DELETED: Final = Text("Deleted.", "已删除。")
_SEED: Final = Text("seed {seed}", "种子 {seed}")
_TASK: Final = Text("Task {id}", "任务 {id}")
