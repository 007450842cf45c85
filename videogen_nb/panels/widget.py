"""``Panel``: the base class of all panels."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, ParamSpec, TypeVar

import anywidget
from traitlets import Bool, MetaHasTraits, Unicode

from ..blocking import Connection
from ..blocking.call import Call, submit
from ..errors import VideogenError
from ..i18n import Text
from .browser import kernel_texts as kernel
from .browser import rerun
from .browser.page import Page
from .browser.scripts import joined, stylesheet
from .browser.still_image import still
from .browser.transfer import Content, Message, Outbox
from .gateway_link import Link

P = ParamSpec("P")
T = TypeVar("T")

_UNEXPECTED = Text(
    "Unexpected error ({kind}: {message}). Your input is still here; try again.",
    "发生意外错误（{kind}：{message}）。已输入的内容仍在，请重试。",
)
_LIVE = Text(
    "A live videogen-nb panel. Run the cells above and this one to use it.",
    "videogen-nb 的交互面板，依次运行上面的单元格和本单元格即可使用。",
)
_CLOSED = Text("This panel was closed. Create a new one.", "此面板已关闭，请重新创建。")

#: Fixed texts of the button that lets the browser notify, in every part that has one.
NOTIFY_TEXTS: Final[Mapping[str, Text]] = {
    "notify": Text("Notify me", "完成时通知我"),
    "notify_blocked": Text(
        "Your browser blocks notifications from this page. Allow them in its site settings.",
        "浏览器禁止了此页面的通知，请在网站设置中允许。",
    ),
}
#: The fixed texts of each kind of part, by its name in the scripts.
_TEXTS: dict[str, Mapping[str, Text]] = {}


class _Made(MetaHasTraits):
    """Records when a panel's constructor has finished: only then can it be drawn."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        panel = super().__call__(*args, **kwargs)
        panel._made = True
        panel.touch()
        return panel


class Panel(anywidget.AnyWidget, metaclass=_Made):
    """A panel with its state in traits, usable with and without a browser.

    ``busy`` is true while an action is running, ``error`` is the last error as text ("" = none),
    ``problem`` its exception.

    A panel is one widget, even if it contains other panels, which are shown through the outermost
    one. It is opened when shown; until then, or without a browser, it needs no connection.
    """

    busy = Bool(False)
    error = Unicode("")
    title: ClassVar[Text] = Text("Panel", "面板")
    #: Which script draws it (``static/main.js`` has the list), and that script's fixed texts.
    part: ClassVar[str] = "panel"
    texts: ClassVar[Mapping[str, Text]] = {**kernel.TEXTS, **NOTIFY_TEXTS}
    #: Traits that the page may set.
    fields: ClassVar[tuple[str, ...]] = ()
    #: Lists in ``view()`` of which only the items (with an ``id``) that have changed are sent.
    pieces: ClassVar[tuple[str, ...]] = ()

    _ipython_display_ = None  # ipywidgets 7 has one, which goes past _repr_mimebundle_
    _esm: Any = Unicode(joined()).tag(sync=True)
    _css: Any = Unicode(stylesheet()).tag(sync=True)
    _anywidget_id = Unicode("videogen_nb.panels").tag(sync=True)
    _made = False
    _shown = False
    _up: Panel | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "part" in cls.__dict__:  # else it is a base of others, and drawn by no script
            _TEXTS[cls.part] = cls.texts

    def __init__(self, connection: Connection | Link | None = None) -> None:
        self.link = Link.of(connection)
        self.problem: BaseException | None = None
        self.outbox = Outbox()
        self.parts: dict[str, Panel] = {}
        self._page = Page(self)
        self._closed = False
        self._following: set[Call[Any]] = set()
        super().__init__()
        self.on_msg(self._page.hear)
        self.link.observe(self._speak, "language")

    # What panels are made of

    def view(self) -> dict[str, Any]:
        """Return what this panel shows as plain values, beyond what every panel has."""
        return {}

    def section(self) -> dict[str, Any]:
        """Return everything for this panel's script, without the panels inside it."""
        return {
            "part": self.part,
            "label": self.text(self.title),
            "language": self.link.language,
            "busy": self.busy,
            "error": self.error,
            **self.view(),
        }

    def text(self, text: Text) -> str:
        """Render a text in the user's language."""
        return text.render(self.link.language)

    def adopt(self, name: str, panel: Panel) -> None:
        """Make a panel part of this one under a unique name."""
        self.parts = {**self.parts, name: panel}
        panel._up = self
        self.touch()

    def release(self, name: str) -> None:
        """Undo ``adopt``; the panel itself stays usable."""
        self.parts = {n: part for n, part in self.parts.items() if n != name}
        self.touch()

    def touch(self) -> None:
        """Schedule an update of the page."""
        panel: Panel | None = self
        while panel is not None:
            if panel.comm is not None and panel._made:
                panel._page.changed()
            panel = panel._up

    def hear(self, message: Message, buffers: Sequence[Any]) -> Message | None:
        """Handle a message from the page: set a field, press a button, send bytes."""
        op, name = message.get("op"), str(message.get("name", ""))
        if op == "pull":
            return self.outbox.hear(message)
        if op == "set":
            self.put(name, message.get("value"))
        elif op == "press" and (act := getattr(self, f"_on_{name}", None)) is not None:
            act(message)
        return None

    def put(self, name: str, value: Any) -> None:
        """Set a field to a value from the page."""
        if name in self.fields:
            self.set_trait(name, value)

    def send_file(self, path: Path, content_type: str) -> None:
        """Make every browser page that shows this panel download a file."""
        self.outbox.put(path.name, Content(path, content_type))
        self.tell({"op": "save", "key": path.name, "name": path.name})

    def tell(self, message: Message) -> None:
        """Send a message to this panel's script on every page that shows it."""
        path, panel = "", self
        while True:
            panel._page.flush()  # before the message: it is about what the page shows by then
            panel.send({**message, "to": path or "/"})
            if panel._up is None:
                return
            path, panel = f"/{panel.name}{path}", panel._up

    @property
    def name(self) -> str:
        """The name in its parent panel; "" if it has none."""
        parts = self._up.parts if self._up is not None else {}
        return next((name for name, part in parts.items() if part is self), "")

    @staticmethod
    def texts_in(language: str) -> dict[str, dict[str, str]]:
        """Return the fixed texts of every kind of part, with ``{fields}`` left for the scripts."""
        return {
            part: {name: text.zh if language == "zh" else text.en for name, text in texts.items()}
            for part, texts in _TEXTS.items()
        }

    def all_texts(self) -> dict[str, dict[str, str]]:
        """Return the fixed texts of every kind of part in the user's language."""
        return self.texts_in(self.link.language)

    # Work, and what goes wrong in it

    def run(
        self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> Call[T]:
        """Run ``work(…)`` on the private loop; errors are shown and raised again."""
        return submit(self._guarded(work, *args, **kwargs))

    def follow(
        self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> Call[T]:
        """Like ``run``, for work that ends with the panel: following, refreshing."""
        call = self.run(work, *args, **kwargs)
        self._following.add(call)
        call.add_done_callback(self._following.discard)
        return call

    async def _guarded(
        self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            return await work(*args, **kwargs)
        except Exception as problem:
            # The boundary between a panel's work and the person: everything is told as a text.
            self.fail(problem)
            raise

    def fail(self, problem: Exception) -> None:
        """Show an error in the panel."""
        self.problem = problem
        self.error = self.text(text_of(problem))

    def clear_error(self) -> None:
        """Clear the error."""
        self.problem = None
        self.error = ""

    def _speak(self, _change: Any) -> None:
        if isinstance(self.problem, VideogenError):
            self.error = self.text(self.problem.text)
        self.touch()

    # The widget

    def notify_change(self, change: Any) -> None:
        super().notify_change(change)
        self.touch()

    def add_traits(self, **traits: Any) -> None:
        # anywidget adds those that the class has already, and with them a new class a panel.
        if missing := {n: trait for n, trait in traits.items() if not self.has_trait(n)}:
            super().add_traits(**missing)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return {**state, **self._page.state()} if key is None and self._made else state

    def open(self) -> None:
        """Open the connection to the page once the panel is shown."""
        if self._shown and self.comm is None:
            state = self._page.state()
            super().open()
            self._page.opened(state)

    @property
    def model_id(self) -> str | None:
        """The widget's id. Anything that reads it (a ``VBox``, a display) shows the panel."""
        if not self._closed and self.comm is None:
            self._shown = True
            self.open()
        known: str | None = self._model_id if self.comm is None else self.comm.comm_id
        return known

    @property
    def closed(self) -> bool:
        """Whether it was closed, or replaced when its cell was run again."""
        return self._closed

    @property
    def widget(self) -> Panel:
        """The panel itself."""
        return self

    def close(self) -> None:
        """Stop following and remove the panel from the page. Tasks continue; videos are kept.

        Can be called repeatedly; panels inside it are closed, too, and boxes around it release it.
        """
        if getattr(self, "_closed", True):  # also when the constructor did not get that far
            return
        self._closed = True
        self.link.unobserve(self._speak, "language")
        for call in list(self._following):
            call.cancel()
        for part in self.parts.values():
            part.close()
        self.outbox.keep_only(set())
        if self.comm is not None:
            rerun.leave_boxes(self)
            layout = self.layout
            super().close()
            layout.close()  # Widget.close() leaves it behind
            self.__dict__.pop("_repr_mimebundle_", None)  # Widget.close() hides it

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{', closed' if self._closed else ''}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if self._closed:
            return {"text/plain": self.text(_CLOSED)}
        self._shown = True
        self.open()
        rerun.showing(self)
        bundle = super()._repr_mimebundle_(**options)
        data: dict[str, Any] = bundle[0] if isinstance(bundle, tuple) else bundle or {}
        live = self.text(_LIVE)
        data |= {"text/plain": live, "text/html": still(self.text(self.title), live, self.poster())}
        return bundle

    def poster(self) -> bytes | None:
        """Return a JPEG of what the panel shows, for the still in a saved notebook, or None."""
        return None


def text_of(problem: BaseException) -> Text:
    """Return the message for an exception: its own text, or a general one."""
    if isinstance(problem, VideogenError):
        return problem.text
    return _UNEXPECTED(kind=type(problem).__name__, message=str(problem))


_TEXTS[Panel.part] = Panel.texts
