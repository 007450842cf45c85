"""``GalleryPanel``: search, open, follow, compare and download the tasks of a gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, overload

from traitlets import Bool, Dict, Instance, Int, List, Tuple, Unicode, observe

from ..blocking import Connection
from ..blocking.call import Call
from ..errors import VideogenError
from ..i18n import Text
from ..media.video import Video
from ..protocol.models import TaskId, VideoTask
from .browser.transfer import Content, Message
from .compare import ComparePanel
from .gateway_link import Link
from .results import texts
from .results.cards import Search, card
from .results.listing import Listing
from .results.selected import ChoosingPanel
from .task import TaskPanel
from .video import CarryOn, Remake, Use
from .widget import Panel

_MOVING_S, _STILL_S = 2.0, 10.0  # between looks, while something runs and while nothing does


class GalleryPanel(ChoosingPanel):
    """A panel with all tasks. ``tasks`` are the loaded ones (newest first), ``shown`` the matches.

    ``query``, ``status`` ("" = all, "running", or a status), ``group`` (a folder), ``starred`` and
    ``chosen`` (task ids) are the fields. ``open(id)``, ``compare()``, ``save_zip()``, ``star(id)``
    and ``mark_chosen(title=…)`` are the buttons.
    """

    shown = List(Instance(VideoTask))
    total = Int(0)
    query = Unicode("")
    status = Unicode("")
    group = Unicode("")
    starred = Bool(False)
    groups = List(Tuple(), help="the folders, and how many tasks each has")
    value = Instance(TaskPanel, allow_none=True, help="the opened task's panel")
    videos = Dict(help="videos already on disk, by task id")
    title = Text("Gallery", "作品库")
    part = "gallery"
    fields = ("query", "status", "group", "starred", "chosen")
    pieces = ("items",)
    texts: ClassVar = {
        "search": Text("Search", "搜索"),
        "search_hint": Text("prompt, title, label or task id", "提示词、标题、标签或任务 ID"),
        "folder": Text("Folder", "文件夹"),
        "all_folders": Text("All folders", "全部文件夹"),
        "starred": Text("Starred", "已加星标"),
        "star": Text("Star: {title}", "星标：{title}"),
        "mark": Text("Title, labels, folder…", "标题、标签、文件夹…"),
        "mark_title": Text("Title", "标题"),
        "mark_labels": Text("Labels (a, b)", "标签（用逗号分隔）"),
        "mark_group": Text("Folder", "文件夹"),
        "mark_save": Text("Save", "保存"),
        "filter": Text("Show", "显示"),
        "compare": Text("Compare side by side", "并排比较"),
        "zip": Text("Download as ZIP", "打包下载"),
        "more": Text("Show older tasks", "显示更早的任务"),
        "refresh": Text("Refresh", "刷新"),
        "delete": Text("Delete…", "删除…"),
        "delete_now": Text("Delete permanently", "彻底删除"),
        "keep": Text("Keep", "保留"),
        "use": Text("Use settings", "沿用设置"),
        "use_of": Text("Use the settings of: {title}", "沿用其设置：{title}"),
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
        carry_on: CarryOn | None = None,
        deleted: Callable[[VideoTask], None] | None = None,
    ) -> None:
        self._remake, self._use, self._tell_deleted = remake, use, deleted
        self._carry_on = carry_on
        self._listing = Listing()
        self._asked_for: set[str] = set()
        self._cards: list[dict[str, Any]] = []
        self._detail: Panel | None = None
        self._opened = 0
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
        """Open a finished task's video, or follow a running task, above the cards.

        Without a task, behaves like every widget's ``open()``.
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
            carry_on=self._carry_on,
            deleted=self._deleted,
            retried=self._retried,
        )
        self._show_detail(panel)
        self.value = panel
        return panel

    def compare(self) -> Call[list[Video]]:
        """Show the selected videos side by side, played in sync."""
        return self.run(self._compare)

    def close_detail(self) -> None:
        """Close the video or task above the cards."""
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
            "group": self.group,
            "starred": self.starred,
            "groups": [[f"{name} ({count})", name] for name, count in self.groups],
            "marks": self._marks(),
            "filters": [[self.text(text), key] for text, key in texts.FILTERS],
            "items": self._cards,
            "chosen": self.chosen,
            "count": self.text(self._said or self._count()),
            "empty": "" if self.shown else self.text(self._nothing()),
            "more": self._listing.has_more(self.total),
            "can_compare": done > 1,
            "can_zip": done > 0,
            "can_use": self._use is not None,
            "can_delete": over > 0,
            "offers_delete": self.link.capabilities.delete,
            "offers_marks": self.link.capabilities.marks,
            "sure": self.text((texts.SURE_ONE if over == 1 else texts.SURE)(n=over)),
            "loading": self.text(self._loading) if self._loading is not None else "",
            "detail": detail.name if detail is not None else "",
            "detail_part": detail.part if detail is not None else "",
        }

    def poster(self) -> bytes | None:
        thumbnails = (self.outbox.get(str(task.id)) for task in self.shown)
        return next(filter(None, thumbnails), None)

    def _count(self) -> Text:
        return texts.COUNT(shown=len(self.shown), total=self.total, chosen=len(self.chosen))

    def _nothing(self) -> Text:
        return texts.NO_MATCH(n=self.total) if self.tasks else texts.EMPTY

    async def _watch(self) -> None:
        """Refresh periodically while the panel is open; errors are shown, and it continues."""
        while True:
            try:
                await self._refresh()
            except VideogenError as problem:
                self.fail(problem)
            running = any(not t.status.finished for t in self.tasks)
            await asyncio.sleep(_MOVING_S if running else _STILL_S)

    async def _refresh(self) -> list[VideoTask]:
        client = await self.link.client()
        newest = await self._listing.refresh(client)
        if await client.is_ours():
            self.groups = [(group.name, group.tasks) for group in await client.groups()]
        self.clear_error()
        self._take_listing()
        await self._fetch_thumbnails()
        return newest

    def _take_listing(self) -> None:
        self.total = self._listing.total
        if self._listing.tasks != self.tasks:
            self.tasks = self._listing.tasks
        known = {str(task.id) for task in self.tasks}
        if set(self.chosen) - known:
            self.chosen = [one for one in self.chosen if one in known]
        self._show()

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

    @observe("query", "status", "group", "starred", "chosen")
    def _asked(self, change: Any) -> None:
        self._said = None
        if change["name"] != "chosen":
            search = Search(self.query, self.status, self.group, self.starred)
            self._listing.look_for(search)
            self.refresh()
        self._show()

    def _show(self) -> None:
        matching = self._listing.matching()
        found = {str(task.id) for task in matching}
        # What is selected stays in sight, so that nobody deletes what they do not see.
        kept = set(self.chosen) - found
        self.shown = [*matching, *(task for task in self.tasks if str(task.id) in kept)]
        now = datetime.now(UTC)
        self._cards = [
            card(task, now, self.text, str(task.id) if self.outbox.has(str(task.id)) else "")
            for task in self.shown
        ]
        self.touch()

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

    def _show_detail(self, panel: Panel) -> None:
        self.close_detail()
        self._opened += 1
        self.adopt(f"detail-{self._opened}", panel)
        self._detail = panel
        self.touch()

    def _noted(self, tasks: list[VideoTask]) -> None:
        for task in tasks:
            self._listing.note(task)
        self._take_listing()
        self.refresh()

    def _removed(self, task: VideoTask) -> None:
        self._deleted(task)
        if self.value is not None and self.value.asked == str(task.id):
            self.close_detail()

    def _deleted(self, task: VideoTask) -> None:
        self._listing.forget(task)
        self._take_listing()
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

    def _on_use(self, message: Message) -> None:
        wanted = str(message.get("id", ""))
        task = next((t for t in self.tasks if str(t.id) == wanted), None)
        if self._use is not None and task is not None:
            self._use(task)

    def _on_refresh(self, _message: Message) -> None:
        self.refresh()

    def _on_more(self, _message: Message) -> None:
        self._listing.want_more()
        self.refresh()


def _absolute(gateway: str, url: str) -> str:
    """Return a thumbnail's absolute URL; a path is relative to the gateway."""
    return gateway + url if url.startswith("/") else url
