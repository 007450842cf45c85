"""All tasks of a gateway: look through, find, open, watch, compare, take along as a zip."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final, overload

from traitlets import Dict, Instance, Int, List, Unicode, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..errors import VideogenError
from ..i18n import Text
from ..media.video import Video
from ..protocol.filters import MAX_TEXT
from ..protocol.models import TaskId, TaskPage, TaskStatus, VideoTask
from ..protocol.states import STATES
from ..settings import Settings
from .browser.transfer import Content, Message
from .compare import ComparePanel
from .gateway_link import Link
from .results.cards import RUNNING, card, matches
from .results.export import export_zip
from .task import TaskPanel
from .video import Remake, Use
from .widget import Panel

_PAGE: Final = 48
_UNFINISHED: Final = ",".join(status for status in TaskStatus if not status.finished)
_MOVING_S, _STILL_S = 2.0, 10.0  # between looks, while something runs and while nothing does


class GalleryPanel(Panel):
    """``tasks`` are all that are loaded (newest first), ``shown`` those that match.

    ``query``, ``status`` ("" = all, "running", or a status) and ``chosen`` (task ids) are the
    fields. ``open(id)``, ``compare()`` and ``save_zip()`` are the buttons.
    """

    tasks = List(Instance(VideoTask))
    shown = List(Instance(VideoTask))
    total = Int(0)
    query = Unicode("")
    status = Unicode("")
    chosen = List(Unicode())
    value = Instance(TaskPanel, allow_none=True, help="the opened task's panel")
    videos = Dict(help="videos already on disk, by task id")
    title = Text("Gallery", "作品库")
    part = "gallery"
    fields = ("query", "status", "chosen")
    texts: ClassVar = {
        "search": Text("Search", "搜索"),
        "search_hint": Text("text of the prompt, or a task ID", "提示词中的文字或任务 ID"),
        "filter": Text("Show", "显示"),
        "compare": Text("Compare side by side", "并排比较"),
        "zip": Text("Download as ZIP", "打包下载"),
        "more": Text("Show older tasks", "显示更早的任务"),
        "refresh": Text("Refresh", "刷新"),
        "delete": Text("Delete…", "删除…"),
        "delete_now": Text("Delete permanently", "彻底删除"),
        "keep": Text("Keep", "保留"),
        "use": Text("Use settings", "使用设置"),
        "use_of": Text("Use the settings of: {title}", "使用其设置：{title}"),
        "close": Text("Close", "关闭"),
        "list": Text("Tasks on this gateway", "该网关的任务"),
        "choose": Text("Select: {title}", "选择：{title}"),
        "open": Text("Open ({state}): {title}", "打开（{state}）：{title}"),
        "watch": Text("Watch ({state}): {title}", "查看进度（{state}）：{title}"),
    }

    def __init__(
        self,
        connection: Connection | Link | None = None,
        *,
        remake: Remake | None = None,
        use: Use | None = None,
        deleted: Callable[[VideoTask], None] | None = None,
    ) -> None:
        self._remake, self._use, self._tell_deleted = remake, use, deleted
        self._wanted = self._wanted_found = _PAGE
        self._found: dict[str, VideoTask] = {}  # what the gateway finds for the fields
        self._found_total = 0
        self._asked_for: set[str] = set()
        self._gone: set[str] = set()
        self._cards: list[dict[str, Any]] = []
        self._zipping: Call[Path] | None = None
        self._detail: Panel | None = None
        self._opened = 0
        self._said: Text | None = None
        self._loading: Text | None = None
        super().__init__(connection)
        self._watching = self.follow(self._watch)

    def refresh(self) -> Call[list[VideoTask]]:
        """Ask the gateway for its tasks now."""
        return self.run(self._refresh)

    @overload
    def open(self) -> None: ...
    @overload
    def open(self, task: TaskId | str) -> TaskPanel: ...
    def open(self, task: TaskId | str | None = None) -> TaskPanel | None:
        """Open a finished task's video, or watch a running one, above the cards.

        Without a task it does what every widget's ``open()`` does.
        """
        if task is None:
            super().open()
            return None
        known = next((t for t in self.tasks if str(t.id) == str(task)), task)
        panel = TaskPanel(
            known,
            self.link,
            remake=self._again if self._remake else None,
            use=self._use,
            deleted=self._deleted,
            retried=self._retried,
        )
        self._show_detail(panel)
        self.value = panel
        return panel

    def compare(self) -> Call[list[Video]]:
        """Show the chosen videos side by side, played in step."""
        return self.run(self._compare)

    def save_zip(self) -> Call[Path]:
        """Pack the chosen videos; gives the zip's path, and the browser downloads it."""
        if self._zipping is None or self._zipping.done():
            self._zipping = self.run(self._zip)
        return self._zipping

    def delete_chosen(self) -> Call[list[VideoTask]]:
        """Delete the chosen finished tasks from the gateway; gives them. The button asks before.

        Videos that were saved stay. Running tasks stay chosen.

        Raises (when the call's result is taken):
            GatewayError: one could not be deleted; those before it are.
        """
        return self.run(self._delete_chosen)

    def close_detail(self) -> None:
        """Close what is open above the cards."""
        if self._detail is not None:
            self.release(self._detail.name)
            self._detail.close()
        self._detail, self.value = None, None

    def view(self) -> dict[str, Any]:
        done, detail = len(self._chosen_done()), self._detail
        over = len(self._chosen_over())
        return {
            "query": self.query,
            "status": self.status,
            "filters": [[self.text(text), key] for text, key in _FILTERS],
            "items": self._cards,
            "chosen": self.chosen,
            "count": self.text(self._said or self._count()),
            "empty": "" if self.shown else self.text(self._nothing()),
            "more": self._has_more(),
            "can_compare": done > 1,
            "can_zip": done > 0,
            "can_use": self._use is not None,
            "can_delete": over > 0 and self.link.capabilities.delete,
            "sure": self.text((_SURE_ONE if over == 1 else _SURE)(n=over)),
            "loading": self.text(self._loading) if self._loading is not None else "",
            "detail": detail.name if detail is not None else "",
            "detail_part": detail.part if detail is not None else "",
        }

    def poster(self) -> bytes | None:
        thumbnails = (self.outbox.get(str(task.id)) for task in self.shown)
        return next(filter(None, thumbnails), None)

    def _count(self) -> Text:
        return _COUNT(shown=len(self.shown), total=self.total, chosen=len(self.chosen))

    def _nothing(self) -> Text:
        return _NO_MATCH(n=self.total) if self.tasks else _EMPTY

    def _has_more(self) -> bool:
        if self.query.strip() or self.status:
            return self._found_total > len(self._found)
        return self.total > len(self.tasks)

    async def _watch(self) -> None:
        """Looks again and again while the panel lives; an error is shown, and it goes on."""
        while True:
            try:
                await self._refresh()
            except VideogenError as problem:
                self.fail(problem)
            running = any(not t.status.finished for t in self.tasks)
            await asyncio.sleep(_MOVING_S if running else _STILL_S)

    async def _refresh(self) -> list[VideoTask]:
        client = await self.link.client()
        page = await client.list_tasks(limit=self._wanted)
        while page.total and self._lists_deleted(page.tasks):  # it was asked for before
            page = await client.list_tasks(limit=self._wanted)
        await self._search()
        self.clear_error()
        self.total = page.total
        tasks = [*page.tasks, *self._found_beyond(page.tasks)]
        if tasks != self.tasks:
            self.tasks = tasks
        known = {str(task.id) for task in self.tasks}
        if gone := set(self.chosen) - known:
            self.chosen = [one for one in self.chosen if one not in gone]
        self._show()
        await self._fetch_thumbnails()
        return page.tasks

    async def _search(self) -> None:
        """Ask the gateway for all that fits the fields, however old it is."""
        query, status = self.query, self.status
        found = TaskPage()
        if query.strip() or status:
            client = await self.link.client()
            asked = _UNFINISHED if status == RUNNING else status
            found = await client.list_tasks(
                text=query[:MAX_TEXT], status=asked, limit=self._wanted_found
            )
        if (query, status) == (self.query, self.status):  # else another search is on its way
            here = [task for task in found.tasks if str(task.id) not in self._gone]
            self._found = {str(task.id): task for task in here}
            self._found_total = found.total - len(found.tasks) + len(here)

    def _found_beyond(self, tasks: Sequence[VideoTask]) -> list[VideoTask]:
        listed = {task.id for task in tasks}
        return [task for task in self._found.values() if task.id not in listed]

    def _lists_deleted(self, tasks: Sequence[VideoTask]) -> bool:
        return any(str(task.id) in self._gone for task in tasks)

    async def _fetch_thumbnails(self) -> None:
        client = await self.link.client()
        for task in self.shown:
            key = str(task.id)
            if task.thumbnail_url is None or key in self._asked_for or not task.status.finished:
                continue
            self._asked_for.add(key)
            try:
                jpeg = await client.download_image(_absolute(client.url, task.thumbnail_url))
            except VideogenError:
                continue  # a card without a thumbnail says all the same what it is
            self.outbox.put(key, Content(jpeg, "image/jpeg"))
            self._show()

    @observe("query", "status", "chosen")
    def _asked(self, change: Any) -> None:
        self._said = None
        if change["name"] != "chosen":
            self._found, self._found_total, self._wanted_found = {}, 0, _PAGE
            self.refresh()
        self._show()

    def _show(self) -> None:
        self.shown = [
            task
            for task in self.tasks
            if str(task.id) in self._found or matches(task, self.query, self.status)
        ]
        now = datetime.now(UTC)
        self._cards = [
            card(task, now, self.text, str(task.id) if self.outbox.has(str(task.id)) else "")
            for task in self.shown
        ]
        self.touch()

    def _chosen_done(self) -> list[VideoTask]:
        done = {str(t.id): t for t in self.tasks if t.status is TaskStatus.COMPLETED}
        return [done[one] for one in self.chosen if one in done]

    def _chosen_over(self) -> list[VideoTask]:
        over = {str(t.id): t for t in self.tasks if t.status.finished}
        return [over[one] for one in self.chosen if one in over]

    async def _videos_of_chosen(self, say: Callable[[int, int], None]) -> list[Video]:
        """The chosen videos, on disk; ``say(n, of)`` is told which one comes next."""
        wanted = self._chosen_done()
        if not wanted:
            raise VideogenError(_NONE_DONE)
        client = await self.link.client()
        videos = []
        for n, task in enumerate(wanted, 1):
            say(n, len(wanted))
            videos.append(await client.download(task))
        return videos

    async def _compare(self) -> list[Video]:
        self.busy = True
        try:
            self.close_detail()
            videos = await self._videos_of_chosen(self._say_loading)
            panel = ComparePanel(videos, self.link)
            await panel.ready
            self._show_detail(panel)
            return videos
        finally:
            self._loading = None
            self.busy = False

    def _say_loading(self, n: int, of: int) -> None:
        self._loading = _LOADING(n=n, of=of)
        self.touch()

    async def _delete_chosen(self) -> list[VideoTask]:
        self.busy = True
        gone: list[VideoTask] = []
        try:
            client = await self.link.client()
            for task in self._chosen_over():
                self._say(_DELETING(n=len(gone) + 1))
                await client.delete(task)
                gone.append(task)
                self._deleted(task)
                if self.value is not None and self.value.asked == str(task.id):
                    self.close_detail()
            self._say((_DELETED_ONE if len(gone) == 1 else _DELETED)(n=len(gone)))
            return gone
        except Exception:
            self._say(None)
            raise
        finally:
            self.busy = False

    async def _zip(self) -> Path:
        self.busy = True
        try:
            videos = await self._videos_of_chosen(lambda _, of: self._say(_ZIPPING(n=of)))
            name = f"videos-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
            path = Settings.from_environment().output / name
            await asyncio.to_thread(export_zip, videos, path, self.link.language)
            self.outbox.put(path.name, Content(path, "application/zip"))
            self.tell({"op": "save", "key": path.name, "name": path.name})
            self._say(_ZIPPED(path=path))
            return path
        except Exception:
            self._say(None)
            raise
        finally:
            self.busy = False

    def _say(self, text: Text | None) -> None:
        self._said = text
        self.touch()

    def _show_detail(self, panel: Panel) -> None:
        self.close_detail()
        self._opened += 1
        self.adopt(f"detail-{self._opened}", panel)
        self._detail = panel
        self.touch()

    def _deleted(self, task: VideoTask) -> None:
        self.chosen = [one for one in self.chosen if one != str(task.id)]
        self._gone.add(str(task.id))
        before = len(self.tasks)
        self.tasks = [t for t in self.tasks if t.id != task.id]
        self.total -= before - len(self.tasks)
        self._show()
        if self._tell_deleted is not None:
            self._tell_deleted(task)

    async def _again(self, task: VideoTask, from_image: bool) -> VideoTask:
        assert self._remake is not None
        new = await self._remake(task, from_image)
        self._retried(new)
        return new

    def _retried(self, task: VideoTask) -> None:
        self.open(str(task.id))
        self.refresh()

    def _speak(self, change: Any) -> None:
        super()._speak(change)
        self._show()

    def _on_open(self, message: Message) -> None:
        self.open(str(message.get("id", "")))

    def _on_close(self, _message: Message) -> None:
        self.close_detail()

    def _on_compare(self, _message: Message) -> None:
        self.compare()

    def _on_zip(self, _message: Message) -> None:
        self.save_zip()

    def _on_delete(self, _message: Message) -> None:
        self.delete_chosen()

    def _on_use(self, message: Message) -> None:
        wanted = str(message.get("id", ""))
        task = next((t for t in self.tasks if str(t.id) == wanted), None)
        if self._use is not None and task is not None:
            self._use(task)

    def _on_refresh(self, _message: Message) -> None:
        self.refresh()

    def _on_more(self, _message: Message) -> None:
        if self.query.strip() or self.status:
            self._wanted_found += _PAGE
        else:
            self._wanted += _PAGE
        self.refresh()


def _absolute(gateway: str, url: str) -> str:
    """A thumbnail's address: a path belongs to the gateway."""
    return gateway + url if url.startswith("/") else url


_FILTERS: Final = [
    (Text("All", "全部"), ""),
    (Text("Running", "进行中"), RUNNING),
    *[(STATES[status], str(status)) for status in TaskStatus if status.finished],
]
_EMPTY: Final = Text(
    "No tasks yet. Videos generated by this gateway appear here.",
    "暂无任务，该网关生成的视频会显示在这里。",
)
_NO_MATCH: Final = Text(
    "None of the {n} tasks match. Clear the search and choose “All” to see them.",
    "{n} 个任务均不符合条件。清空搜索并选择“全部”即可查看。",
)
_COUNT: Final = Text(
    "{shown} of {total} tasks · {chosen} selected",
    "{total} 个任务中的 {shown} 个 · 已选 {chosen} 个",
)
_LOADING: Final = Text("Loading video {n} of {of}…", "正在加载第 {n}/{of} 个视频……")
_SURE: Final = Text(
    "Delete {n} tasks and their videos from the gateway? Files that are saved here stay.",
    "确定从网关删除这 {n} 个任务及其视频吗？已保存到本地的文件会保留。",
)
_SURE_ONE: Final = Text(
    "Delete this task and its video from the gateway? Files that are saved here stay.",
    "确定从网关删除该任务及其视频吗？已保存到本地的文件会保留。",
)
_DELETING: Final = Text("Deleting: {n}…", "正在删除第 {n} 个……")
_DELETED: Final = Text("Deleted {n} tasks.", "已删除 {n} 个任务。")
_DELETED_ONE: Final = Text("Deleted 1 task.", "已删除 1 个任务。")
_ZIPPING: Final = Text("Packing {n} videos…", "正在打包 {n} 个视频……")
_ZIPPED: Final = Text("Saved as {path}.", "已保存为 {path}。")
_NONE_DONE: Final = Text("Select completed videos first.", "请先选择已完成的视频。")
