"""A finished video: play it, save it, see where it comes from, make another, delete it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from typing import Any

import ipywidgets
from traitlets import Instance

from ..blocking import Connection
from ..blocking.loop import Call
from ..errors import BadInput
from ..i18n import Text
from ..media.provenance import provenance, sidecar
from ..media.video import Video
from ..protocol.models import TaskId, VideoTask
from .base import Panel, button, line, row, stack, visible
from .clock import span
from .link import Link
from .player import PLAYER_WORDS, Player

#: Makes the same video with another seed; gives the new task.
#: The flag says whether the video was made from an image.
Remake = Callable[[VideoTask, bool], Awaitable[VideoTask]]

_FETCHING = Text("Fetching the video …", "正在获取视频……")
_AGAIN = Text("Again with another seed", "换个种子再生成")
_DELETE = Text("Delete …", "删除…")
_SURE = Text(
    "Delete this video for good, here ({name}) and at the gateway?",
    "确定彻底删除该视频吗？本地文件（{name}）与网关中的记录都会删除。",
)
_YES = Text("Delete for good", "彻底删除")
_NO = Text("Keep it", "保留")
_DELETED = Text("Deleted.", "已删除。")
_PLAIN = Text("Show with the page's own player", "使用页面自带播放器播放")
_SOURCE = Text("How it was made", "生成信息")
_SKETCH = Text("procedural sketch, not a model", "程序化草图，并非模型生成")
_SEED = Text("seed {seed}", "种子 {seed}")
_TASK = Text("Task {id}", "任务 {id}")


class VideoPanel(Panel):
    """``value`` is the :class:`~videogen_nb.Video`; it is downloaded where a task is given.

    ``ready`` is a call whose result is the video. ``again()`` and ``delete()`` are the buttons.
    """

    value = Instance(Video, allow_none=True)
    task = Instance(VideoTask, allow_none=True)
    title = Text("Video", "视频")

    def __init__(
        self,
        video: Video | VideoTask | TaskId | str,
        connection: Connection | Link | None = None,
        *,
        remake: Remake | None = None,
        deleted: Callable[[VideoTask], None] | None = None,
    ) -> None:
        super().__init__(connection)
        self._source_value: dict[str, Any] = {}
        self._remake = remake
        self._deleted = deleted
        self._making: Call[VideoTask] | None = None
        self._gone = False
        self._build()
        self.ready: Call[Video] = self.follow(self._get(video))

    def again(self) -> Call[VideoTask]:
        """Make the same video with another seed; while that is being asked for, asked once."""
        if self._making is None or self._making.done():
            self._making = self.run(self._make_again())
        return self._making

    def delete(self) -> Call[None]:
        """Delete the video here and the task at the gateway. The button asks before."""
        return self.run(self._do_delete())

    def _build(self) -> None:
        self._prompt = line("vnb-title")
        self._status = line("vnb-status", "vnb-small")
        self._facts = line("vnb-small")
        self._source = line()
        self._id = line("vnb-id")
        self.player = Player()
        self.say(self.player, "words", PLAYER_WORDS)
        self.say(self._status, "value", _FETCHING)
        self._body = stack(self._screen_part(), self._facts, self._source, self._actions())
        visible(self._body, False)
        parts = (self._prompt, self._status, self.alert, self._body, self._id)
        self.fill(stack(*parts, classes=("vnb-stack", "vnb-sheet")))

    def _screen_part(self) -> Any:
        """The player, and the stock one for pages on which ours does not load."""
        self._plain = button("vnb-plain")
        self.say(self._plain, "description", _PLAIN)
        self._plain.on_click(lambda _: self._show_plainly())
        self._screen = stack(self.player, self._plain, classes=("vnb-stack", "vnb-either"))
        return self._screen

    def _actions(self) -> Any:
        self._again, self._delete = button("vnb-again"), button("vnb-delete")
        self._sure, self._yes, self._no = line(), button("vnb-danger-now"), button()
        for widget, text in (
            (self._again, _AGAIN),
            (self._delete, _DELETE),
            (self._yes, _YES),
            (self._no, _NO),
        ):
            self.say(widget, "description", text)
        self._confirm = stack(self._sure, row(self._yes, self._no))
        visible(self._confirm, False)
        visible(self._again, self._remake is not None)
        self._again.on_click(lambda _: self.again())
        self._delete.on_click(lambda _: self._ask(True))
        self._no.on_click(lambda _: self._ask(False))
        self._yes.on_click(lambda _: self.delete())
        return stack(row(self._again, self._delete), self._confirm)

    def _ask(self, on: bool) -> None:
        visible(self._confirm, on)
        visible(self._delete, not on)

    async def _get(self, video: Video | VideoTask | TaskId | str) -> Video:
        self.busy = True
        try:
            if not isinstance(video, Video):
                video = await self._download(video)
            await self._show(video)
            return video
        finally:
            self.busy = False
            visible(self._status, False)

    async def _download(self, thing: VideoTask | TaskId | str) -> Video:
        client = await self.link.client()
        self.task = thing if isinstance(thing, VideoTask) else await client.get_task(thing)
        self._prompt.value = escape(self.task.prompt or "")
        self.say(self._id, "value", _TASK(id=self.task.id))
        return await client.download(self.task)

    async def _show(self, video: Video) -> None:
        self.task = video.task
        # Reading a video is work for a thread: the loop has other tasks to watch.
        await asyncio.to_thread(self.player.load, [video])
        self._prompt.value = escape(video.task.prompt or video.path.stem)
        self.say(self._sure, "value", _SURE(name=video.path.name))
        self.say(self._id, "value", _TASK(id=video.task.id))
        self._source_value = await asyncio.to_thread(_source_of, video)
        self.value = video
        self.respeak()
        visible(self._body, True)

    def _show_plainly(self) -> None:
        assert self.value is not None
        video = ipywidgets.Video.from_file(
            str(self.value.path), autoplay=False, loop=False, controls=True
        )
        self._screen.children = (self.player, video)

    async def _make_again(self) -> VideoTask:
        assert self._remake is not None
        assert self.task is not None
        self.clear_error()
        self._again.disabled = True
        try:
            return await self._remake(self.task, bool(self._source_value.get("images")))
        finally:
            self._again.disabled = False

    async def _do_delete(self) -> None:
        assert self.task is not None
        client = await self.link.client()
        await client.delete(self.task)
        if self.value is not None:
            self.value.path.unlink(missing_ok=True)
            sidecar(self.value.path).unlink(missing_ok=True)
        self._gone = True
        visible(self._body, False)
        visible(self._status, True)
        self.say(self._status, "value", _DELETED)
        if self._deleted is not None:
            self._deleted(self.task)

    def _speak(self, change: Any) -> None:
        super()._speak(change)
        if self.value is not None and not self._gone:
            self.follow(self._tell_anew())

    async def _tell_anew(self) -> None:
        """The gateway's notes come in the language they are asked for in."""
        assert self.task is not None
        self.task = await (await self.link.client()).get_task(self.task)
        self.respeak()

    def respeak(self) -> None:
        video = self.value
        if video is None:
            return
        notes = self.task.notes if self.task is not None else []
        text = self.wording.render
        self._facts.value = escape(" · ".join(text(part) for part in facts_of(video)))
        self._source.value = source_table(text(_SOURCE), notes, self._source_value)


def facts_of(video: Video) -> list[Text]:
    """What is worth knowing of a video in one line."""
    task = video.task
    parts: list[Text] = []
    parts.append(Text.same(f"{video.facts.width} × {video.facts.height}"))
    parts.append(span(video.facts.duration_s))
    parts.append(_SKETCH if task.engine == "sketch" else Text.same(task.engine or ""))
    if task.seed is not None:
        parts.append(_SEED(seed=task.seed))
    return [part for part in parts if part.en]


def source_table(title: str, notes: Sequence[str], facts: dict[str, Any]) -> str:
    """What was chosen and why, and the video's provenance, to open; everything in it is escaped."""
    told = "".join(f"<li>{escape(note)}</li>" for note in notes)
    rows = "".join(
        f"<tr><th scope='row'>{escape(str(name))}</th><td>{escape(_plain(value))}</td></tr>"
        for name, value in facts.items()
        if name != "notes" and value not in (None, "", [], {})  # the notes stand above
    )
    opened = f"<ul class='vnb-notes'>{told}</ul><table class='vnb-facts'>{rows}</table>"
    name = escape(title, quote=True)
    return f'<details aria-label="{name}"><summary>{name}</summary>{opened}</details>'


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _source_of(video: Video) -> dict[str, Any]:
    try:
        return {**provenance(video.path), "file": str(video.path)}
    except BadInput as nothing:
        return {"": str(nothing)}
