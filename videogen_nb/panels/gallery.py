"""All tasks of a gateway: look through, find, open, watch, compare, take along as a zip."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import ipywidgets
from traitlets import Dict, Instance, Int, List, Unicode, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..errors import VideogenError
from ..i18n import Text
from ..media.video import Video
from ..protocol.models import TaskId, TaskStatus, VideoTask
from ..settings import Settings
from .base import Panel, button, line, row, stack, visible
from .cards import RUNNING, card, matches
from .clock import utcnow
from .compare import ComparePanel
from .export import export_zip
from .grid import GRID_WORDS, Grid
from .link import Link
from .progress import STATES
from .task import TaskPanel
from .video import Remake

_PAGE = 48
_MOVING_S, _STILL_S = 2.0, 10.0  # between looks, while something runs and while nothing does

_SEARCH = Text("Search", "搜索")
_SEARCH_HINT = Text("words of the prompt, or a task's id", "提示词中的文字或任务 ID")
_FILTER = Text("Show", "显示")
_ALL, _RUNNING = Text("All", "全部"), Text("Running", "进行中")
_EMPTY = Text(
    "Nothing here yet. Videos that this gateway makes appear here.",
    "暂无任务，该网关生成的视频会显示在这里。",
)
_NO_MATCH = Text(
    "None of {n} tasks matches. Clear the search and show all to see them.",
    "{n} 个任务均不符合条件。清空搜索并选择“全部”即可查看。",
)
_COUNT = Text(
    "{shown} of {total} tasks · {chosen} chosen", "{total} 个任务中的 {shown} 个 · 已选 {chosen} 个"
)
_COMPARE = Text("Side by side", "并排比较")
_ZIP = Text("Save as zip", "打包下载")
_ZIPPING = Text("Packing {n} videos …", "正在打包 {n} 个视频……")
_ZIPPED = Text("Saved as {path}.", "已保存为 {path}。")
_MORE = Text("Show older ones", "显示更早的任务")
_REFRESH = Text("Refresh", "刷新")
_CLOSE = Text("Close", "关闭")
_NONE_DONE = Text("Choose finished videos first.", "请先选择已完成的视频。")


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

    def __init__(
        self,
        connection: Connection | Link | None = None,
        *,
        remake: Remake | None = None,
        deleted: Callable[[VideoTask], None] | None = None,
    ) -> None:
        super().__init__(connection)
        self._remake, self._tell_deleted = remake, deleted
        self._wanted = _PAGE
        self._thumbs: set[str] = set()
        self._zipping: Call[Any] | None = None
        self._detail: Panel | None = None
        self._build()
        self._watching = self.follow(self._watch())

    def refresh(self) -> Call[list[VideoTask]]:
        """Ask the gateway for its tasks now."""
        return self.run(self._refresh())

    def open(self, task: TaskId | str) -> TaskPanel:
        """Open a finished task's video, or watch a running one, above the cards."""
        known = next((t for t in self.tasks if str(t.id) == str(task)), task)
        panel = TaskPanel(
            known,
            self.link,
            remake=self._again if self._remake else None,
            deleted=self._deleted,
            retried=self._retried,
        )
        self._show_detail(panel)
        self.value = panel
        return panel

    def compare(self) -> Call[list[Video]]:
        """Show the chosen videos side by side, played in step."""
        return self.run(self._compare())

    def save_zip(self) -> Call[Any]:
        """Pack the chosen videos; gives the zip's path, and the browser downloads it."""
        if self._zipping is None or self._zipping.done():
            self._zipping = self.run(self._zip())
        return self._zipping

    def close_detail(self) -> None:
        """Close what is open above the cards."""
        if self._detail is not None:
            self._detail.close()
        self._detail, self.value = None, None
        visible(self._detail_box, False)

    def _build(self) -> None:
        self._search = ipywidgets.Text(continuous_update=True)
        self._filter = ipywidgets.Dropdown(options=[("", "")], value="")
        self._count = line("vnb-small", "vnb-status")
        self._compare_button, self._zip_button = button(), button()
        self._more, self._refresh_button, self._close_button = button(), button(), button()
        self._empty = line("vnb-empty")
        self._detail_box = stack(classes=("vnb-stack", "vnb-detail"))
        visible(self._detail_box, False)
        self.grid = Grid(self.open)
        self.say(self.grid, "words", GRID_WORDS)
        self._name_buttons()
        self.say(self._search, "description", _SEARCH)
        self.say(self._search, "placeholder", _SEARCH_HINT)
        self.say(self._filter, "description", _FILTER)
        self._search.observe(lambda c: self.set_trait("query", c["new"]), "value")
        self._filter.observe(lambda c: self.set_trait("status", c["new"] or ""), "value")
        self.grid.observe(lambda c: self.set_trait("chosen", c["new"]), "chosen")
        self.respeak()
        fields = stack(self._search, self._filter, classes=("vnb-fields", "vnb-find"))
        actions = row(self._compare_button, self._zip_button, self._refresh_button, self._count)
        parts = (fields, actions, self.alert, self._detail_box, self._empty, self.grid, self._more)
        self.fill(stack(*parts, classes=("vnb-stack", "vnb-sheet")))

    def _name_buttons(self) -> None:
        for widget, text, act in (
            (self._compare_button, _COMPARE, self.compare),
            (self._zip_button, _ZIP, self.save_zip),
            (self._more, _MORE, self._show_more),
            (self._refresh_button, _REFRESH, self.refresh),
            (self._close_button, _CLOSE, self.close_detail),
        ):
            self.say(widget, "description", text)
            widget.on_click(lambda _, act=act: act())

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
        self.clear_error()
        self.total = page.total
        if page.tasks != self.tasks:
            self.tasks = page.tasks
        self._show()
        await self._fetch_thumbnails()
        return page.tasks

    async def _fetch_thumbnails(self) -> None:
        client = await self.link.client()
        for task in self.shown:
            key = str(task.id)
            if task.thumbnail_url is None or key in self._thumbs or not task.status.finished:
                continue
            self._thumbs.add(key)
            try:
                jpeg = await client.download_image(_absolute(client.url, task.thumbnail_url))
            except VideogenError:
                continue  # a card without a thumbnail says all the same what it is
            self.grid.offer_thumbnail(key, jpeg)
            self._show()

    @observe("query", "status", "chosen")
    def _asked(self, change: Any) -> None:
        for widget, trait, name in (
            (self._search, "value", "query"),
            (self._filter, "value", "status"),
            (self.grid, "chosen", "chosen"),
        ):
            if change["name"] == name and getattr(widget, trait) != change["new"]:
                setattr(widget, trait, change["new"])
        self._show()

    def _show(self) -> None:
        self.shown = [t for t in self.tasks if matches(t, self.query, self.status)]
        now = utcnow()
        self.grid.items = [
            card(task, now, self.wording.render, self._thumbnail(task)) for task in self.shown
        ]
        visible(self._empty, not self.shown)
        self.say(self._empty, "value", _NO_MATCH(n=len(self.tasks)) if self.tasks else _EMPTY)
        visible(self._more, self.total > len(self.tasks))
        counts = {"shown": len(self.shown), "total": self.total, "chosen": len(self.chosen)}
        self.say(self._count, "value", _COUNT(**counts))
        self._compare_button.disabled = len(self._chosen_done()) < 2
        self._zip_button.disabled = not self._chosen_done()

    def _thumbnail(self, task: VideoTask) -> str:
        return str(task.id) if str(task.id) in self._thumbs else ""

    def _chosen_done(self) -> list[VideoTask]:
        done = {str(t.id): t for t in self.tasks if t.status is TaskStatus.COMPLETED}
        return [done[one] for one in self.chosen if one in done]

    async def _videos_of_chosen(self) -> list[Video]:
        wanted = self._chosen_done()
        if not wanted:
            raise VideogenError(_NONE_DONE)
        client = await self.link.client()
        return [await client.download(task) for task in wanted]

    async def _compare(self) -> list[Video]:
        self.busy = True
        try:
            videos = await self._videos_of_chosen()
            panel = ComparePanel(videos, self.link)
            self._show_detail(panel)
            await panel.ready
            return videos
        finally:
            self.busy = False

    async def _zip(self) -> Any:
        self.busy = True
        try:
            self.say(self._count, "value", _ZIPPING(n=len(self._chosen_done())))
            videos = await self._videos_of_chosen()
            name = f"videos-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
            path = Settings.from_environment().output / name
            await asyncio.to_thread(export_zip, videos, path, self.link.language)
            self.grid.save(path, "application/zip")
            self.say(self._count, "value", _ZIPPED(path=path))
            return path
        finally:
            self.busy = False

    def _show_more(self) -> None:
        self._wanted += _PAGE
        self.refresh()

    def _show_detail(self, panel: Panel) -> None:
        self.close_detail()
        self._detail = panel
        self._detail_box.children = (panel.widget, row(self._close_button))
        visible(self._detail_box, True)

    def _deleted(self, task: VideoTask) -> None:
        self.chosen = [one for one in self.chosen if one != str(task.id)]
        self.tasks = [t for t in self.tasks if t.id != task.id]
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

    def respeak(self) -> None:
        choices = [(_ALL, ""), (_RUNNING, RUNNING)]
        choices += [(STATES[s], str(s)) for s in TaskStatus if s.finished]
        kept = self.status
        self._filter.options = [(self.wording.render(text), key) for text, key in choices]
        self._filter.value = kept
        self._show()

    def close(self) -> None:
        self.close_detail()
        super().close()


def _absolute(gateway: str, url: str) -> str:
    """A thumbnail's address: a path belongs to the gateway."""
    return gateway + url if url.startswith("/") else url
