"""``PromptPanel``: the prompt, examples, options and the button."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Protocol

from traitlets import HasTraits, Instance, List, Unicode, observe

from ..blocking import Connection
from ..blocking.call import Call
from ..engines.sketch import SketchEngine, preview
from ..errors import BadInput, BadParameter, BadPrompt, VideogenError
from ..i18n import Text
from ..protocol.models import Drawn, VideoTask
from .browser.transfer import Content, Message
from .form.engine_notice import MISSING, keep_key, key_label, notice_of
from .form.examples import examples_for, posters
from .form.frames import check_last, default_prompt
from .form.options import NO_CAPTION, Options
from .gateway_link import Link
from .results.drawn_parts import drawn_view
from .task import TaskList
from .widget import Panel

#: Clicks that arrive so soon after each other, with nothing changed, are one click.
DOUBLE_CLICK_S = 1.0

_NOT_READY: Final = "engine_not_ready"
_POSTERS_KEY: Final = "example posters"
#: What a repeated task takes over from the first one; it gets a new seed.
_REPEATED: Final = ("duration", "ratio", "resolution", "fps", "caption")


class Source(Protocol):
    """What a video starts from: an :class:`UploadPanel` or a :class:`UrlPanel`."""

    async def inputs(self) -> dict[str, Any]:
        """Return its arguments for ``create_task``."""
        ...


def _failed(call: Call[VideoTask] | None) -> bool:
    """Return whether a call failed, so that pressing the button again means trying again."""
    return call is not None and (call.cancelled() or call.exception() is not None)


class PromptPanel(Panel):
    """A panel to write a prompt. ``value`` is the prompt, ``options`` the other fields.

    ``start()`` is the button. ``source`` is what the video starts from (None = only the prompt).
    ``tasks`` are the tasks created; they are shown below, in ``videos``, unless another list is
    given.
    """

    value = Unicode("")
    tasks = List(Instance(VideoTask))
    source: Any = Instance(object, allow_none=True)
    title = Text("Prompt", "提示词")
    part = "prompt"
    fields = ("value",)
    texts: ClassVar = {
        "start": Text("Generate video", "生成视频"),
        "start_hint": Text(
            "Generate video (Ctrl+Enter in the prompt)", "生成视频（在提示词中按 Ctrl+Enter）"
        ),
        "options": Text("Options: {summary}", "选项：{summary}"),
        "seed": Text("Seed", "种子"),
        "any_seed": Text("random", "随机"),
        "keep_key": Text("Save key", "保存密钥"),
        "retry": Text("Reconnect to the gateway", "重新连接网关"),
    }

    def __init__(
        self,
        connection: Connection | Link | None = None,
        *,
        source: Source | None = None,
        videos: TaskList | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._started: Call[VideoTask] | None = None
        self._draft: Any = None
        self._pressed = float("-inf")
        self._example = ""
        self._status = Text.same("")
        self._unreached = False
        self._inputs: dict[str, dict[str, Any]] = {}
        self.options = Options(self.text)
        super().__init__(connection)
        self.outbox.put(_POSTERS_KEY, Content(posters(), "application/json"))
        self._own_videos = videos is None
        self.videos = videos or TaskList(self.link, remake=self.remake, use=self.use)
        if self._own_videos:
            self.adopt("videos", self.videos)
        self.videos.observe(self._finished, "value")
        self.options.observe(self.edited)
        self.link.observe(self._told, "engines")
        self.source = source
        self._ask_engines()

    def start(self) -> Call[VideoTask]:
        """Create a task from the form; a double press creates only one.

        An image needs no prompt: without one, the camera slowly moves in.

        Raises (from the call's result):
            BadPrompt, BadParameter, BadImage: the panel shows why, and the input is kept.
            GatewayError, OutcomeUnknown: the gateway could not be reached, or the response was
                lost.
        """
        draft = (self.value, id(self.source), repr(self.options.trait_values()))
        soon = self._clock() - self._pressed < DOUBLE_CLICK_S
        running = self._started is not None and not self._started.done()
        twice = running or (soon and not _failed(self._started))
        if self._started is not None and twice and draft == self._draft:
            return self._started
        before = self._started if running else None
        self._draft, self._pressed = draft, self._clock()
        self.busy = True
        self._started = self.run(self._create, self.source, self.value, before)
        return self._started

    @property
    def started(self) -> Call[VideoTask] | None:
        """The last call returned by ``start()``."""
        return self._started

    async def remake(self, task: VideoTask, from_image: bool = False) -> VideoTask:
        """Generate the same video with another seed (on the private loop).

        Raises:
            BadInput: it was generated from an image that this panel does not have.
        """
        inputs = self._inputs.get(str(task.id))
        if inputs is None and from_image:
            raise BadInput(_IMAGE_GONE)
        wanted = {k: v for k, v in (task.parameters or {}).items() if k in _REPEATED}
        wanted["seed"] = secrets.randbelow(2**31)
        if task.engine:
            wanted["engine"] = task.engine
        client = await self.link.client()
        new = await client.create_task(
            task.prompt or "", parent=str(task.id), again=True, **wanted, **(inputs or {})
        )
        self._note(new, inputs or {})
        return new

    def use(self, task: VideoTask, *, image_gone: bool = False) -> None:
        """Fill in the prompt and options of a task, including its seed."""
        self.clear_error()
        self.value = task.prompt or ""
        engine, default = task.engine, self.link.engine(None)
        named = "" if default is not None and default.name == engine else engine
        self.options.use({**(task.parameters or {}), "engine": named, "seed": task.seed})
        self._say((_USED_BUT_IMAGE if image_gone else _USED)(id=task.id))
        self.tell({"op": "focus"})

    def inputs_of(self, task: VideoTask) -> Mapping[str, Any] | None:
        """Return the images of a task created here; None = it was not created here."""
        return self._inputs.get(str(task.id))

    def use_example(self, example: str) -> None:
        """Add an example to the prompt, keeping what was typed."""
        typed = self.value.strip()
        self.value = example if typed in ("", self._example) else f"{typed} {example}"
        self._example = self.value if typed in ("", self._example) else self._example

    def view(self) -> dict[str, Any]:
        engine, from_image = self.options.chosen(), self.source is not None
        return {
            "title": self.text(_MOVE_PROMPT if from_image else _PROMPT),
            "placeholder": self.text(_MOVE_PLACEHOLDER if from_image else _PLACEHOLDER),
            "summary": self.options.summary(),
            "options_wrong": isinstance(self.problem, BadParameter),
            "value": self.value,
            "examples": self._examples(),
            "fields": self.options.view(),
            **self.options.values(),
            "notice": "" if self._is_not_ready() else self.text(notice_of(engine)),
            "drawn": self._hint(),
            "key": self.text(key_label(engine)),
            "retry": self._unreached,
            "status": self.text(self._status),
            "own_videos": self._own_videos,
        }

    def _hint(self) -> dict[str, str]:
        """Return what the built-in engine would draw for the prompt; nothing for other engines.

        The gateway uses the same function, so this needs no request.
        """
        engine = self.options.chosen()
        if engine is None or engine.name != SketchEngine.name:
            return drawn_view(None, self.text)
        caption = self.options.caption != NO_CAPTION
        told = preview(self.value, self.source is not None, caption)
        link = f"{self.link.url}/engines" if self.link.url else None
        drawn = Drawn(line=self.text(told.ahead), link=link) if told else None
        return drawn_view(drawn, self.text)

    def put(self, name: str, value: Any) -> None:
        if self.options.has_trait(name):
            self.options.set_trait(name, str(value or ""))
        else:
            super().put(name, value)

    def _examples(self) -> dict[str, Any]:
        known = examples_for(self.options.chosen(), self.source is not None, self.text)
        items = [
            {
                "title": choice.title,
                "example": choice.example,
                "hint": self.text(_USE(prompt=choice.example)),
                "poster": choice.name if choice.name in known.posters else "",
            }
            for choice in known.choices
        ]
        posters = _POSTERS_KEY if known.posters else ""
        return {"title": self.text(known.title), "items": items, "posters": posters}

    async def _create(
        self, source: Source | None, prompt: str, before: Call[VideoTask] | None
    ) -> VideoTask:
        if before is not None:  # another one was pressed for while this was being sent
            await asyncio.gather(before, return_exceptions=True)
            self.busy = True
        try:
            self.clear_error()
            self._say(_SENDING)
            if not prompt.strip() and source is None:
                raise BadPrompt
            parameters = self.options.parameters()
            self._ready_or_raise()
            client = await self.link.client()
            inputs = await source.inputs() if source is not None else {}
            check_last(self.options.chosen(), inputs)
            prompt = prompt if prompt.strip() else self.text(default_prompt(inputs))
            task = await client.create_task(prompt, **inputs, **parameters)
            there = task.status.finished or any(task.id == known.id for known in self.tasks)
            self._note(task, inputs)
            self.videos.add(task)
            self._say(_THERE(id=task.id) if there else _CREATED)
            if task.cost:
                await self.link.refresh_engines()  # what is spent so far
            return task
        finally:
            self.busy = False

    def _finished(self, change: Any) -> None:
        if self._status is _CREATED:
            self._say(Text.same(""))
        if change["new"] is not None and change["new"].task.cost:
            self.run(self.link.refresh_engines)  # what it did cost is known now

    def _note(self, task: VideoTask, inputs: dict[str, Any]) -> None:
        self._inputs[str(task.id)] = inputs
        if all(task.id != known.id for known in self.tasks):
            self.tasks = [*self.tasks, task]

    def edited(self, _change: Any = None) -> None:
        """Clear the note about the filled-in prompt, since it was edited."""
        if isinstance(self.problem, BadInput) and not self.busy:
            self.clear_error()
        self.touch()

    def _say(self, status: Text) -> None:
        self._status = status
        self.touch()

    def fail(self, problem: Exception) -> None:
        super().fail(problem)
        self._say(Text.same(""))

    def _is_not_ready(self) -> bool:
        """Return whether the error shown is that the engine is not ready, as the notice says."""
        return isinstance(self.problem, BadParameter) and self.problem.code == _NOT_READY

    def _ready_or_raise(self) -> None:
        engine = self.options.chosen()
        if engine is not None and not engine.ready:
            missing = MISSING(title=engine.title, missing=engine.missing or "?")
            raise BadParameter(missing, code=_NOT_READY)

    async def _keep_key(self, name: str, key: str) -> None:
        await keep_key(self.link.url, name, key)
        self.clear_error()
        await self.link.refresh_engines()

    def _ask_engines(self) -> None:
        self._unreached = False
        self.clear_error()
        if self.link.engines is not None:
            self.options.offer(self.link.engines)
        else:
            self.run(self._load_engines)

    async def _load_engines(self) -> None:
        try:
            await self.link.load_engines()
        except VideogenError:
            self._unreached = True
            raise

    def _told(self, _change: Any) -> None:
        if self.link.engines is not None:
            self.options.offer(self.link.engines)
            self._say_again_what_is_missing()
        self.touch()

    def _say_again_what_is_missing(self) -> None:
        """Repeat in the newly chosen language why the engine is not ready, if that is shown."""
        if self._is_not_ready():
            self.clear_error()
            try:
                self._ready_or_raise()
            except BadParameter as problem:
                self.fail(problem)

    @observe("value")
    def _typed(self, _change: Any) -> None:
        self.edited()

    @observe("source")
    def _sourced(self, change: Any) -> None:
        for source, heed in ((change["old"], False), (change["new"], True)):
            if isinstance(source, HasTraits) and source.has_trait("value"):
                (source.observe if heed else source.unobserve)(self.edited, "value")
        self.edited()

    def _on_start(self, _message: Message) -> None:
        self.start()

    def _on_example(self, message: Message) -> None:
        self.use_example(str(message.get("example", "")))

    def _on_retry(self, _message: Message) -> None:
        self._ask_engines()

    def _on_key(self, message: Message) -> None:
        """Save a typed key. It arrives as a message, so it is in no trait and no notebook."""
        engine = self.options.chosen()
        if engine is not None:
            self.run(self._keep_key, engine.name, str(message.get("key", "")))

    def close(self) -> None:
        if not self._closed:
            self.link.unobserve(self._told, "engines")
            self.videos.close()
        super().close()


_PROMPT: Final = Text("What should the video show?", "想生成什么视频？")
_MOVE_PROMPT: Final = Text("How should the image move?", "想让画面怎样动起来？")
_MOVE_PLACEHOLDER: Final = Text(
    "Optional. If left empty, the camera slowly moves in. For example: pan to the left, 5 seconds",
    "可以不填：镜头会缓慢推进。也可以描述，例如：镜头向左平移，5秒",
)
_PLACEHOLDER: Final = Text(
    "Describe it in your own words, for example: a sunset over the sea, 5 seconds",
    "用自己的话描述，例如：生成一个海边日落的5秒视频",
)
_SENDING: Final = Text("Submitting…", "正在提交……")
_CREATED: Final = Text("Task created.", "任务已创建。")
_USED: Final = Text(
    "Filled in the prompt and options of task {id}. Change them if you like, then generate.",
    "已填入任务 {id} 的提示词与选项，可修改后再生成。",
)
_USED_BUT_IMAGE: Final = Text(
    "Filled in the prompt and options of task {id}. Choose its image again, then generate.",
    "已填入任务 {id} 的提示词与选项。请重新选择它的图片，再生成。",
)
_USE: Final = Text("Use this example: {prompt}", "使用示例：{prompt}")
_THERE: Final = Text(
    "You requested this before, so here is the existing task {id}. You were not charged again. To "
    "generate another one, use the button under the video.",
    "之前已提交过相同的请求：这是已有的任务 {id}，未重复计费。如需再生成一个，请使用视频下方的按钮"
    "。",
)
_IMAGE_GONE: Final = Text(
    "This video was made from an image that is no longer here. Choose the image again, then "
    "generate the video.",
    "该视频由图片生成，但该图片已不再保留。请重新选择图片后生成。",
)
