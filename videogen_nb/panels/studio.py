"""Everything in one place: from an image, a URL or a prompt alone; the videos; the gallery."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal, get_args

from traitlets import Instance, List, Unicode, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..i18n import Text
from ..media.video import Video
from ..protocol.models import TaskId, TaskStatus, VideoTask
from .browser.transfer import Message
from .gallery import GalleryPanel
from .gateway_link import Link
from .prompt import PromptPanel
from .task import TaskList, TaskPanel
from .upload import UploadPanel
from .url import UrlPanel
from .widget import Panel

Tab = Literal["image", "url", "text", "gallery"]

_RECENT: Final = 3  # finished videos shown when one comes back; the gallery has them all
_LOOKED_AT: Final = 50


class Studio(Panel):
    """The panels of this package put together, for one gateway.

    ``tab`` is "image", "url", "text" or "gallery". ``upload``, ``url``, ``prompt``,
    ``videos`` and ``gallery`` are the parts. ``start()`` is the button; ``video()`` is a call whose
    result is the newest video (or that of a task). ``value`` is the video finished last.

    Made anew (after a kernel's restart, a day later) it shows running tasks moving and the last
    finished ones ready to play.
    """

    tab = Unicode("image")
    value = Instance(Video, allow_none=True)
    tasks = List(Instance(VideoTask), help="what this studio has created")
    title = Text("Video studio", "视频工作室")
    part = "studio"
    fields = ("tab",)
    texts: ClassVar = {
        "tabs": Text("Start from", "生成方式"),
        "other_language": Text("中文", "English"),
    }

    def __init__(self, tab: Tab = "image", connection: Connection | Link | None = None) -> None:
        self._gallery: GalleryPanel | None = None
        super().__init__(connection)
        self.videos = TaskList(self.link)
        self.upload = UploadPanel(self.link)
        self.url = UrlPanel(self.link)
        self.prompt = PromptPanel(self.link, videos=self.videos)
        self.videos.remake = self.prompt.remake
        for name in ("upload", "url", "prompt", "videos"):
            self.adopt(name, getattr(self, name))
        self.prompt.observe(lambda c: self.set_trait("tasks", c["new"]), "tasks")
        self.videos.observe(lambda c: self.set_trait("value", c["new"]), "value")
        self.videos.observe(lambda _: self.touch(), "panels")
        self.link.observe(self._found, "url")
        self.tab = tab
        self._open_tab()
        self.restored: Call[list[VideoTask]] = self.follow(self._restore)

    @property
    def gallery(self) -> GalleryPanel:
        """The gallery; made when it is first looked at, since it asks the gateway for its list."""
        if self._gallery is None:
            self._gallery = GalleryPanel(
                self.link, remake=self.videos.again, deleted=self.videos.remove
            )
            self.adopt("gallery", self._gallery)
        return self._gallery

    def start(self) -> Call[VideoTask]:
        """Create a task from what is filled in; the call's result is the task."""
        return self.prompt.start()

    def video(self, task: VideoTask | TaskId | str | None = None) -> Call[Video]:
        """Give a call whose result is the video of ``task`` (None = of the newest task here).

        Raises (when the call's result is taken):
            TaskFailed, TaskCancelled: there will be none. GatewayError: it cannot be asked.
        """
        return self.run(self._video, task)

    def attach(self, task: VideoTask | TaskId | str) -> TaskPanel:
        """Show a task of this gateway among the videos, by itself or by its id."""
        return self.videos.find(task) or self.videos.add(task)

    def view(self) -> dict[str, Any]:
        where = _GATEWAY(url=self.link.url) if self.link.url else _CONNECTING
        return {
            "tab": self.tab,
            "tabs": [{"name": name, "title": self.text(text)} for name, text in _TABS.items()],
            "where": self.text(where),
            "empty": "" if self.videos.panels else self.text(_NO_VIDEOS),
        }

    def poster(self) -> bytes | None:
        return self.videos.poster()

    @observe("tab")
    def _changed(self, change: Any) -> None:
        if change["new"] not in get_args(Tab):
            raise ValueError(f"tab must be one of {get_args(Tab)}, not {change['new']!r}")
        self.prompt.clear_error()  # it was about what one comes from
        self._open_tab()

    def _open_tab(self) -> None:
        if self.tab == "gallery":
            assert self.gallery is not None
            return
        self.prompt.source = {"image": self.upload, "url": self.url}.get(self.tab)

    async def _restore(self) -> list[VideoTask]:
        """Show running tasks and the last finished videos of this gateway, as one left them."""
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

    def _found(self, _change: Any) -> None:
        self.touch()

    def _on_language(self, _message: Message) -> None:
        self.link.speak("en" if self.link.language == "zh" else "zh")

    def close(self) -> None:
        if not self._closed:
            self.link.unobserve(self._found, "url")
        super().close()


_TABS: Final = {
    "image": Text("From image", "图片生成"),
    "url": Text("From URL", "链接生成"),
    "text": Text("From text", "文字生成"),
    "gallery": Text("Gallery", "作品库"),
}
_GATEWAY: Final = Text("gateway {url}", "网关 {url}")
_CONNECTING: Final = Text("Connecting to the gateway…", "正在连接网关……")
_NO_VIDEOS: Final = Text(
    "Your videos appear here. You can keep working in other cells while they are generated.",
    "生成的视频会显示在这里；生成期间可以继续运行其他单元。",
)
