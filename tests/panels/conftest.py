"""Panels driven without a browser, against a real gateway process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from tests.processes import end_gateway, settings_in
from videogen_nb import Connection, connect, set_language
from videogen_nb.local.discovery import ensure_gateway
from videogen_nb.panels.gateway_link import Link
from videogen_nb.panels.widget import Panel
from videogen_nb.settings import Settings

#: What keeps a video short: a second at 480p is made in about a second.
QUICK = {"duration": "1", "resolution": "480p"}


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A gateway process of this test session's own; its settings."""
    settings = settings_in(tmp_path_factory.mktemp("gateway"))
    address = ensure_gateway(settings)
    yield Settings(url=address.url, token=address.token, output=settings.output, home=settings.home)
    end_gateway(settings)


@pytest.fixture
def videos(gateway: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The connection to it; videos are saved in its own folder."""
    monkeypatch.setenv("VIDEOGEN_OUTPUT", str(gateway.output))
    set_language("en")
    yield connect(gateway.url, gateway.token, settings=gateway)
    set_language(None)


@pytest.fixture
def link(videos: Connection) -> Link:
    """A link of the test's own, so that a change of language stays in it."""
    return Link(videos)


@pytest.fixture
def image() -> bytes:
    """A small PNG."""
    return make_image()


def make_image(width: int = 320, height: int = 180, kind: str = "PNG") -> bytes:
    """An image with something to see in it."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return out.getvalue()


def quick(options: Any) -> None:
    """Set the options of a prompt panel so that its videos are short."""
    for name, value in QUICK.items():
        setattr(options, name, value)


def until(what: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait for something that another thread brings about; its value."""
    import time

    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return value


def press(panel: Panel, name: str, **values: Any) -> None:
    """Press a button of a panel as its page does."""
    panel._handle_custom_msg({"op": "press", "name": name, "to": "/", **values}, [])


def type_into(panel: Panel, name: str, value: Any) -> None:
    """Fill a field of a panel as its page does."""
    panel._handle_custom_msg({"op": "set", "name": name, "value": value, "to": "/"}, [])


def texts(panel: Panel) -> str:
    """All that a panel and the panels in it say on the page, as one text."""
    return "\n".join(strings([*panel._page.state().values()][1:]))


def strings(value: Any) -> list[str]:
    """All strings in plain values."""
    if isinstance(value, dict):
        return strings(list(value.values()))
    if isinstance(value, list):
        return [one for inner in value for one in strings(inner)]
    return [value] if isinstance(value, str) else []


class Page:
    """Stands in for the page on which a panel is shown: keeps what it is told."""

    def __init__(self, panel: Panel) -> None:
        panel._repr_mimebundle_()
        self.panel = panel
        self.state: dict[str, Any] = panel.get_state()
        self.updates: list[dict[str, Any]] = []
        self.answers: list[tuple[dict[str, Any], list[Any]]] = []
        panel._send = self._told  # all that goes to a page goes through it, in ipywidgets 7 and 8

    def send(self, message: dict[str, Any], *buffers: Any) -> tuple[dict[str, Any], list[Any]]:
        """Send a message as a script does; the answer to it."""
        message = {"to": "/", "ticket": "t", **message}
        self.panel._handle_custom_msg(message, [memoryview(b) for b in buffers])
        return self.answers[-1]

    def _told(self, msg: dict[str, Any], buffers: Any = None) -> None:
        if self.panel.comm is None:
            return
        if msg["method"] == "update":
            self.updates.append(msg["state"])
            self.state.update(msg["state"])
        else:
            self.answers.append((msg["content"], buffers or []))
