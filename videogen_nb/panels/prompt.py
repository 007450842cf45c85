"""Saying what to make: the prompt, examples to click, and how it is to be made."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

import ipywidgets
from traitlets import Instance, List, Unicode, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..errors import BadInput, BadParameter, BadPrompt, VideogenError
from ..i18n import Text
from ..protocol.models import Choice, VideoTask
from .base import Panel, button, line, row, stack, visible
from .choices import examples_for
from .link import Link
from .notice import MISSING, EngineNotice, keep_key
from .options import Options
from .task import TaskList
from .url import UrlPanel

#: Clicks that arrive so soon after each other, with nothing changed, are one click.
DOUBLE_CLICK_S = 1.0

_PROMPT = Text("What shall the video show?", "想生成什么视频？")
_MOVE_PROMPT = Text("How shall the image move?", "想让画面怎样动起来？")
_MOVE_PLACEHOLDER = Text(
    "Say it in your own words, for example: the camera moves in slowly, 5 seconds",
    "用自己的话描述，例如：镜头缓慢推进，5秒",
)
_PLACEHOLDER = Text(
    "Say it in your own words, for example: a sunset over the sea, 5 seconds",
    "用自己的话描述，例如：生成一个海边日落的5秒视频",
)
_GO = Text("Make the video", "生成视频")
_GO_HINT = Text("Make the video (Ctrl+Enter in the prompt)", "生成视频（在提示词中按 Ctrl+Enter）")
_SENDING = Text("Sending …", "正在提交……")
_MADE = Text("Task {id} was created.", "任务 {id} 已创建。")
_USE = Text("Use this example: {prompt}", "使用示例：{prompt}")
_THERE = Text(
    "The same was asked for before: this is its task {id}, and nothing was paid again. "
    "For another video like it, use the button under the video.",
    "之前已提交过相同的请求：这是其任务 {id}，未重复计费。如需再生成一个，请使用视频下方的按钮。",
)
_IMAGE_GONE = Text(
    "This video was made from an image that is not at hand here any more. "
    "Choose the image anew and make the video from there.",
    "该视频由图片生成，但图片已不在此处。请重新选择图片后生成。",
)
_RETRY = Text("Look for the gateway again", "重新连接网关")


class Source(Protocol):
    """Where a video starts from: an :class:`UploadPanel`, a :class:`UrlPanel`."""

    async def inputs(self) -> dict[str, Any]:
        """The arguments that ``create_task`` takes for it."""
        ...


class PromptPanel(Panel):
    """``value`` is the prompt; ``options`` has the other fields; ``tasks`` what was made of it.

    ``start()`` is the button. ``source`` is where the video starts from (None = from words).
    The tasks are shown beneath, in ``videos``, unless another list is given.
    """

    value = Unicode("")
    tasks = List(Instance(VideoTask))
    source: Any = Instance(object, allow_none=True)
    title = Text("Prompt", "提示词")

    def __init__(
        self,
        connection: Connection | Link | None = None,
        *,
        source: Source | None = None,
        videos: TaskList | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(connection)
        self._clock = clock
        self._started: Call[VideoTask] | None = None
        self._draft: Any = None
        self._pressed = float("-inf")
        self._example = ""
        self._inputs: dict[str, dict[str, Any]] = {}
        self.options = Options(self.wording)
        self.videos = videos or TaskList(self.link, remake=self.remake)
        self.videos.observe(self._videoed, "value")
        self._build(with_videos=videos is None)
        self.options.observe(lambda _: self._show_choices(), "engine")
        self.link.observe(self._told, "engines")
        self.source = source
        self._ask_engines()

    def start(self) -> Call[VideoTask]:
        """Create a task from what is filled in; pressed twice by mistake, it is created once.

        Raises (when the call's result is taken):
            BadPrompt, BadParameter, BadImage: the panel says which, and nothing typed is lost.
            GatewayError, OutcomeUnknown: the gateway could not be asked, or its answer was lost.
        """
        draft = (self.value, id(self.source), repr(self.options.trait_values()))
        soon = self._clock() - self._pressed < DOUBLE_CLICK_S
        running = self._started is not None and not self._started.done()
        if self._started is not None and (running or soon) and draft == self._draft:
            return self._started
        before = self._started if running else None
        self._draft, self._pressed = draft, self._clock()
        self._set_busy(True)
        self._started = self.run(self._create(self.source, self.value, before))
        return self._started

    @property
    def started(self) -> Call[VideoTask] | None:
        """The call that ``start()`` gave last."""
        return self._started

    async def remake(self, task: VideoTask, from_image: bool = False) -> VideoTask:
        """The same video with another seed (on the private loop).

        Raises:
            BadInput: it was made from an image that this panel does not have.
        """
        inputs = self._inputs.get(str(task.id))
        if inputs is None and from_image:
            raise BadInput(_IMAGE_GONE)
        wanted = {k: v for k, v in (task.parameters or {}).items() if k in _ASKABLE}
        wanted["seed"] = secrets.randbelow(2**31)
        if task.engine:
            wanted["engine"] = task.engine
        client = await self.link.client()
        new = await client.create_task(
            task.prompt or "", parent=str(task.id), again=True, **wanted, **(inputs or {})
        )
        inputs = inputs or {}
        self._note(new, inputs)
        return new

    def _build(self, *, with_videos: bool) -> None:
        self.field = ipywidgets.Textarea(continuous_update=True, rows=3)
        self.field.add_class("vnb-prompt")
        self.field.observe(lambda c: self.set_trait("value", c["new"]), "value")
        self._choices = stack()
        self._go = button("vnb-go")
        self.say(self._go, "description", _GO)
        self.say(self._go, "tooltip", _GO_HINT)
        self._go.on_click(lambda _: self.start())
        self.shell.fields = _FIELDS
        self.shell.on_msg(self._pressed_in_browser)
        self._status = line("vnb-status", "vnb-small")
        self._retry = button()
        self.say(self._retry, "description", _RETRY)
        self._retry.on_click(lambda _: self._ask_engines())
        visible(self._retry, False)
        self.notice = EngineNotice(self.wording, self._key_typed)
        form = (self.field, self._choices, self.options.widget, self.notice.widget, self.alert)
        foot = row(self._go, self._retry, self._status)
        sheet = stack(*form, foot, classes=("vnb-stack", "vnb-sheet"))
        self.fill(sheet, *([self.videos.widget] if with_videos else []))

    def _pressed_in_browser(self, _shell: Any, message: dict[str, Any], _buffers: Any) -> None:
        """The button was pressed, with this in the fields."""
        values = message.get("values", {}) if message.get("op") == "go" else None
        if values is None:
            return
        self.value = str(values.get("prompt", self.value))
        self.options.seed = str(values.get("seed", self.options.seed))
        if isinstance(self.source, UrlPanel) and "url" in values:
            self.source.value = str(values["url"])
        self.start()

    async def _create(
        self, source: Source | None, prompt: str, before: Call[VideoTask] | None
    ) -> VideoTask:
        if before is not None:  # another one was pressed for while this was being sent
            await asyncio.gather(before, return_exceptions=True)
            self._set_busy(True)
        try:
            self.clear_error()
            self.say(self._status, "value", _SENDING)
            if not prompt.strip():
                raise BadPrompt
            parameters = self.options.parameters()
            self._ready_or_raise()
            client = await self.link.client()
            inputs = await source.inputs() if source is not None else {}
            task = await client.create_task(prompt, **inputs, **parameters)
            there = task.status.finished or any(task.id == known.id for known in self.tasks)
            self._note(task, inputs)
            self.videos.add(task)
            self.say(self._status, "value", (_THERE if there else _MADE)(id=task.id))
            if task.cost:
                await self.link.refresh_engines()  # what is spent so far
            return task
        finally:
            self._set_busy(False)

    def _videoed(self, change: Any) -> None:
        if change["new"] is not None and change["new"].task.cost:
            self.run(self.link.refresh_engines())  # what it did cost is known now

    def _note(self, task: VideoTask, inputs: dict[str, Any]) -> None:
        self._inputs[str(task.id)] = inputs
        if all(task.id != known.id for known in self.tasks):
            self.tasks = [*self.tasks, task]

    def _set_busy(self, on: bool) -> None:
        self.busy = on
        self._go.disabled = on

    def fail(self, problem: Exception) -> None:
        super().fail(problem)
        self.say(self._status, "value", Text.same(""))

    def _ready_or_raise(self) -> None:
        engine = self.options.chosen()
        if engine is not None and not engine.ready:
            raise BadParameter(MISSING(title=engine.title, missing=engine.missing or "?"))

    def _key_typed(self, name: str, key: str) -> None:
        self.run(self._keep_key(name, key))

    async def _keep_key(self, name: str, key: str) -> None:
        await keep_key(self.link.url, name, key)
        self.clear_error()
        await self.link.refresh_engines()

    def _ask_engines(self) -> None:
        visible(self._retry, False)
        self.clear_error()
        if self.link.engines is not None:
            self._offer()
        else:
            self.run(self._load_engines())

    async def _load_engines(self) -> None:
        try:
            await self.link.load_engines()
        except VideogenError:
            visible(self._retry, True)
            raise

    def _told(self, _change: Any) -> None:
        if self.link.engines is not None:
            self._offer()

    def _offer(self) -> None:
        assert self.link.engines is not None
        self.options.offer(self.link.engines)
        self._show_choices()

    @observe("value")
    def _typed(self, change: Any) -> None:
        if self.field.value != change["new"]:
            self.field.value = change["new"]

    @observe("source")
    def _sourced(self, _change: Any) -> None:
        self._show_choices()

    def _show_choices(self) -> None:
        engine = self.options.chosen()
        self.notice.show(engine)
        from_image = self.source is not None
        self.say(self.field, "description", _MOVE_PROMPT if from_image else _PROMPT)
        hint = _MOVE_PLACEHOLDER if from_image else _PLACEHOLDER
        self.say(self.field, "placeholder", hint)
        title, known = examples_for(engine, from_image, self.wording.render)
        self._choices.children = (self._chips(title, known),)

    def _chips(self, title: Text, choices: list[Choice]) -> Any:
        chips = [self._chip(choice) for choice in choices]
        label = line("vnb-small")
        label.value = self.wording.render(title)
        group = row(*chips, classes=("vnb-row", "vnb-group"))
        self.say(self.shell, "names", {"vnb-group": title})
        return stack(label, group, classes=("vnb-stack", "vnb-chips"))

    def _chip(self, choice: Choice) -> Any:
        chip = button("vnb-chip")
        chip.description = choice.title
        chip.tooltip = self.wording.render(_USE(prompt=choice.example))
        chip.on_click(lambda _: self.use_example(choice.example or ""))
        return chip

    def use_example(self, example: str) -> None:
        """Put an example into the prompt. What a person has typed stays; it is added to."""
        typed = self.value.strip()
        self.value = example if typed in ("", self._example) else f"{typed} {example}"
        self._example = self.value if typed in ("", self._example) else self._example

    def respeak(self) -> None:
        self.options.relist()
        self._show_choices()

    def close(self) -> None:
        if not self._closed:
            self.link.unobserve(self._told, "engines")
        super().close()
        self.videos.close()


#: What a press of the button brings along from the browser, and where it stands there.
_FIELDS = {
    "prompt": ".vnb-prompt textarea",
    "seed": ".vnb-seed input",
    "url": ".vnb-url input",
}
#: What a remade task takes over from the first one; it gets a new seed.
_ASKABLE = ("duration", "ratio", "resolution", "fps")
