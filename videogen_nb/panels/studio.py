"""Everything in one place: from an image, from a link, from words; the videos; the gallery."""

from __future__ import annotations

from typing import Any, Literal, get_args

from traitlets import Instance, List, Unicode, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..i18n import Text
from ..media.video import Video
from ..protocol.models import TaskId, TaskStatus, VideoTask
from .base import Panel, button, line, row, stack, visible
from .gallery import GalleryPanel
from .link import Link
from .prompt import PromptPanel
from .task import TaskList, TaskPanel
from .upload import UploadPanel
from .url import UrlPanel

Tab = Literal["image", "url", "words", "gallery"]

_RECENT = 3  # finished videos shown when one comes back; the gallery has them all
_LOOKED_AT = 50

_TABS: dict[str, Text] = {
    "image": Text("From an image", "图片生成"),
    "url": Text("From a link", "链接生成"),
    "words": Text("From words", "文字生成"),
    "gallery": Text("Gallery", "作品库"),
}
_TABS_NAME = Text("What to start from", "生成方式")
_GATEWAY = Text("gateway {url}", "网关 {url}")
_OPENING = Text("Looking for the gateway …", "正在连接网关……")
_OTHER_LANGUAGE = Text("中文", "English")
_NO_VIDEOS = Text(
    "Your videos appear here, and go on being made while you use other cells.",
    "生成的视频会显示在这里；生成期间可以继续运行其他单元。",
)


class Studio(Panel):
    """The panels of this package put together, for one gateway.

    ``tab`` is "image", "url", "words" or "gallery". ``upload``, ``url``, ``prompt``,
    ``videos`` and ``gallery`` are the parts. ``start()`` is the button; ``video()`` is a call whose
    result is the newest video (or that of a task). ``value`` is the video finished last.

    Made anew (after a kernel's restart, a day later) it shows running tasks moving and the last
    finished ones ready to play.
    """

    tab = Unicode("image")
    value = Instance(Video, allow_none=True)
    tasks = List(Instance(VideoTask), help="what this studio has created")
    title = Text("Video studio", "视频工作室")

    def __init__(self, tab: Tab = "image", connection: Connection | Link | None = None) -> None:
        super().__init__(connection)
        self.videos = TaskList(self.link)
        self.upload = UploadPanel(self.link)
        self.url = UrlPanel(self.link)
        self.prompt = PromptPanel(self.link, videos=self.videos)
        self.videos.remake = self.prompt.remake
        self._gallery: GalleryPanel | None = None
        self._build()
        self.prompt.observe(lambda c: self.set_trait("tasks", c["new"]), "tasks")
        self.videos.observe(lambda c: self.set_trait("value", c["new"]), "value")
        self.link.observe(lambda _: self.respeak(), "url")
        self.respeak()  # it may have been set while the parts were made
        self.videos.observe(lambda _: self._show_tab(), "panels")
        self.tab = tab
        self._show_tab()
        self.restored: Call[list[VideoTask]] = self.follow(self._restore())

    @property
    def gallery(self) -> GalleryPanel:
        """The gallery; made when it is first looked at, since it asks the gateway for its list."""
        if self._gallery is None:
            self._gallery = GalleryPanel(
                self.link, remake=self.videos.again, deleted=self.videos.remove
            )
        return self._gallery

    def start(self) -> Call[VideoTask]:
        """Create a task from what is filled in; the call's result is the task."""
        return self.prompt.start()

    def video(self, task: VideoTask | TaskId | str | None = None) -> Call[Video]:
        """A call whose result is the video of ``task`` (None = of the newest task here).

        Raises (when the call's result is taken):
            TaskFailed, TaskCancelled: there will be none. GatewayError: it cannot be asked.
        """
        return self.run(self._video(task))

    def attach(self, task: VideoTask | TaskId | str) -> TaskPanel:
        """Show a task of this gateway among the videos, by itself or by its id."""
        return self.videos.find(task) or self.videos.add(task)

    def _build(self) -> None:
        self._name = line("vnb-title")
        self.say(self._name, "value", self.title)
        self._where = line("vnb-small")
        self.say(self._where, "value", _OPENING)
        self._language = button("vnb-quiet", "vnb-language")
        self.say(self._language, "description", _OTHER_LANGUAGE)
        self._language.on_click(lambda _: self._other_language())
        self._tab_buttons = {name: self._tab_button(name) for name in _TABS}
        tabs = row(*self._tab_buttons.values(), classes=("vnb-tabs",))
        self.say(self.shell, "names", {"vnb-tabs": _TABS_NAME})
        self._none = line("vnb-empty")
        self.say(self._none, "value", _NO_VIDEOS)
        self._source = stack()
        self._make = stack(self._source, self.prompt.widget)
        self._results = stack(self._none, self.videos.widget)
        self._body = stack(self._make, self._results, classes=("vnb-studio-body", "vnb-two"))
        self.widget.add_class("vnb-studio")
        head = row(self._name, self._where, self._language, classes=("vnb-head",))
        self.fill(head, tabs, self.alert, self._body)

    def _tab_button(self, name: str) -> Any:
        tab = button("vnb-tab")
        self.say(tab, "description", _TABS[name])
        tab.on_click(lambda _: self.set_trait("tab", name))
        return tab

    @observe("tab")
    def _changed(self, change: Any) -> None:
        if change["new"] not in get_args(Tab):
            raise ValueError(f"tab must be one of {get_args(Tab)}, not {change['new']!r}")
        self.prompt.clear_error()  # it was about what one comes from
        self._show_tab()

    def _show_tab(self) -> None:
        for name, tab in self._tab_buttons.items():
            (tab.add_class if name == self.tab else tab.remove_class)("vnb-here")
        if self.tab == "gallery":
            self._body.remove_class("vnb-two")
            self._body.children = (self.gallery.widget,)
            return
        source = {"image": self.upload, "url": self.url}.get(self.tab)
        self.prompt.source = source
        self._source.children = (source.widget,) if source is not None else ()
        visible(self._source, source is not None)
        visible(self._none, not self.videos.panels)
        self._body.add_class("vnb-two")
        self._body.children = (self._make, self._results)

    async def _restore(self) -> list[VideoTask]:
        """Running tasks and the last finished videos of this gateway, as one left them."""
        client = await self.link.client()
        page = await client.list_tasks(limit=_LOOKED_AT)
        running = [t for t in page.tasks if not t.status.finished]
        done = [t for t in page.tasks if t.status is TaskStatus.COMPLETED][:_RECENT]
        for task in (*running, *done):
            self.videos.add(task, last=True)
        return [*running, *done]

    async def _video(self, task: VideoTask | TaskId | str | None) -> Video:
        if task is None:
            if self.prompt.started is not None:
                task = await self.prompt.started
            else:
                await self.restored
        panel = self.videos.panels[0] if task is None else self.attach(task)
        return await panel.ready

    def _other_language(self) -> None:
        self.link.speak("en" if self.link.language == "zh" else "zh")

    def respeak(self) -> None:
        if self.link.url:
            self.say(self._where, "value", _GATEWAY(url=self.link.url))

    def close(self) -> None:
        super().close()
        for part in (self.upload, self.url, self.prompt, self.videos):
            part.close()
        if self._gallery is not None:
            self._gallery.close()
