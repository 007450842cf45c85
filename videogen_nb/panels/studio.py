"""``Studio``: all panels in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, get_args

from traitlets import Instance, List, Unicode, observe

from ..blocking import Connection
from ..blocking.call import Call, submit
from ..i18n import Text
from ..media.video import Video
from ..protocol.models import TaskId, TaskStatus, VideoTask
from .browser.transfer import Message
from .form.frames import only_first
from .gallery import GalleryPanel
from .gateway_link import Link
from .prompt import PromptPanel
from .task import TaskList, TaskPanel
from .upload import LastFramePanel, UploadPanel
from .url import UrlPanel
from .waiting import Waiting
from .widget import Panel

Tab = Literal["image", "url", "text", "gallery"]

_RECENT: Final = 5  # finished videos offered when one comes back; the gallery has them all
_LOOKED_AT: Final = 50


class Studio(Panel):
    """All panels of this package, for one gateway.

    ``tab`` is "image", "url", "text" or "gallery". ``upload``, ``url``, ``prompt``,
    ``videos`` and ``gallery`` are the parts. ``start()`` is the button; ``video()`` returns a call
    whose result is the newest video (or a task's). ``value`` is the most recently finished video.

    A new studio (in another notebook, after a kernel restart) shows the running tasks, and one line
    for recently finished ones.
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
        "shortcuts": Text("Keyboard shortcuts", "键盘快捷键"),
    }

    def __init__(self, tab: Tab = "image", connection: Connection | Link | None = None) -> None:
        self._gallery: GalleryPanel | None = None
        super().__init__(connection)
        self.videos = TaskList(self.link)
        self.upload = UploadPanel(self.link)
        self.last_frame = self.upload.last = LastFramePanel(self.link)
        self.url = UrlPanel(self.link)
        self.prompt = PromptPanel(self.link, videos=self.videos)
        self.videos.remake, self.videos.use = self.prompt.remake, self.use
        self.videos.carry_on = self.carry_on
        for name in ("upload", "last_frame", "url", "prompt", "videos"):
            self.adopt(name, getattr(self, name))
        self.prompt.observe(lambda c: self.set_trait("tasks", c["new"]), "tasks")
        self.last_frame.observe(self.prompt.edited, "value")
        self.videos.observe(lambda c: self.set_trait("value", c["new"]), "value")
        self.videos.observe(lambda _: self.touch(), "panels")
        self.prompt.options.observe(lambda _: self.touch(), "engine")
        self.link.observe(self._found, ("url", "engines"))
        self.tab = tab
        self._open_tab()
        self.restored: Call[list[VideoTask]] = self.follow(self._restore)

    @property
    def gallery(self) -> GalleryPanel:
        """The gallery, created when first opened, since it requests the list of tasks."""
        if self._gallery is None:
            self._gallery = GalleryPanel(
                self.link,
                remake=self.videos.again,
                use=self.use,
                carry_on=self.carry_on,
                deleted=self.videos.remove,
            )
            self.adopt("gallery", self._gallery)
        return self._gallery

    def start(self) -> Call[VideoTask]:
        """Create a task from the form; return a call whose result is the task."""
        return self.prompt.start()

    def video(self, task: VideoTask | TaskId | str | None = None) -> Call[Video]:
        """Return a call whose result is the video of ``task`` (None = the newest task here).

        Raises (from the call's result):
            TaskFailed, TaskCancelled: there is no video. GatewayError: the gateway failed.
        """
        waiting = Waiting(self.link, lambda: self._wanted(task))
        return submit(self._guarded(self._video, task), waiting)

    def attach(self, task: VideoTask | TaskId | str) -> TaskPanel:
        """Show a task of this gateway, or its id, among the videos."""
        return self.videos.find(task) or self.videos.add(task)

    def use(self, task: VideoTask) -> None:
        """Fill in a task's prompt, options and seed, and its images if they are available."""
        inputs = self.prompt.inputs_of(task)
        self.tab = self._start_from(task, inputs or {})
        self.prompt.use(task, image_gone=self.tab == "image" and not inputs)

    async def carry_on(self, video: Video) -> None:
        """Use a video's last frame as the first frame of the next (on the private loop).

        The gateway extracts the frame from its own file; the old task becomes the parent.
        """
        image = await asyncio.to_thread(video.last_frame)
        self.last_frame.clear()
        self.upload.continue_from(video.task, image)
        self.tab = "image"
        self.prompt.tell({"op": "focus"})

    def _start_from(self, task: VideoTask, inputs: Mapping[str, Any]) -> Tab:
        """Restore a task's inputs; return the tab they are on."""
        if url := inputs.get("image_url"):
            self.url.value = url
            return "url"
        if "after" in inputs and self.upload.bring_back_frame(inputs["after"]):
            return "image"
        images = inputs.get("images") or [{"role": "first", **inputs}]
        known = {image["role"]: image["attachment"] for image in images if "attachment" in image}
        if "first" in known and self.upload.bring_back(known["first"]):
            if "last" not in known or not self.last_frame.bring_back(known["last"]):
                self.last_frame.clear()
            return "image"
        parameters = task.parameters or {}  # a scene may have a move, too
        return "image" if "move" in parameters and "scene" not in parameters else "text"

    def view(self) -> dict[str, Any]:
        where = _GATEWAY(url=self.link.url) if self.link.url else _CONNECTING
        return {
            "tab": self.tab,
            "tabs": [{"name": name, "title": self.text(text)} for name, text in _TABS.items()],
            "where": self.text(where),
            "empty": "" if self.videos.panels else self.text(_NO_VIDEOS),
            "no_last": self.text(only_first(self.prompt.options.chosen())),
            "shortcuts": [[self.text(keys), self.text(does)] for keys, does in _SHORTCUTS],
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
        """Show this gateway's running tasks, and collapse recently finished videos."""
        client = await self.link.client()
        page = await client.list_tasks(limit=_LOOKED_AT)
        running = [t for t in page.tasks if not t.status.finished]
        done = [t for t in page.tasks if t.status is TaskStatus.COMPLETED][:_RECENT]
        for task in running:
            self.videos.add(task, last=True)
        self.videos.folded = [task for task in done if self.videos.find(task) is None]
        return [*running, *done]

    async def _video(self, task: VideoTask | TaskId | str | None) -> Video:
        if task is None:
            if self.prompt.started is not None:
                task = await self.prompt.started.shielded()
            else:
                await self.restored
                if not self.videos.panels:
                    self.videos.unfold()
        panel = self.videos.panels[0] if task is None else self.attach(task)
        return await panel.ready.shielded()

    def _wanted(self, task: VideoTask | TaskId | str | None) -> str | None:
        if task is not None:
            return str(task.id if isinstance(task, VideoTask) else task)
        return self.videos.panels[0].asked if self.videos.panels else None

    def _found(self, _change: Any) -> None:
        self.touch()

    def _on_language(self, _message: Message) -> None:
        self.link.speak("en" if self.link.language == "zh" else "zh")

    def close(self) -> None:
        if not self._closed:
            self.link.unobserve(self._found, ("url", "engines"))
        super().close()


_TABS: Final = {
    "image": Text("From image", "用图片"),
    "url": Text("From URL", "用链接"),
    "text": Text("From text", "用文字"),
    "gallery": Text("Gallery", "作品库"),
}
_SHORTCUTS: Final = [
    (
        Text.same("Ctrl+Enter, ⌘+Enter"),
        Text("generate, from anywhere in the form", "在表单中任意位置：生成"),
    ),
    (
        Text.same("Esc"),
        Text("go to the Cancel button of a running task", "跳到进行中任务的“取消任务”按钮"),
    ),
    (Text("Space, K", "空格、K"), Text("play or pause the video in focus", "播放或暂停选中的视频")),
    (Text.same("J, L"), Text("back or forward by a second", "后退或前进 1 秒")),
    (Text.same("← →"), Text("move between the tabs", "在标签页之间移动")),
    (Text.same("?"), Text("show or hide this list", "显示或隐藏此列表")),
]
_GATEWAY: Final = Text("gateway {url}", "网关 {url}")
_CONNECTING: Final = Text("Connecting to the gateway…", "正在连接网关……")
_NO_VIDEOS: Final = Text(
    "Your videos appear here. You can keep working in other cells while they are generated.",
    "生成的视频会显示在这里；生成期间可以继续运行其他单元格。",
)
