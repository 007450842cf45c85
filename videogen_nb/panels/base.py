"""What all panels share: state to observe, a widget to show, one place for what goes wrong."""

from __future__ import annotations

from collections.abc import Coroutine
from html import escape
from typing import Any, ClassVar, TypeVar

import ipywidgets
from traitlets import Bool, HasTraits, Unicode

from ..blocking import Connection
from ..blocking.loop import Call, submit
from ..errors import VideogenError
from ..i18n import Text
from .cells import showing
from .link import Link
from .shell import Shell
from .theme import style
from .wording import Wording

T = TypeVar("T")

_UNFORESEEN = Text(
    "Something unforeseen went wrong ({kind}: {message}). What you typed is still here; try again.",
    "发生了意外错误（{kind}: {message}）。已输入的内容仍在，请重试。",
)


class Panel(HasTraits):
    """A part of the screen with its state in traits, usable with and without a browser.

    ``busy`` is true while something the person asked for is under way, ``error`` is what went
    wrong last, in words ("" = nothing), ``problem`` the exception behind it.
    """

    busy = Bool(False)
    error = Unicode("")
    title: ClassVar[Text] = Text("Panel", "面板")

    def __init__(self, connection: Connection | Link | None = None) -> None:
        super().__init__()
        self.link = Link.of(connection)
        self.wording = Wording(self.link.language)
        self.problem: BaseException | None = None
        self.alert = ipywidgets.HTML()
        self.alert.add_class("vnb-alert")
        self.alert.layout.display = "none"
        self.shell = Shell()
        self.say(self.shell, "label", self.title)
        self.widget = ipywidgets.VBox()
        self.widget.add_class("vnb-panel")
        self.widget.add_class("vnb-stack")
        self._closed = False
        self._following: set[Call[Any]] = set()
        self.link.observe(self._speak, "language")

    def fill(self, *children: Any) -> None:
        """Set what the panel shows, under the parts that every panel has."""
        self.widget.children = (style(), self.shell, *children)

    def say(self, widget: Any, trait: str, text: Text | dict[str, Text]) -> None:
        """Bind a sentence to a widget's trait; it follows the language."""
        self.wording.say(widget, trait, text)

    def run(self, work: Coroutine[Any, Any, T]) -> Call[T]:
        """Do ``work`` on the private loop; what goes wrong there is shown and raised again."""
        return submit(self._guarded(work))

    def follow(self, work: Coroutine[Any, Any, T]) -> Call[T]:
        """As ``run``, for work that ends with the panel: watching, refreshing."""
        call = self.run(work)
        self._following.add(call)
        call.add_done_callback(self._following.discard)
        return call

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except Exception as problem:
            # The boundary between a panel's work and the person: everything is told in words.
            self.fail(problem)
            raise

    def fail(self, problem: Exception) -> None:
        """Show what went wrong where the person is looking."""
        self.problem = problem
        self._tell(words_for(problem))

    def clear_error(self) -> None:
        """Nothing is wrong (any more)."""
        self.problem = None
        self.error = ""
        self.alert.layout.display = "none"

    def _tell(self, text: Text) -> None:
        self.error = self.wording.render(text)
        self.alert.value = escape(self.error)
        self.alert.layout.display = ""

    def _speak(self, change: Any) -> None:
        self.wording.speak(change["new"])
        self.shell.language = change["new"]
        if isinstance(self.problem, VideogenError):
            self._tell(self.problem.text)
        self.respeak()

    def respeak(self) -> None:
        """Say anew what is not bound to one sentence; panels that have such things override it."""

    def close(self) -> None:
        """Stop watching and take the widgets away. Tasks go on; videos stay.

        May be called twice; panels with parts close them, too.
        """
        if self._closed:
            return
        self._closed = True
        self.link.unobserve(self._speak, "language")
        for call in list(self._following):
            call.cancel()
        self.widget.close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        showing(self)
        bundle = self.widget._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = self.wording.render(_LIVE)
        return bundle


_LIVE = Text(
    "A live panel of videogen-nb. Run this cell to use it.",
    "videogen-nb 的交互面板，运行此单元即可使用。",
)


def words_for(problem: BaseException) -> Text:
    """What is said about an exception: its own sentence, or an honest general one."""
    if isinstance(problem, VideogenError):
        return problem.text
    return _UNFORESEEN(kind=type(problem).__name__, message=str(problem))


def line(*classes: str) -> Any:
    """An ``HTML`` widget for one line of escaped text."""
    widget = ipywidgets.HTML()
    for name in classes:
        widget.add_class(name)
    return widget


def button(*classes: str, icon: str = "") -> Any:
    """A button; its words are bound with ``Panel.say``."""
    widget = ipywidgets.Button(icon=icon)
    for name in classes:
        widget.add_class(name)
    return widget


def stack(*children: Any, classes: tuple[str, ...] = ("vnb-stack",)) -> Any:
    """Children below each other (or as the classes say)."""
    box = ipywidgets.VBox(children)
    for name in classes:
        box.add_class(name)
    return box


def row(*children: Any, classes: tuple[str, ...] = ("vnb-row",)) -> Any:
    """Children beside each other, wrapping where it is narrow."""
    box = ipywidgets.HBox(children)
    for name in classes:
        box.add_class(name)
    return box


def visible(widget: Any, on: bool) -> None:
    """Show or hide a widget."""
    widget.layout.display = "" if on else "none"
